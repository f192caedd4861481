"""Going about in the page: dialogs, addresses, keyboard."""

import re

from playwright.async_api import Page, expect

from browser.sight import card_of, open_plot, toasts, until
from stage.author import Author

SETTINGS = {"LIMNER_PROVIDER": "avatar", "LIMNER_AVATAR_SECONDS": "0"}
"""Portraits that are drawn at once, and differ from each other."""


async def drawn(author: Author, *images: str) -> tuple[str, str]:
    """A story with one character who was drawn for each of these descriptions; both ids."""
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley", images[0])
    for image in images:
        await author.draw(character_id, prompt=image)
        await author.finished(character_id)
    return plot_id, character_id


async def test_the_large_view_is_in_the_address_and_gives_the_focus_back(
    author: Author, page: Page
) -> None:
    plot_id, _ = await drawn(author, "a stout man with a moustache", "a tall woman with red hair")
    await open_plot(author, page, plot_id)
    opener = card_of(page, "Dursley").get_by_role("link", name="Look at Dursley")
    await opener.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Dursley")
    await expect(dialog).to_be_visible()
    await expect(dialog.locator(".strip li")).to_have_count(2)
    newest = await dialog.locator(".large").get_attribute("src")

    await dialog.locator(".strip a").nth(1).click()
    await expect(dialog.locator(".large")).not_to_have_attribute("src", newest or "")
    earlier = await dialog.locator(".large").get_attribute("src")
    async with page.expect_download() as saved:
        await dialog.get_by_role("link", name="Download").click()
    assert (await saved.value).suggested_filename == "Dursley.png"
    await page.reload()
    await expect(dialog.locator(".large")).to_have_attribute("src", earlier or "")

    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page).to_have_url(f"{author.address}/?plot={plot_id}")
    await opener.click()
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await expect(page).to_have_url(f"{author.address}/?plot={plot_id}")
    await page.go_forward()
    await expect(dialog).to_be_visible()
    await page.go_back()
    await expect(dialog).to_be_hidden()


async def test_an_image_drawn_while_the_large_view_is_open_joins_it(
    author: Author, page: Page
) -> None:
    plot_id, character_id = await drawn(author, "a stout man")
    await open_plot(author, page, plot_id)
    await card_of(page, "Dursley").locator(".open").click()
    dialog = page.get_by_role("dialog", name="Dursley")
    before = await dialog.locator(".large").get_attribute("src")
    await author.draw(character_id, prompt="a tall woman with red hair")
    await expect(dialog.locator(".strip li")).to_have_count(2)
    await expect(dialog.locator(".large")).not_to_have_attribute("src", before or "")
    # A dialog makes all outside of it inert; the toasts stay in reach.
    await toasts(page).get_by_role("button", name="Dismiss").click()
    await expect(toasts(page)).to_have_count(0)
    await expect(dialog).to_be_visible()


async def test_an_address_that_names_an_early_image_shows_it_however_many_came_since(
    author: Author, page: Page
) -> None:
    plot_id, character_id = await drawn(author, "a stout man")
    first = await author.status(character_id)
    for _ in range(25):
        await author.draw(character_id, provider="blank")
        await author.finished(character_id)
    query = f"plot={plot_id}&dialog=portrait&character={character_id}"
    await page.goto(f"{author.address}/?{query}&image={first['task_id']}")
    dialog = page.get_by_role("dialog", name="Dursley")
    large = dialog.locator(".large")
    await expect(large).to_have_attribute("src", str(first["image_url"]))
    await expect(dialog.locator("[aria-current]")).to_have_count(1)
    await dialog.get_by_role("button", name="Show more").dblclick()
    await expect(dialog.locator(".strip li")).to_have_count(26)

    await author.draw(character_id, provider="blank")
    await expect(dialog.locator(".strip li")).to_have_count(27)
    await expect(large).to_have_attribute("src", str(first["image_url"]))


async def test_a_character_is_added_changed_and_removed_with_the_keyboard_alone(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    await open_plot(author, page, plot_id)
    await page.get_by_role("link", name="Add the first character").press("Enter")
    await page.keyboard.type("Petunia")
    await page.keyboard.press("Enter")
    petunia = card_of(page, "Petunia")
    await expect(petunia.get_by_role("button", name="Generate Image")).to_be_focused()
    await page.keyboard.press("Enter")
    await until(petunia, "done")

    await petunia.get_by_role("link", name="Edit Petunia").press("Enter")
    await expect(page.get_by_label("Name")).to_have_value("Petunia")
    await page.get_by_label("Description").fill("thin")
    await page.get_by_role("button", name="Save").press("Enter")
    await expect(petunia.locator(".description")).to_have_text("thin")
    await expect(petunia.get_by_role("link", name="Edit Petunia")).to_be_focused()

    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Delete character…").press("Enter")
    await expect(page.get_by_role("button", name="Keep")).to_be_focused()
    await page.get_by_role("button", name="Delete", exact=True).press("Enter")
    await expect(petunia).to_have_count(0)
    await expect(page.get_by_role("heading", name="The Cupboard")).to_be_focused()
    await expect(page).to_have_url(f"{author.address}/?plot={plot_id}")
    assert (await author.ask("GET", f"/api/plots/{plot_id}")).json["characters"] == []


async def test_stories_are_chosen_renamed_and_removed(author: Author, page: Page) -> None:
    for number in range(26):
        await author.plot(f"Story {number}")
    await page.goto(author.address)
    books = page.locator("#books li")
    await expect(books).to_have_count(24)
    await page.get_by_role("button", name="Show more").click()
    await expect(page.get_by_role("link", name=re.compile("^Story 0"))).to_be_visible()
    await page.get_by_role("link", name=re.compile("^Story 25")).click()
    await expect(page.get_by_role("heading", name="Story 25")).to_be_visible()
    await expect(page).to_have_title("Story 25 · Limner")
    await page.get_by_role("link", name="Edit this story").click()
    await page.get_by_role("textbox", name="Title").fill("The Attic")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="The Attic")).to_be_visible()
    # The dialog goes a step back by itself; another at that moment would lead to the same place.
    await expect(page).to_have_url(re.compile(r"\?plot=[^&]+$"))

    await page.go_back()
    await expect(page.get_by_role("link", name=re.compile("^The Attic"))).to_be_visible()
    await page.go_forward()
    await page.get_by_role("link", name="Edit this story").click()
    await page.get_by_role("button", name="Delete story…").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page).to_have_url(f"{author.address}/")
    await expect(page.get_by_role("link", name=re.compile("^Story 24"))).to_be_visible()
    await expect(page.get_by_role("link", name=re.compile("^The Attic"))).to_have_count(0)


async def test_a_toast_that_is_looked_at_stays(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await page.clock.install(time=0)
    await page.clock.pause_at(1_000)
    await open_plot(author, page, plot_id)
    await card_of(page, "Dursley").get_by_role("button", name="Generate Image").click()
    await expect(toasts(page)).to_contain_text("successfully")
    await toasts(page).hover()
    await page.clock.run_for(6_000)
    await expect(toasts(page)).to_have_count(1)
    await page.mouse.move(0, 0)
    await page.clock.run_for(4_000)
    await expect(toasts(page)).to_have_count(1)
    await page.clock.run_for(1_500)
    await expect(toasts(page)).to_have_count(0)
