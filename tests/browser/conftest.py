"""Chromium, headless, as Debian ships it."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from browser.axe import AxeMissingError, axe_source
from browser.sight import BOUND_MS, RECORDER
from browser.studio import Studio, opened
from limner.embedded import PostgresServer, ValkeyServer
from stage.author import Author

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=BOUND_MS)


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all its tests; without one they are skipped, but never in CI."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing, and the page can't go untested in CI")
        pytest.skip("chromium is not installed: `apt-get install chromium` lets these tests run")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A profile of the test's own, in none of whose pages an error goes unseen."""
    context = await browser.new_context()
    await context.add_init_script(RECORDER)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on(
        "console",
        lambda said: errors.append(said.text) if "Content Security" in said.text else None,
    )
    yield context
    await context.close()
    assert errors == []


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> Page:
    """A page in a profile of its own."""
    return await context.new_page()


@pytest_asyncio.fixture(scope="module")
async def studio(
    request: pytest.FixtureRequest,
    postgres: PostgresServer,
    template: str,
    valkey: ValkeyServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Studio]:
    """An API and a worker with the file's SETTINGS, shared by its tests."""
    folder = tmp_path_factory.mktemp("studio")
    async with opened(postgres, template, valkey.url, folder, request.module.SETTINGS) as studio:
        yield studio


@pytest.fixture(scope="module")
def author(studio: Studio) -> Author:
    """A client of the file's API."""
    return studio.author


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's source; without it the tests that need it say why, and are skipped but in CI."""
    try:
        return axe_source()
    except AxeMissingError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{error}: the page can't go unexamined in CI")
        pytest.skip(str(error))
