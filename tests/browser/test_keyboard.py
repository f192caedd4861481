"""The keyboard keeps its place on the page, whatever goes away beneath it."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.async_api import Page, expect

from browser.sight import card_of, open_plot, toasts, until
from browser.studio import Studio
from stage.author import Author

SETTINGS = {"LIMNER_PROVIDER": "blank", "LIMNER_MAX_ATTEMPTS": "1"}
"""One attempt at each, so that what can't be stored fails at once."""


@contextmanager
def full(studio: Studio) -> Iterator[None]:
    """No image can be stored, for as long as the block runs."""
    images, aside = studio.folder / "images", studio.folder / "aside"
    images.mkdir(exist_ok=True)
    images.rename(aside)
    images.write_bytes(b"")
    try:
        yield
    finally:
        images.unlink()
        aside.rename(images)


async def failed(author: Author, page: Page, studio: Studio, *names: str) -> None:
    """A story on the page in which the drawing of each of these has failed."""
    plot_id = await author.plot()
    characters = [await author.character(plot_id, name) for name in names]
    await open_plot(author, page, plot_id)
    with full(studio):
        for character_id, name in zip(characters, names, strict=True):
            await author.draw(character_id)
            await until(card_of(page, name), "failed")


async def test_after_generate_all_it_is_in_the_story_still(author: Author, page: Page) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Petunia")
    await open_plot(author, page, plot_id)
    await page.get_by_role("button", name="Generate all").press("Enter")
    await until(card_of(page, "Petunia"), "done")
    await expect(page.get_by_role("heading", name="The Cupboard")).to_be_focused()


async def test_it_goes_from_a_toast_to_the_next_and_from_the_last_to_the_story(
    author: Author, page: Page, studio: Studio
) -> None:
    await failed(author, page, studio, "Petunia", "Vernon", "Dudley")
    dismiss = toasts(page).get_by_role("button", name="Dismiss")
    await expect(dismiss).to_have_count(3)
    await dismiss.nth(1).focus()
    await page.keyboard.press("Enter")
    await expect(dismiss).to_have_count(2)
    await expect(dismiss.nth(1)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dismiss).to_have_count(1)
    await expect(dismiss).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dismiss).to_have_count(0)
    await expect(page.get_by_role("heading", name="The Cupboard")).to_be_focused()


async def test_trying_again_from_a_toast_goes_on_in_that_of_the_same_person(
    author: Author, page: Page, studio: Studio
) -> None:
    await failed(author, page, studio, "Petunia", "Vernon")
    petunia = toasts(page).nth(0)
    await petunia.get_by_role("button", name="Try again").focus()
    await page.keyboard.press("Enter")
    await until(card_of(page, "Petunia"), "done")
    done = toasts(page).filter(has_text="Character image generated successfully")
    await expect(done.get_by_role("button", name="Dismiss")).to_be_focused()


async def test_when_all_toasts_are_dismissed_it_is_in_the_story_still(
    author: Author, page: Page, studio: Studio
) -> None:
    await failed(author, page, studio, "Petunia", "Vernon", "Dudley", "Hedwig")
    await page.get_by_role("button", name="Dismiss all").press("Enter")
    await expect(toasts(page)).to_have_count(0)
    await expect(page.get_by_role("heading", name="The Cupboard")).to_be_focused()
