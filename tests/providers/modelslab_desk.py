"""What tests of ModelsLab share: short clocks, an order, and a drawing that must leak nothing."""

import traceback
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from limner.domain.errors import DrawingError
from limner.providers.base import Order, Picture
from limner.providers.http import open_session
from limner.providers.modelslab import ModelsLabProvider
from limner.providers.modelslab.bounds import Bounds
from providers.clerk import Clerk
from providers.downloads import downloading
from standins.modelslab import KEY, ModelsLabStandin

QUICK = Bounds(
    submit_seconds=10.0,
    fetch_seconds=10.0,
    first_pause_seconds=0.0,
    longest_pause_seconds=0.0,
    longest_eta_seconds=0.0,
    check_seconds=5.0,
)
MODEL = "imagen-4.0-ultra"


def order(prompt: str, *, model: str = MODEL, seed: int | None = None) -> Order:
    """An order of a picture."""
    return Order("task-1", "character-1", "Merlin", "a wizard", prompt, model, seed)


@dataclass
class Desk:
    """A provider, the stand-in that it talks to, and what is said."""

    standin: ModelsLabStandin
    provider: ModelsLabProvider
    logged: list[EventDict] = field(default_factory=list)

    async def draw(self, prompt: str, clerk: Clerk | None = None, **words: object) -> Picture:
        """Draw, and see that the key is in nothing that is kept."""
        clerk = clerk or Clerk()
        try:
            with capture_logs() as lines:
                return await self.provider.draw(order(prompt, **words), clerk.ticket)  # type: ignore[arg-type]  # the words of `order`
        finally:
            self.logged += lines
            assert KEY not in repr(lines) + repr(clerk)

    async def failure(self, prompt: str, clerk: Clerk | None = None) -> DrawingError:
        """How drawing fails."""
        with pytest.raises(DrawingError) as raised:
            await self.draw(prompt, clerk)
        error = raised.value
        told = "".join(traceback.format_exception(error))
        assert KEY not in told + str(error) + error.detail
        assert str(error).endswith(".")
        assert "!" not in str(error)
        return error


@asynccontextmanager
async def desk(
    *behave: str, bounds: Bounds = QUICK, key: str = KEY, path: str = ""
) -> AsyncIterator[Desk]:
    """A desk with a stand-in of its own, which is done at once with what it is not told of.

    Args:
        behave: of the stand-in.
        bounds: of the provider.
        key: that the provider has.
        path: beside the stand-in's address, where the provider is told that it is.
    """
    async with AsyncExitStack() as stack:
        standin = await stack.enter_async_context(ModelsLabStandin(*behave, "seconds:0"))
        session = await stack.enter_async_context(open_session())
        downloader = await stack.enter_async_context(downloading())
        provider = ModelsLabProvider(
            session,
            downloader,
            base_url=f"{standin.url}{path}",
            key=key,
            model=MODEL,
            concurrency=5,
            bounds=bounds,
        )
        yield Desk(standin, provider)
