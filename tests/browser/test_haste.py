"""Who is quicker than the server: its answers come when they look at something else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from browser.sight import card_of, open_plot
from stage.author import Author

SETTINGS = {"LIMNER_PROVIDER": "blank"}

TYPED = "thin, with a long neck"
TWO_FRAMES = """
new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))
"""


@asynccontextmanager
async def held(page: Page, path: str, method: str) -> AsyncIterator[asyncio.Event]:
    """Hold each answer to these requests until the event is set; at the end all have come."""
    let_go = asyncio.Event()
    answered = asyncio.Event()

    async def answer(route: Route) -> None:
        if route.request.method != method:
            await route.fallback()
            return
        response = await route.fetch()
        await let_go.wait()
        await route.fulfill(response=response)
        answered.set()

    await page.route(path, answer)
    yield let_go
    assert answered.is_set(), f"there was no {method} {path}"
    await page.unroute(path)


async def heard(page: Page, let_go: asyncio.Event, path: str) -> None:
    """Let the answer come, and wait until the page has done with it what it does."""
    async with page.expect_response(path) as answer:
        let_go.set()
    await (await answer.value).finished()
    await page.evaluate(TWO_FRAMES)


async def test_an_answer_that_comes_late_leaves_alone_what_is_typed_meanwhile(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Petunia")
    await open_plot(author, page, plot_id)
    async with held(page, "**/characters", "POST") as let_go:
        await page.get_by_role("link", name="Add character").click()
        await page.get_by_label("Name").fill("Vernon")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(f"{author.address}/?plot={plot_id}")
        await page.get_by_role("link", name="Edit Petunia").click()
        description = page.get_by_label("Description")
        await description.fill(TYPED)
        await heard(page, let_go, "**/characters")
    await expect(card_of(page, "Vernon")).to_have_count(1)
    await expect(description).to_be_visible()
    await expect(description).to_have_value(TYPED)
    await page.get_by_role("button", name="Save").click()
    await expect(card_of(page, "Petunia").locator(".description")).to_have_text(TYPED)
    await expect(page).to_have_url(f"{author.address}/?plot={plot_id}")


async def test_what_the_server_objects_to_is_said_only_where_it_was_asked(
    author: Author, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Petunia")
    await open_plot(author, page, plot_id)
    async with held(page, "**/characters", "POST") as let_go:
        await page.get_by_role("link", name="Add character").click()
        await page.get_by_label("Name").evaluate("(input) => input.removeAttribute('maxlength')")
        await page.get_by_label("Name").fill("V" * 121)
        await page.keyboard.press("Enter")
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(f"{author.address}/?plot={plot_id}")
        await page.get_by_role("link", name="Edit Petunia").click()
        await expect(page.get_by_label("Name")).to_have_value("Petunia")
        await heard(page, let_go, "**/characters")
    await expect(page.locator(".objection:visible")).to_have_count(0)
    await expect(page.get_by_role("button", name="Save")).to_have_attribute(
        "aria-disabled", "false"
    )


async def test_a_story_that_was_removed_takes_nobody_out_of_another(
    author: Author, page: Page
) -> None:
    one, other = await author.plot("The Cupboard"), await author.plot("The Garden")
    await open_plot(author, page, one)
    path = f"**/api/plots/{one}"
    async with held(page, path, "DELETE") as let_go:
        await page.get_by_role("link", name="Edit this story").click()
        await page.get_by_role("button", name="Delete story…").click()
        await page.get_by_role("button", name="Delete", exact=True).click()
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(f"{author.address}/?plot={one}")
        await page.get_by_role("link", name="Your stories", exact=True).click()
        await page.get_by_role("link", name="The Garden").click()
        await expect(page.get_by_role("heading", name="The Garden")).to_be_visible()
        await heard(page, let_go, path)
    await expect(page).to_have_url(f"{author.address}/?plot={other}")
    await expect(page.get_by_role("heading", name="The Garden")).to_be_visible()


async def test_a_story_that_was_begun_does_not_call_back_who_has_opened_another(
    author: Author, page: Page
) -> None:
    other = await author.plot("The Attic")
    await page.goto(f"{author.address}/?dialog=new")
    async with held(page, "**/api/plots", "POST") as let_go:
        dialog = page.get_by_role("dialog", name="A new story")
        await dialog.get_by_label("Title").fill("The Zoo")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Escape")
        await page.get_by_role("link", name="The Attic").click()
        await expect(page.get_by_role("heading", name="The Attic")).to_be_visible()
        await heard(page, let_go, "**/api/plots")
    await expect(page).to_have_url(f"{author.address}/?plot={other}")
