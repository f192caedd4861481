"""The real page in a real browser, against a real API and a real worker."""

import pytest
from playwright.async_api import Locator, Page, expect

from stage.author import Author

BOUND_MS = 20_000


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    """Portraits that take long enough to be seen being drawn."""
    return {**env, "LIMNER_PROVIDER": "avatar", "LIMNER_AVATAR_SECONDS": "1"}


async def test_an_author_sees_the_image_appear_without_a_reload(author: Author, page: Page) -> None:
    await page.goto(author.address)
    await page.get_by_label("Title").fill("The Cupboard")
    await page.get_by_role("button", name="Begin").click()
    dursley = await add_character(page, "Dursley", "a stout man with a large moustache")
    await expect(dursley).to_have_attribute("data-status", "none")
    await page.evaluate("window.stayed = true")

    await dursley.get_by_role("button", name="Generate Image").click()
    await expect(dursley).to_have_attribute("data-status", "generating", timeout=BOUND_MS)
    await expect(dursley).to_have_attribute("data-status", "completed", timeout=BOUND_MS)

    portrait = dursley.locator("img.portrait")
    await expect(portrait).to_be_visible()
    assert (
        await portrait.evaluate("async (image) => (await image.decode(), image.naturalWidth)")
        == 768
    )
    assert await page.evaluate("window.stayed"), "the page was loaded again"


async def test_two_characters_drawn_at_once_each_get_their_own_image(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Petunia", "a thin blonde woman")
    await author.character(plot_id, "Vernon", "a stout man with a moustache")
    await page.goto(f"{author.address}/?plot={plot_id}")
    cards = [page.locator("article.card", has_text=name) for name in ("Petunia", "Vernon")]
    for card in cards:
        await card.get_by_role("button", name="Generate Image").click()
    for card in cards:
        await expect(card).to_have_attribute("data-status", "completed", timeout=BOUND_MS)
    shown = [await card.locator("img.portrait").get_attribute("src") for card in cards]
    people = (await author.ask("GET", f"/api/plots/{plot_id}")).json["characters"]
    assert shown == [person["image_url"] for person in people]
    assert shown[0] != shown[1]


async def test_a_second_page_sees_what_the_first_one_asked_for(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    await page.goto(f"{author.address}/?plot={plot_id}")
    await expect(page.locator("#plot")).to_have_attribute("data-link", "live")
    await author.draw(character_id)
    await expect(page.locator("article.card")).to_have_attribute(
        "data-status", "completed", timeout=BOUND_MS
    )


async def test_what_the_server_objects_to_stands_at_the_field(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    await page.goto(f"{author.address}/?plot={plot_id}")
    await page.get_by_label("Name").fill("   ")
    await page.get_by_role("button", name="Add character").click()
    await expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")


async def add_character(page: Page, name: str, description: str) -> Locator:
    """Fill the form and send it; the card that appears."""
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Description").fill(description)
    await page.get_by_role("button", name="Add character").click()
    card = page.locator("article.card", has_text=name)
    await expect(card).to_be_visible()
    return card
