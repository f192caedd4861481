"""When things go wrong: the page says so calmly, and what comes later is shown all the same."""

import re

from playwright.async_api import BrowserContext, Page, expect

from browser.sight import (
    UNDATED,
    card_of,
    hidden_veil,
    open_plot,
    seen_toasts,
    toasts,
    until,
)
from browser.studio import Studio, halting
from stage.author import Author

SETTINGS = {
    "LIMNER_PROVIDER": "avatar",
    "LIMNER_AVATAR_SECONDS": "2",
    "LIMNER_MAX_ATTEMPTS": "1",
}
"""Portraits that take a moment, and one attempt at each."""

SENTENCE = "The finished image could not be stored."


async def test_a_failure_is_told_in_the_services_own_sentence_and_can_be_tried_again(
    author: Author, page: Page, studio: Studio
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    images, aside = studio.folder / "images", studio.folder / "aside"
    images.mkdir(exist_ok=True)
    images.rename(aside)
    images.write_bytes(b"")
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    await dursley.get_by_role("button", name="Generate Image").click()
    await until(dursley, "failed")
    await hidden_veil(dursley)

    assert (await author.status(character_id))["error"] == SENTENCE
    await expect(dursley.locator(".status")).to_contain_text(SENTENCE)
    alarm = page.locator("[aria-live=assertive]")
    await expect(alarm.locator(".toast-title")).to_have_text(SENTENCE)
    await expect(dursley.get_by_role("button", name="Try again")).to_be_visible()
    await dursley.get_by_text("Details").click()
    await expect(dursley.locator(".code")).to_have_text("storage_unavailable")

    images.unlink()
    aside.rename(images)
    await alarm.get_by_role("button", name="Try again").click()
    await until(dursley, "done")
    await expect(toasts(page)).to_have_text(re.compile("Character image generated successfully"))


async def test_after_two_minutes_the_loading_ends_and_a_late_image_still_appears(
    author: Author, studio: Studio, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await page.add_init_script(UNDATED)
    await page.clock.install()
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    async with halting(studio.painter):
        await dursley.get_by_role("button", name="Generate Image").click()
        await until(dursley, "drawing")
        await page.clock.fast_forward(10_000)
        await expect(toasts(page)).to_contain_text(re.compile("Generating.*10 s so far"))
        await page.clock.fast_forward(10_000)
        await expect(toasts(page)).to_contain_text(re.compile("Generating.*20 s so far"))
        await expect(toasts(page)).to_have_count(1)
        await page.clock.fast_forward(105_000)
        await until(dursley, "late")
        await hidden_veil(dursley)
        await expect(dursley.locator(".status")).to_contain_text("No image after 2 minutes")
        await expect(toasts(page)).to_contain_text("No image after 2 minutes")
        await dursley.get_by_role("button", name="Keep waiting").click()
        await until(dursley, "drawing")
        await page.clock.fast_forward(125_000)
        await until(dursley, "late")
    await until(dursley, "done")
    await expect(dursley.locator("img.portrait")).to_be_visible()
    assert "Character image generated successfully" in (await seen_toasts(page))[-1]


async def test_a_lost_network_is_told_calmly_and_on_return_the_card_tells_the_truth(
    author: Author, studio: Studio, page: Page, context: BrowserContext
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    async with halting(studio.painter):
        await dursley.get_by_role("button", name="Generate Image").click()
        await until(dursley, "drawing")
        # Chromium lets requests that are under way go on, and one that is held would answer.
        live = page.locator("#plot[data-connection=live]")
        await expect(live).to_be_visible()
        await context.set_offline(offline=True)
        await expect(page.get_by_text("The connection is lost.")).to_be_visible()
        await expect(dursley.locator(".veil")).to_contain_text("Reconnecting…")
    assert (await author.finished(character_id))["status"] == "completed"
    await context.set_offline(offline=False)
    await until(dursley, "done")
    await hidden_veil(dursley)
    await expect(dursley.locator("img.portrait")).to_be_visible()
    await expect(page.get_by_text("The connection is lost.")).to_be_hidden()


async def test_what_was_asked_for_without_a_network_is_asked_for_when_it_is_back(
    author: Author, page: Page, context: BrowserContext
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    await open_plot(author, page, plot_id)
    await context.set_offline(offline=True)
    dursley = card_of(page, "Dursley")
    await dursley.get_by_role("button", name="Generate Image").click()
    await until(dursley, "asking")
    await context.set_offline(offline=False)
    await until(dursley, "done")
    drawn = (await author.ask("GET", f"/api/characters/{character_id}/generations")).json["items"]
    assert len(drawn) == 1


async def test_what_was_asked_for_is_drawn_though_its_story_is_left_and_the_page_loaded_again(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot("The Pantry")
    character_id = await author.character(plot_id, "Dursley")
    await page.route("**/image", lambda _never_answered: None, times=1)
    await open_plot(author, page, plot_id)
    async with page.expect_request("**/image"):
        await card_of(page, "Dursley").get_by_role("button", name="Generate Image").click()
    await page.get_by_role("link", name="Your stories", exact=True).click()
    await expect(page.get_by_role("heading", name="Your stories")).to_be_visible()
    async with page.expect_response("**/image"):
        await page.reload()
    await author.finished(character_id)
    await page.get_by_role("link", name=re.compile("^The Pantry")).click()
    await until(card_of(page, "Dursley"), "done")
    drawn = (await author.ask("GET", f"/api/characters/{character_id}/generations")).json["items"]
    assert len(drawn) == 1


async def test_a_story_that_is_not_there_says_so(author: Author, page: Page) -> None:
    await author.plot()
    await page.goto(f"{author.address}/?plot=00000000-0000-4000-8000-000000000000")
    await expect(page.get_by_text("This story is gone.")).to_be_visible()
    await page.get_by_role("link", name="To your stories").click()
    await expect(page.get_by_role("heading", name="Your stories")).to_be_visible()


async def test_what_the_server_objects_to_stands_at_the_field(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    await open_plot(author, page, plot_id)
    await page.get_by_role("link", name="Add the first character").click()
    await page.get_by_label("Name").fill("   ")
    await page.get_by_role("button", name="Add character").click()
    await expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("Name")).to_be_focused()
