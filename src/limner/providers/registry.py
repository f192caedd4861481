"""The providers of this process, by the names that settings and requests use."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp

from limner.domain.errors import StartError
from limner.providers.addresses import ANYWHERE, PUBLIC
from limner.providers.automatic1111 import Automatic1111Provider
from limner.providers.avatar import AvatarProvider
from limner.providers.base import Provider
from limner.providers.blank import BlankProvider
from limner.providers.download import Downloader, open_downloader
from limner.providers.http import open_session
from limner.providers.modelslab import ModelsLabProvider
from limner.providers.openai import OpenAIProvider
from limner.settings import OPENAI_BASE_URL, Settings


@dataclass(frozen=True, slots=True)
class Tools:
    """What providers that are elsewhere are reached with."""

    session: aiohttp.ClientSession
    downloader: Downloader


Make = Callable[[Settings, Tools], Provider | str]
"""Makes a provider; or tells which variable it can't be made without."""


def _modelslab(settings: Settings, tools: Tools) -> Provider | str:
    if settings.modelslab_api_key is None:
        return "LIMNER_MODELSLAB_API_KEY"
    return ModelsLabProvider(
        tools.session,
        tools.downloader,
        base_url=settings.modelslab_base_url,
        key=settings.modelslab_api_key.get_secret_value(),
        model=settings.modelslab_model,
        concurrency=settings.modelslab_concurrency,
    )


def _openai(settings: Settings, tools: Tools) -> Provider | str:
    key = settings.openai_api_key
    if key is None and settings.openai_base_url == OPENAI_BASE_URL:
        return "LIMNER_OPENAI_API_KEY"  # a server of one's own may well ask for none
    return OpenAIProvider(
        tools.session,
        tools.downloader,
        base_url=settings.openai_base_url,
        key=None if key is None else key.get_secret_value(),
        model=settings.openai_model,
        order_seconds=settings.attempt_seconds,
    )


def _automatic1111(settings: Settings, tools: Tools) -> Provider | str:
    if settings.automatic1111_url is None:
        return "LIMNER_AUTOMATIC1111_URL"
    return Automatic1111Provider(tools.session, settings.automatic1111_url)


_MAKERS: Final[dict[str, Make]] = {
    "avatar": lambda settings, _: AvatarProvider(settings.avatar_seconds),
    "modelslab": _modelslab,
    "openai": _openai,
    "automatic1111": _automatic1111,
    "blank": lambda *_: BlankProvider(),
}


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[dict[str, Provider]]:
    """Every provider that can be asked, ready to draw for as long as the block runs.

    What a provider needs for drawing, processes and connections, it starts with the first drawing.

    Raises:
        StartError: a provider that is to draw lacks a setting.
    """
    async with _opened(settings, _MAKERS) as ready:
        yield ready


@asynccontextmanager
async def open_provider(settings: Settings, name: str) -> AsyncIterator[Provider | None]:
    """One provider, for as long as the block runs; None if it can't be asked.

    Raises:
        StartError: it is to draw, and lacks a setting.
    """
    async with _opened(settings, [name]) as ready:
        yield ready.get(name)


@asynccontextmanager
async def _opened(settings: Settings, names: Collection[str]) -> AsyncIterator[dict[str, Provider]]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session())
        reach = ANYWHERE if settings.download_allow_private else PUBLIC
        downloader = await stack.enter_async_context(open_downloader(reach))
        tools = Tools(session, downloader)
        ready: dict[str, Provider] = {}
        for name in names:
            made = _MAKERS[name](settings, tools)
            if not isinstance(made, str):
                ready[name] = made
                stack.push_async_callback(made.aclose)
            elif name in settings.provider:
                raise StartError(f"LIMNER_PROVIDER names {name}, but {made} is not set.")
        yield ready
