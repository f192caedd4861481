"""The ways to the server that people have: proxies that buffer, refuse, cut, or are gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from browser.sight import card_of, hidden_veil, open_plot, seen_phases, toasts, until
from browser.studio import Studio, halting
from stage.author import Author
from stage.process import BOUND_SECONDS
from stage.proxy import Proxy, Request, Way, proxied

SETTINGS = {"LIMNER_PROVIDER": "avatar", "LIMNER_AVATAR_SECONDS": "4"}
"""Portraits that take longer than a proxy waits for an answer."""

NOTICED_MS = 9_000
"""Within 5 s it is noticed that nothing comes; the rest is for a machine that is busy."""
WATCH = """
async (plotId) => {
  const { watchPlot } = await import("/page/limner.js")
  window.told = []
  const onStatus = ({ seq, status }) => window.told.push([seq, status])
  await new Promise((onPlot) => watchPlot(plotId, { onPlot, onStatus }))
}
"""
"""Another application on the page, which watches the same story."""


@pytest_asyncio.fixture
async def proxy(author: Author) -> AsyncIterator[Proxy]:
    """A proxy before the API."""
    async with proxied(author.address) as proxy:
        yield proxy


async def shown(author: Author, proxy: Proxy, page: Page, plot_id: str) -> None:
    """Open the story through the proxy, and have it watched."""
    await open_plot(replace(author, address=proxy.address), page, plot_id)
    await page.evaluate(WATCH, plot_id)


async def told_in_order(page: Page, seq: int) -> None:
    """Wait until this number was told, as the end of a drawing; until then none came twice or late.

    Some may have been left out: whoever asks is told how it is now.
    """
    await page.wait_for_function("(seq) => window.told.at(-1)?.[0] === seq", arg=seq)
    told: list[tuple[int, str]] = await page.evaluate("window.told")
    assert tuple(told[-1]) == (seq, "completed")
    assert all(one < other for (one, _), (other, _) in pairwise(told)), told


def is_answered_hold(request: Request) -> bool:
    return request.is_held and request.status == 200


def is_passed_stream(request: Request) -> bool:
    return request.is_stream and request.way is Way.PASSING


def is_poll(request: Request) -> bool:
    return request.path.endswith("/image/status") and not request.is_held


@pytest.mark.parametrize("way", [Way.BUFFERING, Way.REFUSING])
async def test_without_streams_the_page_says_so_and_learns_by_held_answers(
    author: Author, proxy: Proxy, page: Page, way: Way
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await proxy.turn(way)
    await shown(author, proxy, page, plot_id)
    dursley = card_of(page, "Dursley")
    await dursley.get_by_role("button", name="Generate Image").click()
    await expect(page.locator("#connection")).to_have_text(
        "Checking for changes", timeout=NOTICED_MS
    )
    await until(dursley, "done")
    await hidden_veil(dursley)
    await expect(dursley.locator("img.portrait")).to_be_visible()
    await proxy.seen(is_answered_hold)
    assert await seen_phases(page, "Dursley") == ["never", "asking", "waiting", "drawing", "done"]
    await told_in_order(page, 3)
    await expect(toasts(page)).to_contain_text("Character image generated successfully")


async def test_where_held_answers_are_cut_too_it_asks_each_second_and_climbs_back_when_it_can(
    author: Author, studio: Studio, proxy: Proxy, page: Page
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    await author.draw(character_id, provider="blank")
    await author.finished(character_id)
    await proxy.turn(Way.CUTTING)
    await page.clock.install()
    await shown(author, proxy, page, plot_id)
    dursley = card_of(page, "Dursley")
    async with halting(studio.painter):
        await dursley.get_by_role("button", name="Draw again").click()
        await proxy.seen(lambda request: request.is_held and request.status == 504)
        proxy.requests.clear()
        await proxy.seen(lambda request: is_poll(request) and request.status == 304)
    await until(dursley, "done")
    await hidden_veil(dursley)
    await told_in_order(page, 6)

    proxy.way = Way.PASSING
    async with asyncio.timeout(BOUND_SECONDS):
        while not any(is_passed_stream(request) for request in proxy.requests):
            await page.clock.run_for(500)
    await expect(page.locator("#connection")).to_have_text("Live")
    proxy.requests.clear()
    await author.draw(character_id, provider="blank")
    await told_in_order(page, 9)
    assert not [request for request in proxy.requests if is_poll(request) or request.is_held]


async def test_a_way_that_begins_to_buffer_while_drawing_is_no_loss(
    author: Author, studio: Studio, proxy: Proxy, page: Page
) -> None:
    plot_id = await author.plot()
    await author.character(plot_id, "Dursley")
    await shown(author, proxy, page, plot_id)
    dursley = card_of(page, "Dursley")
    async with halting(studio.painter):
        await dursley.get_by_role("button", name="Generate Image").click()
        await until(dursley, "drawing")
        await expect(page.locator("#connection")).to_have_text("Live")
        await proxy.turn(Way.BUFFERING)
    await until(dursley, "done")
    await expect(dursley.locator("img.portrait")).to_be_visible()
    await told_in_order(page, 3)  # whether by a held answer or by asking is a matter of moments


async def test_a_way_that_is_gone_for_longer_than_the_drawing_is_told_calmly_and_then_the_truth(
    author: Author, studio: Studio, proxy: Proxy, page: Page
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley")
    await page.clock.install()
    await shown(author, proxy, page, plot_id)
    dursley = card_of(page, "Dursley")
    async with halting(studio.painter):
        await dursley.get_by_role("button", name="Generate Image").click()
        await until(dursley, "drawing")
        await expect(page.locator("#connection")).to_have_text("Live")
        await proxy.go()
        await page.clock.run_for(5_000)
        await expect(page.get_by_text("The connection is lost.")).to_be_visible()
        await expect(dursley.locator(".veil")).to_contain_text("The last we heard: being drawn.")
    assert (await author.finished(character_id))["status"] == "completed"
    assert await dursley.get_attribute("data-phase") == "drawing"

    await proxy.come()
    await until(dursley, "done")
    await hidden_veil(dursley)
    await expect(page.get_by_text("The connection is lost.")).to_be_hidden()
    await expect(dursley.locator("img.portrait")).to_be_visible()
    await told_in_order(page, 3)
    await expect(page.locator("#connection")).to_have_text("Live")
