"""The providers of this process, by the names that settings and requests use."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from limner.domain.errors import StartError
from limner.providers.avatar import AvatarProvider
from limner.providers.base import Provider
from limner.providers.blank import BlankProvider
from limner.settings import OPENAI_BASE_URL, Settings

_IN_HOUSE: Final[dict[str, Callable[[Settings], Provider]]] = {
    "avatar": lambda settings: AvatarProvider(settings.avatar_seconds),
    "blank": lambda _: BlankProvider(),
}


def _openai_is_set_up(settings: Settings) -> bool:
    """A server of one's own may well ask for no key."""
    return settings.openai_api_key is not None or settings.openai_base_url != OPENAI_BASE_URL


_ELSEWHERE: Final[dict[str, tuple[str, Callable[[Settings], bool]]]] = {
    "modelslab": ("LIMNER_MODELSLAB_API_KEY", lambda s: s.modelslab_api_key is not None),
    "openai": ("LIMNER_OPENAI_API_KEY", _openai_is_set_up),
    "automatic1111": ("LIMNER_AUTOMATIC1111_URL", lambda s: s.automatic1111_url is not None),
}
"""What each needs, and whether it has it; `elsewhere` makes them."""


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[dict[str, Provider]]:
    """Every provider that can be asked, ready to draw for as long as the block runs.

    What a provider needs for drawing, processes and connections, it starts with the first drawing.

    Raises:
        StartError: a provider that is to draw lacks a setting.
    """
    async with _opened(settings, [*_IN_HOUSE, *_ELSEWHERE]) as ready:
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
    ready = {name: _IN_HOUSE[name](settings) for name in names if name in _IN_HOUSE}
    elsewhere = []
    for name in (name for name in names if name in _ELSEWHERE):
        needed, is_set_up = _ELSEWHERE[name]
        if is_set_up(settings):
            elsewhere.append(name)
        elif name in settings.provider:
            raise StartError(f"LIMNER_PROVIDER names {name}, but {needed} is not set.")
    async with AsyncExitStack() as stack:
        for provider in ready.values():
            stack.push_async_callback(provider.aclose)
        if elsewhere:
            from limner.providers.elsewhere import open_elsewhere  # noqa: PLC0415 - see there

            ready |= await stack.enter_async_context(open_elsewhere(settings, elsewhere))
        yield ready
