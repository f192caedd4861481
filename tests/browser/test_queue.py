"""The queue's page, for those who run it: live, whatever happens to what it is told by."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from browser.axe import FIND, LATEST_RULES
from browser.studio import Studio, halting
from stage.author import Author

SETTINGS = {
    "LIMNER_PROVIDER": "avatar",
    "LIMNER_AVATAR_SECONDS": "2",
    "LIMNER_WORKER_CONCURRENCY": "1",
}
"""One is drawn at a time, so the others wait."""


async def open_queue(author: Author, page: Page) -> None:
    await page.goto(f"{author.address}/queue")
    await expect(page.locator("#connection")).to_have_text("Live")


def entry(page: Page, part: str, name: str) -> Locator:
    """Somebody in one of the lists."""
    return page.locator(f"#{part} .entry").filter(has=page.get_by_role("link", name=name))


async def cast(author: Author, *names: str) -> tuple[str, list[str]]:
    """A story, and those in it; their ids."""
    plot_id = await author.plot()
    return plot_id, [await author.character(plot_id, name) for name in names]


async def test_a_generation_goes_from_waiting_to_finished_without_a_reload(
    author: Author, studio: Studio, page: Page
) -> None:
    await open_queue(author, page)
    await page.evaluate("window.stayed = true")
    finished = (await author.ask("GET", "/api/queue")).json["counts"]["completed"]
    plot_id, (first, second) = await cast(author, "Petunia", "Vernon")
    async with halting(studio.painter, "Petunia"):
        await author.draw(first)
        await author.draw(second)
        await expect(entry(page, "generating", "Petunia")).to_be_visible()
        vernon = entry(page, "pending", "Vernon")
        await expect(vernon.locator(".place")).to_have_text("1")
        await expect(vernon.locator(".by")).to_have_text("avatar · avataaars")
        await expect(page.locator("[data-of=pending] dd")).to_have_text("1")
        link = vernon.get_by_role("link", name="Vernon")
        await link.focus()

    async with halting(studio.painter, "Vernon"):
        drawn = entry(page, "generating", "Vernon")
        await expect(drawn.locator(".by")).to_contain_text("attempt 1 of 3")
        await expect(drawn.locator(".bar rect.generating")).to_have_count(1)
    done = entry(page, "finished", "Vernon")
    await expect(done.locator(".state")).to_contain_text("Completed")
    await expect(done.locator(".bar rect")).to_have_count(2)
    await expect(done.locator(".course")).to_contain_text(re.compile(r"drew [1-9]"))
    await expect(done.locator("img")).to_be_visible()
    # what a test before this one has begun may have come to its end as well
    assert (await author.ask("GET", "/api/queue")).json["counts"]["completed"] >= finished + 2
    await expect(done.get_by_role("link", name="Vernon")).to_be_focused()
    assert await page.evaluate("window.stayed"), "the page was loaded again"

    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{author.address}/?plot={plot_id}")
    await page.go_back()
    await expect(entry(page, "finished", "Vernon")).to_be_visible()


async def test_where_streams_are_refused_it_is_asked_for(author: Author, page: Page) -> None:
    await page.route("**/api/queue/events", lambda route: route.fulfill(status=503))
    await page.goto(f"{author.address}/queue")
    await expect(page.locator("#connection")).to_have_text("Checking every 2 seconds")
    _, (dudley,) = await cast(author, "Dudley")
    await author.draw(dudley)
    await expect(entry(page, "finished", "Dudley")).to_be_visible()


async def test_a_lost_connection_is_said_calmly_and_comes_back(author: Author, page: Page) -> None:
    _, (ripper,) = await cast(author, "Ripper")
    await author.draw(ripper)
    await open_queue(author, page)
    await expect(entry(page, "finished", "Ripper")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.locator(".notice")).to_contain_text("The connection is lost")
    await expect(page.locator("#connection")).to_have_text("Reconnecting…")
    await expect(entry(page, "finished", "Ripper")).to_be_visible()
    clock = await entry(page, "finished", "Ripper").locator(".state").text_content()
    _, (hedwig,) = await cast(author, "Hedwig")
    await author.draw(hedwig)
    await author.finished(hedwig)
    assert await entry(page, "finished", "Ripper").locator(".state").text_content() == clock
    await page.context.set_offline(False)
    await expect(entry(page, "finished", "Hedwig")).to_be_visible()
    await expect(page.locator(".notice")).to_be_hidden()


async def test_markup_in_names_is_shown_as_words(author: Author, page: Page) -> None:
    markup = "<img src=x onerror=window.hurt=1><b>&amp;"
    plot_id = await author.plot(markup)
    await author.draw(await author.character(plot_id, markup))
    await open_queue(author, page)
    await expect(page.locator(".entry .name").first).to_have_text(markup)
    await expect(page.locator(".entry .story").first).to_have_text(markup)
    assert await page.evaluate("window.hurt") is None


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

    async def answer(route: Route) -> None:
        await route.fulfill(json=view)

    _, (one,) = await cast(author, "Cho")
    await author.draw(one)
    await author.finished(one)
    view = (await author.ask("GET", "/api/queue")).json
    done = view["finished"][0]
    first, *_ = done["phases"]
    # what can't be kept as it is for as long as it is looked at
    pending = {**done, "task_id": "1", "name": "Viktor", "status": "pending", "phases": [first]}
    drawn = {**done, "task_id": "2", "name": "Cedric", "status": "generating"}
    failed = {**done, "task_id": "3", "status": "failed", "error": "No.", "error_code": "internal"}
    view |= {"pending": [pending], "generating": [drawn, {**drawn, "task_id": "4"}]}
    view["generating"][1]["late_since"] = done["since"]
    view["finished"] = [done, failed, {**done, "task_id": "5", "status": "canceled"}]
    await page.route("**/api/queue/events", lambda route: route.abort())
    await page.route(lambda url: urlsplit(url).path == "/api/queue", answer)
    await page.goto(f"{author.address}/queue")
    await expect(page.locator("#generating .entry")).to_have_count(2)
    await look()
    assert await page.evaluate("document.getAnimations().length") == 0
    await page.set_viewport_size({"width": 360, "height": 760})
    await look()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    view |= {"pending": [], "generating": [], "finished": []}
    await page.reload()
    await expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    await look()
    assert found == []
