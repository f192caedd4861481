"""The real page in a real browser, against a real API and a real worker."""

import json
import re
from itertools import pairwise

from playwright.async_api import BrowserContext, Page, expect

from browser.sight import (
    card_of,
    hidden_veil,
    open_plot,
    seen_phases,
    seen_toasts,
    toasts,
    until,
)
from browser.studio import Studio, halting
from stage.author import Author

SETTINGS = {"LIMNER_PROVIDER": "avatar", "LIMNER_AVATAR_SECONDS": "2"}
"""Portraits that take long enough to be seen being drawn."""

SENTENCE = "Something went wrong on our side."
"""What a server in trouble says for itself."""


async def test_an_author_sees_the_image_appear_without_a_reload(
    author: Author, studio: Studio, page: Page
) -> None:
    await page.goto(f"{author.address}/?dialog=new")
    dialog = page.get_by_role("dialog", name="A new story")
    await dialog.get_by_label("Title").fill("The Cupboard")
    await dialog.get_by_role("button", name="Begin").click()
    await page.get_by_role("link", name="Add the first character").click()
    await page.get_by_label("Name").fill("Dursley")
    await page.get_by_label("Description").fill("a stout man with a large moustache")
    await page.get_by_role("button", name="Add character").click()
    dursley = card_of(page, "Dursley")
    await until(dursley, "never")
    await page.evaluate("window.stayed = true")

    async with halting(studio.painter):
        await dursley.get_by_role("button", name="Generate Image").click()
        await until(dursley, "drawing")
        veil = dursley.locator(".veil")
        await expect(veil).to_contain_text("Generating Image")
        await expect(veil).to_contain_text(re.compile(r"This may take .+…|Taking a little longer"))
        await expect(veil.get_by_role("progressbar")).to_be_visible()
        await expect(veil.locator(".wand")).to_be_visible()
        await expect(dursley.get_by_role("button", name="Cancel")).to_be_visible()
    await until(dursley, "done")
    await hidden_veil(dursley)

    portrait = dursley.locator("img.portrait")
    await expect(portrait).to_be_visible()
    assert await portrait.evaluate("(image) => image.naturalWidth") == 768
    await expect(page.locator("#tally")).to_have_text("1 character · 1 drawn")
    assert await page.evaluate("window.stayed"), "the page was loaded again"
    assert await seen_phases(page, "Dursley") == ["never", "asking", "waiting", "drawing", "done"]
    assert re.search(r"[1-9]", " ".join(await page.evaluate("window.seen.progress")))


async def test_toasts_come_at_the_right_moments_and_one_generation_has_one(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await open_plot(author, page, plot_id)
    await card_of(page, "Dursley").get_by_role("button", name="Generate Image").click()
    await expect(toasts(page)).to_contain_text("Character image generated successfully")
    await expect(toasts(page)).to_have_count(1)
    told = await seen_toasts(page)
    titles = [words.split(" | ")[0] for words in told]
    assert [title for title, next_one in pairwise([*titles, ""]) if title != next_one] == [
        "Image generation queued for Dursley",
        "Generating character image…",
        "Character image generated successfully",
    ]
    assert told[0] == "Image generation queued for Dursley | This may take a little while"
    assert "Usually" in told[1]
    assert (await author.ask("GET", f"/api/plots/{plot_id}")).json["characters"][0]["image_url"]
    await expect(toasts(page)).to_have_count(0)


async def test_several_drawn_at_once_each_get_their_own_image(
    author: Author, studio: Studio, page: Page
) -> None:
    plot_id = await author.plot()
    names = ["Petunia", "Vernon", "Dudley", "Yvonne", "Ripper"]
    for name in names:
        await author.character(plot_id, name, f"{name}, a person")
    await open_plot(author, page, plot_id)
    async with halting(studio.painter, "Petunia"):
        await page.get_by_role("button", name="Generate all").click()
        await expect(page.locator(".more")).to_have_text(re.compile("and 2 more"))
        await expect(toasts(page)).to_have_count(3)
    cards = [card_of(page, name) for name in names]
    for card in cards:
        await until(card, "done")
        await card.scroll_into_view_if_needed()
        await expect(card.locator("img.portrait")).to_be_visible()
    shown = [await card.locator("img.portrait").get_attribute("src") for card in cards]
    people = (await author.ask("GET", f"/api/plots/{plot_id}")).json["characters"]
    assert shown == [person["image_url"] for person in people]
    assert len(set(shown)) == len(names)


async def test_two_pages_see_the_same(
    author: Author, studio: Studio, page: Page, context: BrowserContext
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    other = await context.new_page()
    for each in (page, other):
        await open_plot(author, each, plot_id)
    async with halting(studio.painter):
        await card_of(page, "Dursley").get_by_role("button", name="Generate Image").click()
        await until(card_of(other, "Dursley"), "drawing")
    for each in (page, other):
        await until(card_of(each, "Dursley"), "done")

    await other.get_by_role("link", name="Add character").click()
    await other.get_by_label("Name").fill("Petunia")
    await other.keyboard.press("Enter")
    await until(card_of(page, "Petunia"), "never")


async def test_a_page_loaded_again_while_drawing_goes_on_where_it_was(
    author: Author, studio: Studio, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await open_plot(author, page, plot_id)
    async with halting(studio.painter):
        await card_of(page, "Dursley").get_by_role("button", name="Generate Image").click()
        await until(card_of(page, "Dursley"), "drawing")
        await page.reload()
        await until(card_of(page, "Dursley"), "drawing")
        await expect(toasts(page)).to_contain_text("Generating character image…")
    await until(card_of(page, "Dursley"), "done")
    assert await seen_phases(page, "Dursley") == ["drawing", "done"]


async def test_a_double_click_asks_for_one_image(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    await open_plot(author, page, plot_id)
    await card_of(page, "Dursley").get_by_role("button", name="Generate Image").dblclick()
    await until(card_of(page, "Dursley"), "done")
    drawn = (await author.ask("GET", f"/api/characters/{character_id}/generations")).json["items"]
    assert len(drawn) == 1


async def test_canceling_ends_the_loading_and_can_be_followed_by_another(
    author: Author, studio: Studio, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    async with halting(studio.painter):
        await dursley.get_by_role("button", name="Generate Image").click()
        await until(dursley, "drawing")
        await dursley.get_by_role("button", name="Cancel").press("Enter")
        await until(dursley, "canceled")
    await hidden_veil(dursley)
    await expect(toasts(page)).to_contain_text("Image generation canceled")
    draw = dursley.get_by_role("button", name="Generate Image")
    await expect(draw).to_be_focused()
    await draw.press("Enter")
    await until(dursley, "done")


async def test_a_refused_request_says_why_on_its_card_and_in_a_toast_and_can_be_made_again(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    refusal = {"title": "Internal error", "status": 500, "detail": SENTENCE, "code": "internal"}
    await page.route(
        "**/image",
        lambda route: route.fulfill(
            status=500, content_type="application/problem+json", body=json.dumps(refusal)
        ),
        times=1,
    )
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    await dursley.get_by_role("button", name="Generate Image").click()
    await expect(dursley.get_by_role("alert")).to_have_text(SENTENCE)
    await until(dursley, "never")
    await hidden_veil(dursley)
    alarm = page.locator("[aria-live=assertive]")
    await expect(alarm.locator(".toast-title")).to_have_text(SENTENCE)
    await alarm.get_by_role("button", name="Try again").click()
    await until(dursley, "done")
    await expect(dursley.get_by_role("alert")).to_be_hidden()
    await expect(toasts(page)).to_contain_text("Character image generated successfully")
    await expect(toasts(page)).to_have_count(1)


async def test_markup_in_words_is_shown_as_words(author: Author, page: Page) -> None:
    markup = "<img src=x onerror=window.hurt=1><b>&amp;"
    plot_id = await author.plot(markup, style=markup)
    await author.character(plot_id, markup, markup)
    await open_plot(author, page, plot_id)
    card = page.locator("article.card")
    await expect(card.locator(".name")).to_have_text(markup)
    await expect(card.locator(".description")).to_have_text(markup)
    await expect(page.locator("#plot-title")).to_have_text(markup)
    await card.get_by_role("button", name="Generate Image").click()
    await expect(toasts(page)).to_contain_text(markup)
    await until(card, "done")
    await card.locator(".open").click()
    await expect(page.locator("#portrait-dialog h2")).to_have_text(markup)
    assert await page.evaluate("window.hurt") is None
    assert await page.locator("b, img[src=x]").count() == 0
