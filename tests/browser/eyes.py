"""Four people who look at one page: on a desktop and on a phone, in the light and in the dark."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from browser.sight import UNDATED

SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 360, "height": 740},
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
BOUND_MS = 20_000

SETTLED = """
async () => {
  await new Promise(requestAnimationFrame)
  await document.fonts.ready
  const ends = ({ effect }) => effect.getComputedTiming().endTime < Infinity
  await Promise.allSettled(document.getAnimations().filter(ends).map(({ finished }) => finished))
  const isWaited = (image) => image.src && image.checkVisibility() && image.loading !== "lazy"
  await Promise.allSettled([...document.images].filter(isWaited).map((image) => image.decode()))
}
"""
"""Waits until what comes by itself has come: but for what goes on for ever, nothing moves."""


@dataclass(frozen=True)
class Eyes:
    """Does the same to every page, and keeps what each then shows."""

    folder: Path
    pages: dict[str, Page]
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def each(self, act: Callable[[Page], Awaitable[object]]) -> None:
        """Have all four do something, at the same time."""
        await asyncio.gather(*map(act, self.pages.values()))

    async def go(self, address: str, sign: str) -> None:
        """Go there, and wait until what this selector names is to be seen."""

        async def arrive(page: Page) -> None:
            await page.goto(address)
            await page.locator(sign).first.wait_for(timeout=BOUND_MS)

        await self.each(arrive)

    async def wait(self, sign: str) -> None:
        """Wait until what this selector names is to be seen by all."""
        await self.each(lambda page: page.locator(sign).first.wait_for(timeout=BOUND_MS))

    async def keep(self, name: str, *, whole: bool = False) -> None:
        """Write what they see into the folder, `whole` with what one would have to scroll to."""
        number = next(self._numbers)

        async def shoot(kind: str, page: Page) -> None:
            size = SIZES[kind.partition("-")[0]]
            if whole:  # not `full_page`, which shows of cards out of sight only the paper
                height = await page.evaluate("document.documentElement.scrollHeight")
                await page.set_viewport_size({**size, "height": height})
            await page.evaluate(SETTLED)
            await page.screenshot(path=self.folder / f"{number:02}-{name}-{kind}.png")
            if whole:
                await page.set_viewport_size(size)

        for kind, page in self.pages.items():  # one after the other: each takes all of a machine
            await shoot(kind, page)


@asynccontextmanager
async def four_eyes(browser: Browser, folder: Path) -> AsyncIterator[Eyes]:
    """A page for each size and each scheme, with the time of day under control."""
    contexts: list[BrowserContext] = []
    pages: dict[str, Page] = {}
    try:
        for (size, viewport), scheme in itertools.product(SIZES.items(), SCHEMES):
            is_phone = size == "phone"
            context = await browser.new_context(
                viewport=viewport,
                color_scheme=scheme,
                is_mobile=is_phone,
                has_touch=is_phone,
                device_scale_factor=2 if is_phone else 1,
            )
            contexts.append(context)
            page = pages[f"{size}-{scheme}"] = await context.new_page()
            await page.clock.install()
            await page.add_init_script(UNDATED)
        yield Eyes(folder, pages)
    finally:
        await asyncio.gather(*(context.close() for context in contexts))
