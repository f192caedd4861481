"""A picture of everything that the page can show: `python -m browser.gallery FOLDER`.

Each state is reached as people reach it: real processes, a worker that is slow, full, frozen or
refuses, an API that is killed. Each picture is taken in both schemes, on a desktop and on a phone.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import async_playwright
from rich.console import Console

from browser.conftest import FLAGS
from browser.eyes import four_eyes
from browser.scenery import Scenery
from browser.scenes import play
from limner.bus.publish import open_bus
from limner.embedded import PostgresServer, ValkeyServer
from limner.store.migrate import migrate
from stage.author import Author, session_of
from stage.process import running

FOLDER = Path(tempfile.gettempdir()) / "limner-gallery"


async def main(folder: Path) -> None:
    """Start everything, play all scenes, and write the pictures into the folder.

    Args:
        folder: is made if it is not there; pictures of an earlier run are replaced.
    """
    _empty(folder)
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = await stack.enter_async_context(PostgresServer(data))
        valkey = await stack.enter_async_context(ValkeyServer(data))
        await migrate(postgres.url)
        env = {
            "LIMNER_DATABASE_URL": postgres.url,
            "LIMNER_REDIS_URL": valkey.url,
            "LIMNER_DATA_DIR": str(data),
            "LIMNER_PORT": "0",
            "LIMNER_LEASE_SECONDS": "600",
            "LIMNER_AVATAR_SECONDS": "20",
        }
        api = await stack.enter_async_context(running("api", "--child", env=env))
        address = str((await api.said("Serving"))["address"])
        session = await stack.enter_async_context(session_of(address))
        bus = await stack.enter_async_context(open_bus(valkey.url))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS
        )
        stack.push_async_callback(browser.close)
        eyes = await stack.enter_async_context(four_eyes(browser, folder))
        await play(Scenery(env, api, Author(session, address), bus, eyes))
    Console().print(f"The pictures are in {folder}")


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()


if __name__ == "__main__":
    if shutil.which("chromium") is None:
        sys.exit("chromium is not installed: `apt-get install chromium` lets this run")
    parser = argparse.ArgumentParser(prog="browser.gallery", description=main.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    asyncio.run(main(parser.parse_args().folder))
