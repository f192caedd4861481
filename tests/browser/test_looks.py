"""What the page looks like where it is easily spoilt: at once, on a phone, under a pointer."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from browser.sight import card_of, open_plot, toasts, until
from stage.author import Author

SETTINGS = {"LIMNER_PROVIDER": "avatar", "LIMNER_AVATAR_SECONDS": "30"}
"""Portraits so slow that the page can be looked at meanwhile."""

AT_ONCE_MS = 5_000
"""A third of the time after which a silent stream says that it lives."""
PHONE_HEIGHT = 740
FOUR_CARDS_WIDTH = 1100
"""Just wide enough for as many, so that none can be narrower."""
NARROW_CARD = 250


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """The page of somebody who holds it in one hand."""
    context = await browser.new_context(
        viewport={"width": 360, "height": PHONE_HEIGHT}, is_mobile=True, has_touch=True
    )
    yield await context.new_page()
    await context.close()


async def bottom_of(page: Page, name: str) -> float:
    """How far down the window the thing with this name ends."""
    box = await page.get_by_text(name, exact=True).locator("visible=true").bounding_box()
    assert box is not None
    return box["y"] + box["height"]


async def test_a_story_in_which_nothing_has_happened_is_live_at_once(
    author: Author, page: Page
) -> None:
    await page.goto(f"{author.address}/?plot={await author.plot()}")
    await expect(page.locator("#connection")).to_have_text("Live", timeout=AT_ONCE_MS)


async def test_on_a_phone_what_one_does_most_lies_under_the_thumb(
    author: Author, phone: Page
) -> None:
    plot_id = await author.plot()
    for number in range(4):
        await author.character(plot_id, f"Person {number}")
    await open_plot(author, phone, plot_id)
    assert PHONE_HEIGHT - 80 < await bottom_of(phone, "Add character") <= PHONE_HEIGHT
    assert await phone.evaluate("document.documentElement.scrollWidth") == 360
    await phone.get_by_role("link", name="Your stories", exact=True).click()
    await expect(phone.locator(".book").first).to_be_visible()
    assert PHONE_HEIGHT - 80 < await bottom_of(phone, "New story") <= PHONE_HEIGHT


async def test_on_a_phone_one_toast_stands_for_all(author: Author, phone: Page) -> None:
    plot_id = await author.plot()
    ids = [await author.character(plot_id, name) for name in ("Dursley", "Petunia", "Dudley")]
    await open_plot(author, phone, plot_id)
    await expect(phone.locator("[data-connection=live] .card")).to_have_count(3)
    for character_id in ids:
        await author.draw(character_id)
    await expect(phone.locator(".more")).to_contain_text("and 2 more")
    await expect(toasts(phone)).to_have_count(1)
    await author.ask("DELETE", f"/api/plots/{plot_id}")


async def test_a_button_that_waits_looks_so_under_the_pointer_too(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    draw = dursley.locator(".draw")
    await draw.click()
    await until(dursley, "drawing")
    ground = "(button) => getComputedStyle(button).backgroundColor"
    hovered = await draw.evaluate(ground)
    await page.mouse.move(0, 0)
    assert hovered == await draw.evaluate(ground)
    await author.ask("DELETE", f"/api/plots/{plot_id}")


async def test_on_the_narrowest_card_both_buttons_have_room(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await page.set_viewport_size({"width": FOUR_CARDS_WIDTH, "height": PHONE_HEIGHT})
    await open_plot(author, page, plot_id)
    dursley = card_of(page, "Dursley")
    assert await dursley.evaluate("(card) => card.offsetWidth") < NARROW_CARD
    await dursley.locator(".draw").click()
    await until(dursley, "drawing")
    for name in (".draw", ".cancel"):
        button = dursley.locator(name)
        await expect(button).to_be_visible()
        assert await button.evaluate("(button) => button.scrollWidth <= button.clientWidth")
        assert await button.evaluate(
            "(button) => button.getBoundingClientRect().right"
            " < button.closest('.card').getBoundingClientRect().right - 8"
        )
    await author.ask("DELETE", f"/api/plots/{plot_id}")


async def test_of_what_is_gone_nothing_more_is_offered(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    await open_plot(author, page, plot_id)
    await expect(page.get_by_role("link", name="Add the first character")).to_be_visible()
    await author.ask("DELETE", f"/api/plots/{plot_id}")
    await expect(page.get_by_text("This story is gone.")).to_be_visible()
    for name in ("Add the first character", "Edit this story"):
        await expect(page.get_by_role("link", name=name)).to_be_hidden()


async def test_of_many_who_are_drawn_at_once_the_rings_move_in_steps(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    names = [f"Person {number}" for number in range(7)]
    for name in names:
        await author.character(plot_id, name)
    await open_plot(author, page, plot_id)
    board = page.locator("#board")
    await card_of(page, names[0]).locator(".draw").click()
    await until(card_of(page, names[0]), "drawing")
    await expect(board).not_to_have_attribute("data-crowded", "")
    await page.get_by_role("button", name="Generate 6 more").click()
    await expect(board).to_have_attribute("data-crowded", "")
    await author.ask("DELETE", f"/api/plots/{plot_id}")
