"""What the scenes of the gallery are played with, and where to look in them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Page

from browser.eyes import BOUND_MS, Eyes
from limner.bus.publish import Bus
from limner.domain.progress import Kind, Stage, progress_object
from stage.author import Author
from stage.process import Process, running


@dataclass(frozen=True)
class Scenery:
    """What the scenes are played with."""

    env: dict[str, str]
    api: Process
    author: Author
    bus: Bus
    eyes: Eyes
    plot_id: str = ""
    ids: dict[str, str] | None = None

    @property
    def story(self) -> str:
        """The address of the story."""
        return f"{self.author.address}/?plot={self.plot_id}"

    def of(self, name: str) -> str:
        """A character's id."""
        assert self.ids is not None
        return self.ids[name]

    @asynccontextmanager
    async def worker(self, **settings: str) -> AsyncIterator[Process]:
        """A worker that is ready to draw, until the end of the block."""
        async with running("worker", "--child", env={**self.env, **settings}) as process:
            await process.said("Waiting for generations")
            yield process

    async def hint(self, name: str, fraction: float | None, at: Stage, **more: object) -> None:
        """Tell how far the drawing of a character is, as a worker would."""
        task = await self.author.status(self.of(name))
        hint = progress_object(
            self.of(name),
            str(task["task_id"]),
            stage=at,
            fraction=fraction,
            kind=Kind.REPORTED,
            eta_seconds=None,
        )
        assert await self.bus.hint(self.plot_id, {**hint, **more})


def card_in(character_id: str, phase: str) -> str:
    """The selector of a character's card in this phase."""
    return f".card[data-character-id='{character_id}'][data-phase={phase}]"


def toast_in(phase: str) -> str:
    """The selector of a toast in this phase."""
    return f".toast[data-phase={phase}]"


async def dismiss_all(page: Page) -> None:
    """Put all toasts away."""
    while await page.locator(".toast .dismiss").count() > 0:
        await page.locator(".toast .dismiss").first.click(timeout=BOUND_MS)
