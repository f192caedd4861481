"""`python -m tests.standins NAME --port …`: a stand-in for a person to point Limner at.

    python -m tests.standins modelslab --port 9001
    python -m tests.standins modelslab --port 9001 --behave seconds:10 limit:2

prints the settings for `limner up`, and serves until Ctrl-C. How single orders go is said by words
in their prompts; each stand-in's module tells which there are.
"""

import argparse
import asyncio
import contextlib
import importlib
import signal
import sys
from collections.abc import Sequence
from typing import Final

from aiohttp import web

NAMES: Final = ("automatic1111", "modelslab", "openai", "pictures")
"""Modules beside this one. Each has `application(behave)`, and a `KEY` if it wants one; `pictures`
has `open_pictures(port)`."""
SETTINGS: Final = {
    "automatic1111": {"LIMNER_AUTOMATIC1111_URL": "{url}"},
    "modelslab": {
        "LIMNER_MODELSLAB_BASE_URL": "{url}",
        "LIMNER_MODELSLAB_API_KEY": "{key}",
        "LIMNER_DOWNLOAD_ALLOW_PRIVATE": "true",
    },
    "openai": {
        "LIMNER_OPENAI_BASE_URL": "{url}/v1",
        "LIMNER_OPENAI_API_KEY": "{key}",
        "LIMNER_DOWNLOAD_ALLOW_PRIVATE": "true",
    },
}
"""What points Limner at each."""
HOST: Final = "127.0.0.1"


async def serve(name: str, port: int, behave: Sequence[str]) -> None:
    """Run a stand-in until somebody ends it."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    module = importlib.import_module(f".{name}", __package__)
    async with contextlib.AsyncExitStack() as stack:
        if name == "pictures":
            url = (await stack.enter_async_context(module.open_pictures(port))).url
        else:
            runner = web.AppRunner(
                module.application(behave), handler_cancellation=True, shutdown_timeout=1
            )
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, HOST, port).start()
            url = f"http://{HOST}:{runner.addresses[0][1]}"
        _say(name, url, key=getattr(module, "KEY", ""))
        await ended.wait()


def _say(name: str, url: str, *, key: str) -> None:
    """Its address, and in a shell's words what points Limner at it."""
    lines = [url]
    if name in SETTINGS:
        values = {"LIMNER_PROVIDER": name, **SETTINGS[name]}
        said = (f"export {each}={value}" for each, value in values.items())
        lines += ["", *(line.format(url=url, key=key) for line in said), "limner up"]
        lines += ["", "Ctrl-C ends it."]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the words and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.standins",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--port", type=int, default=0, help="0, if not given: a free one")
    parser.add_argument("--behave", nargs="*", default=[], help="words for every order")
    words = parser.parse_args()
    asyncio.run(serve(words.name, words.port, words.behave))


if __name__ == "__main__":
    main()
