"""The page's form: for all senses, in both schemes, and with two hundred cards."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from browser.axe import FIND, LATEST_RULES
from browser.sight import card_of, open_plot, until
from stage.author import Author

SETTINGS = {"LIMNER_PROVIDER": "blank", "LIMNER_AVATAR_SECONDS": "30"}
"""Squares at once, and portraits so slow that everything can be looked at meanwhile."""


@pytest.fixture(params=["light", "dark"])
async def scheme_page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    """A page of a person who likes it light, or dark, and without motion."""
    context = await browser.new_context(color_scheme=request.param, reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


async def test_axe_finds_nothing(author: Author, scheme_page: Page, axe: str) -> None:
    page = scheme_page
    found: list[str] = []

    async def look() -> None:
        await page.evaluate(axe)
        found.extend(await page.evaluate(FIND, LATEST_RULES))

    for plot in (await author.ask("GET", "/api/plots")).json["items"]:
        await stop_drawing(author, plot["id"])
    await page.goto(author.address)
    await expect(page.get_by_role("button", name="Begin")).to_be_visible()
    await look()
    plot_id = await author.plot()
    await page.reload()
    await expect(page.locator("#books li")).to_have_count(1)
    await look()
    await open_plot(author, page, plot_id)
    await look()
    for name, provider in {"Done": "blank", "Drawing": "avatar", "Never": ""}.items():
        character_id = await author.character(plot_id, name, "Someone")
        if provider:
            await author.draw(character_id, provider=provider)
    await until(card_of(page, "Done"), "done")
    await until(card_of(page, "Drawing"), "drawing")
    await expect(card_of(page, "Done").locator("img.portrait")).to_be_visible()
    await look()
    await card_of(page, "Done").locator(".open").click()
    await expect(page.locator("#portrait-dialog")).to_be_visible()
    await look()
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Edit Never").click()
    await page.get_by_role("button", name="Delete character…").click()
    await look()
    await stop_drawing(author, plot_id)
    assert found == []


async def test_who_wants_no_motion_gets_none(author: Author, scheme_page: Page) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    await author.draw(character_id, provider="avatar")
    await open_plot(author, scheme_page, plot_id)
    await until(card_of(scheme_page, "Dursley"), "drawing")
    assert await scheme_page.evaluate("document.getAnimations().length") == 0
    await stop_drawing(author, plot_id)


async def stop_drawing(author: Author, plot_id: str) -> None:
    """Delete the story: a worker that is told to stop waits for what it still draws."""
    assert (await author.ask("DELETE", f"/api/plots/{plot_id}")).status == 204


async def test_the_chosen_scheme_outlives_a_reload(author: Author, page: Page) -> None:
    await page.goto(author.address)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)
    switch = page.get_by_role("button", name="Dark colours")
    await expect(switch).to_have_attribute("aria-pressed", "false")
    await switch.click()
    await expect(switch).to_have_attribute("aria-pressed", "true")
    dark = await page.evaluate(ground)
    assert dark != light
    await page.reload()
    assert await page.evaluate(ground) == dark


async def test_nothing_moves_when_an_image_comes(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley", "A description")
    await open_plot(author, page, plot_id)
    card = card_of(page, "Dursley")
    size = "(card) => [card.offsetHeight, card.querySelector('.frame').offsetHeight]"
    before = await card.evaluate(size)
    await author.draw(character_id, provider="blank")
    await until(card, "done")
    assert await card.evaluate(size) == before


async def test_of_two_hundred_cards_only_that_of_the_one_who_is_drawn_is_touched(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    for first in range(0, 200, 20):
        numbers = range(first, first + 20)
        await asyncio.gather(*(author.character(plot_id, f"Person {each}") for each in numbers))
    drawn = await author.character(plot_id, "Dursley")
    await open_plot(author, page, plot_id)
    await expect(page.locator("article.card")).to_have_count(201)
    await page.evaluate(
        """() => {
          window.touched = new Set()
          new MutationObserver((records) => {
            for (const { target, addedNodes } of records) {
              for (const node of [target, ...addedNodes]) {
                const element = node instanceof Element ? node : node.parentElement
                const card = element?.closest(".card")
                if (card) window.touched.add(card.querySelector(".name").textContent)
              }
            }
          }).observe(document.body, {
            subtree: true, childList: true, characterData: true, attributes: true,
          })
        }"""
    )
    await author.draw(drawn)
    await until(card_of(page, "Dursley"), "done")
    await author.ask("PATCH", f"/api/plots/{plot_id}", {"title": "Read again"})
    await expect(page.get_by_role("heading", name="Read again")).to_be_visible()
    assert await page.evaluate("[...window.touched]") == ["Dursley"]
