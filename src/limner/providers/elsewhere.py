"""Making the providers that are elsewhere, and what all of them are reached with.

Who has none set up does not import this: aiohttp is a fifth of what a process takes to start.
"""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp

from limner.providers.addresses import ANYWHERE, PUBLIC
from limner.providers.automatic1111 import Automatic1111Provider
from limner.providers.base import Provider
from limner.providers.download import Downloader, open_downloader
from limner.providers.http import open_session
from limner.providers.modelslab import ModelsLabProvider
from limner.providers.openai import OpenAIProvider
from limner.settings import Settings


@dataclass(frozen=True, slots=True)
class Tools:
    """What providers that are elsewhere are reached with."""

    session: aiohttp.ClientSession
    downloader: Downloader


@asynccontextmanager
async def open_elsewhere(
    settings: Settings, names: Collection[str]
) -> AsyncIterator[dict[str, Provider]]:
    """These providers, which have what they need in the settings, for as long as the block runs."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session())
        reach = ANYWHERE if settings.download_allow_private else PUBLIC
        downloader = await stack.enter_async_context(open_downloader(reach))
        tools = Tools(session, downloader)
        made = {name: _MAKERS[name](settings, tools) for name in names}
        for provider in made.values():
            stack.push_async_callback(provider.aclose)
        yield made


def _modelslab(settings: Settings, tools: Tools) -> Provider:
    key = settings.modelslab_api_key
    return ModelsLabProvider(
        tools.session,
        tools.downloader,
        base_url=settings.modelslab_base_url,
        key="" if key is None else key.get_secret_value(),
        model=settings.modelslab_model,
        concurrency=settings.modelslab_concurrency,
    )


def _openai(settings: Settings, tools: Tools) -> Provider:
    key = settings.openai_api_key
    return OpenAIProvider(
        tools.session,
        tools.downloader,
        base_url=settings.openai_base_url,
        key=None if key is None else key.get_secret_value(),
        model=settings.openai_model,
        order_seconds=settings.attempt_seconds,
    )


def _automatic1111(settings: Settings, tools: Tools) -> Provider:
    return Automatic1111Provider(tools.session, settings.automatic1111_url or "")


_MAKERS: Final[dict[str, Callable[[Settings, Tools], Provider]]] = {
    "modelslab": _modelslab,
    "openai": _openai,
    "automatic1111": _automatic1111,
}
