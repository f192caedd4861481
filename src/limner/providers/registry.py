"""The providers of this process, by the names that settings and requests use."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from limner.providers.avatar import AvatarProvider
from limner.providers.base import Provider
from limner.providers.blank import BlankProvider
from limner.settings import Settings


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[dict[str, Provider]]:
    """Every provider that can be asked, ready to draw for as long as the block runs.

    What a provider needs for drawing, processes and connections, it starts with the first drawing.
    """
    every: list[Provider] = [AvatarProvider(settings.avatar_seconds), BlankProvider()]
    async with AsyncExitStack() as stack:
        for provider in every:
            stack.push_async_callback(provider.aclose)
        yield {provider.name: provider for provider in every}
