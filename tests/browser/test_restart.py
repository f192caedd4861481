"""An API process that is gone while an image is drawn: the page keeps calm, and comes back."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from itertools import groupby

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from browser.sight import card_of, hidden_veil, open_plot, seen_phases, seen_toasts, until
from browser.studio import halting
from stage.author import Author
from stage.process import Process

StartApi = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
StartWorker = Callable[..., AbstractAsyncContextManager[Process]]

LOST = "The connection is lost."


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    """Portraits that take a moment."""
    return {**env, "LIMNER_PROVIDER": "avatar", "LIMNER_AVATAR_SECONDS": "2"}


@pytest_asyncio.fixture
async def painter(worker: StartWorker) -> AsyncIterator[Process]:
    """The worker, to be halted while it draws."""
    async with worker() as process:
        yield process


async def drawing(author: Author, page: Page) -> None:
    """Ask for a portrait of Dursley in the page, and wait until it is being drawn."""
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await page.clock.install()
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    await dursley.get_by_role("button", name="Generate Image").click()
    await until(dursley, "drawing")
    await expect(page.locator("#connection")).to_have_text("Live")


async def missed(page: Page) -> None:
    """Wait until the page says that nobody is there."""
    # Of a break that lasts for less than 5 s nothing is said.
    await page.clock.run_for(5_000)
    await expect(page.get_by_text(LOST)).to_be_visible()
    veil = card_of(page, "Dursley").locator(".veil")
    await expect(veil).to_contain_text("The last we heard: being drawn.")


async def back(page: Page) -> None:
    """Wait until nothing of the trouble is left."""
    await expect(page.get_by_text(LOST)).to_be_hidden()
    await expect(page.locator("#connection")).to_have_text("Live")


async def done(page: Page) -> None:
    """Wait for the image; everything was told once, and nothing that was not so."""
    dursley = card_of(page, "Dursley")
    await until(dursley, "done")
    await hidden_veil(dursley)
    await expect(dursley.locator("img.portrait")).to_be_visible()
    assert await seen_phases(page, "Dursley") == ["never", "asking", "waiting", "drawing", "done"]
    titles = [words.split(" | ")[0] for words in await seen_toasts(page)]
    assert [title for title, _ in groupby(titles)] == [
        "Image generation queued for Dursley",
        "Generating character image…",
        "Character image generated successfully",
    ]


async def test_a_server_killed_while_drawing_is_found_again_and_the_drawing_goes_on(
    api: StartApi, painter: Process, page: Page
) -> None:
    async with AsyncExitStack() as second:
        async with api() as (process, author), halting(painter):
            await drawing(author, page)
            process.send(signal.SIGKILL)
            await process.ended()
            await missed(page)
            await second.enter_async_context(api(LIMNER_PORT=port_of(author)))
            await back(page)
            await until(card_of(page, "Dursley"), "drawing")
        await done(page)


async def test_a_server_that_is_stopped_for_longer_than_the_drawing_brings_the_truth_with_it(
    api: StartApi, painter: Process, page: Page
) -> None:
    async with api() as (process, author), halting(painter):
        await drawing(author, page)
        assert await process.stop() == 0
    await missed(page)
    await painter.said("Done")
    assert await card_of(page, "Dursley").get_attribute("data-phase") == "drawing"
    async with api(LIMNER_PORT=port_of(author)):
        await done(page)
        await back(page)


def port_of(author: Author) -> str:
    return author.address.rsplit(":", 1)[1]
