"""An order at the stand-in for AUTOMATIC1111, and what is seen and heard of it meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp

from limner.domain.progress import Progress
from limner.providers.automatic1111 import Automatic1111Provider
from limner.providers.automatic1111.bounds import Bounds
from limner.providers.base import Order, Ticket
from limner.providers.http import open_session
from providers.clerk import Clerk
from standins.automatic1111 import Automatic1111Standin

BOUND_SECONDS = 20.0
QUICK = Bounds(interval_seconds=0.0)
ORDER = Order("3f0c", "character", "Vernon", "a stout man", "a portrait of Vernon", "default")


def order(*words: str, model: str = "default", seed: int | None = None) -> Order:
    """An order whose prompt says what the stand-in makes of it."""
    prompt = " ".join([ORDER.prompt, *(f"[{word}]" for word in words)])
    return replace(ORDER, prompt=prompt, model=model, seed=seed)


@dataclass
class Onlooker(Clerk):
    """A clerk for whom a test can wait."""

    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ticket(self) -> Ticket:
        """The ticket that goes with the next order."""

        def report(progress: Progress) -> None:
            self.reports.append(progress)
            self._told.set()

        def show(picture: bytes) -> None:
            self.pictures.append(picture)
            self._told.set()

        return replace(super().ticket, report=report, show=show)

    async def sees(self, progress: Progress) -> None:
        """Wait until this was reported, whatever its eta."""
        async with asyncio.timeout(BOUND_SECONDS):
            while progress not in [replace(each, eta_seconds=None) for each in self.reports]:
                self._told.clear()
                await self._told.wait()

    async def sees_pictures(self, count: int) -> None:
        """Wait until so many previews were shown."""
        async with asyncio.timeout(BOUND_SECONDS):
            while len(self.pictures) < count:
                self._told.clear()
                await self._told.wait()


@asynccontextmanager
async def provider_at(url: str, **limits: float) -> AsyncIterator[Automatic1111Provider]:
    """A provider that looks at its drawings as often as it can."""
    async with open_session() as session:
        provider = Automatic1111Provider(session, url, bounds=replace(QUICK, **limits))
        try:
            yield provider
        finally:
            async with asyncio.timeout(BOUND_SECONDS):
                await provider.aclose()


@asynccontextmanager
async def sitting(
    *behave: str, **limits: float
) -> AsyncIterator[tuple[Automatic1111Standin, Automatic1111Provider]]:
    """A stand-in that draws in no time, and a provider that knows where it is."""
    async with Automatic1111Standin(*behave) as standin, provider_at(standin.url, **limits) as it:
        yield standin, it


async def idle_talk(standin: Automatic1111Standin) -> dict[str, Any]:
    """Ask the stand-in how far it is, often enough for whoever polls it to have asked as well."""
    async with aiohttp.ClientSession(standin.url) as session:
        for _ in range(20):
            async with session.get("/sdapi/v1/progress") as response:
                told: dict[str, Any] = await response.json()
    return told
