"""While an image is waited for: the picture so far, and the place in a long queue."""

import asyncio
import json

from playwright.async_api import Page, Route, expect
from redis.asyncio import Redis

from browser.sight import UNDATED, card_of, hidden_veil, open_plot, toasts, until
from limner.embedded import ValkeyServer
from stage.author import Author, Json
from stage.process import BOUND_SECONDS

SETTINGS = {
    "LIMNER_PROVIDER": "avatar",
    "LIMNER_AVATAR_SECONDS": "60",
    "LIMNER_WORKER_CONCURRENCY": "1",
}
"""Portraits that are never finished here, one at a time."""


async def hint(valkey: ValkeyServer, drawing: Json, share: float, preview_url: str) -> None:
    """Tell of a drawing's progress, as a worker does whose provider sends the picture so far."""
    told = {
        "character_id": drawing["character_id"],
        "task_id": drawing["task_id"],
        "progress": share,
        "progress_kind": "reported",
        "eta_seconds": None,
        "queue_position": None,
        "stage": "drawing",
        "preview_url": preview_url,
    }
    async with Redis.from_url(valkey.url) as redis:
        await redis.publish(f"limner:hint:{drawing['plot_id']}", json.dumps(told))


async def thumbnail(author: Author, plot_id: str) -> str:
    """The path of a small picture that is there."""
    character_id = await author.character(plot_id, "Petunia")
    await author.draw(character_id, provider="blank")
    drawn: Json = await author.finished(character_id)
    return str(drawn["metadata"]["image"]["thumbnail_url"])


async def test_the_picture_so_far_emerges_and_goes_with_its_drawing(
    author: Author, page: Page, valkey: ValkeyServer
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    so_far = await thumbnail(author, plot_id)
    await open_plot(author, page, plot_id)
    await expect(page.locator("#connection")).to_have_text("Live")
    dursley = card_of(page, "Dursley")
    await author.draw(character_id)
    await until(dursley, "drawing")
    preview = dursley.locator("img.preview")
    await expect(preview).to_be_hidden()
    await hint(valkey, await author.status(character_id), 0.5, so_far)
    await expect(preview).to_be_visible()
    assert await preview.evaluate("(image) => image.naturalWidth") > 0
    # The worker's own hints come without a picture.
    await expect(dursley.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "50")
    await expect(preview).to_be_visible()
    await dursley.get_by_role("button", name="Cancel").click()
    await until(dursley, "canceled")
    await hidden_veil(dursley)
    await expect(preview).to_be_hidden()


async def test_a_picture_so_far_that_comes_after_the_end_is_not_shown(
    author: Author, page: Page, valkey: ValkeyServer
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    so_far = await thumbnail(author, plot_id)
    asked, canceled = asyncio.Event(), asyncio.Event()

    async def deliver(route: Route) -> None:
        asked.set()
        await canceled.wait()
        await route.continue_()

    await page.route(f"**{so_far}?late", deliver)
    await open_plot(author, page, plot_id)
    await expect(page.locator("#connection")).to_have_text("Live")
    dursley = card_of(page, "Dursley")
    await author.draw(character_id)
    await until(dursley, "drawing")
    await hint(valkey, await author.status(character_id), 0.5, f"{so_far}?late")
    async with asyncio.timeout(BOUND_SECONDS):
        await asked.wait()
    await dursley.get_by_role("button", name="Cancel").click()
    await until(dursley, "canceled")
    canceled.set()
    preview = dursley.locator("img.preview")
    await preview.evaluate("(image) => image.decode()")
    await expect(preview).to_be_hidden()


async def test_whoever_waits_for_long_is_told_so_and_keeps_the_place_in_the_queue(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    ahead = [await author.character(plot_id, name) for name in ("Petunia", "Vernon")]
    await author.character(plot_id, "Dursley")
    for character_id in ahead:
        await author.draw(character_id)
    await page.add_init_script(UNDATED)
    await page.clock.install()
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    await dursley.get_by_role("button", name="Generate Image").click()
    await expect(dursley.locator(".veil")).to_contain_text("1 ahead in the queue")
    await page.clock.fast_forward(125_000)
    await until(dursley, "late")
    await hidden_veil(dursley)
    status = dursley.locator(".status")
    await expect(status).to_contain_text("No image after 2 minutes.")
    await expect(status).to_contain_text("It still waits, 1 ahead in the queue.")
    await expect(toasts(page).filter(has_text="Dursley")).to_contain_text(
        "still waits in the queue"
    )

    await author.ask("POST", f"/api/characters/{ahead[0]}/image/cancel")
    await expect(status).to_contain_text("It still waits, next in the queue.")
    await author.ask("POST", f"/api/characters/{ahead[1]}/image/cancel")
    await expect(dursley).to_have_attribute("data-status", "generating")
    await expect(status).not_to_contain_text("queue")
    await until(dursley, "late")
    await dursley.get_by_role("button", name="Cancel").click()
    await until(dursley, "canceled")
    await hidden_veil(dursley)
