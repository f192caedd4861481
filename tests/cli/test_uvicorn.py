"""The application under uvicorn's own command."""

import asyncio
import signal

import aiohttp
import pytest

from stage.author import Author
from stage.process import running
from stage.wire import connected, request

WORDS = ("limner.web.app:app", "--port", "0")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_and_its_streams_end_properly_when_it_is_told_to_stop(
    env: dict[str, str], number: signal.Signals
) -> None:
    async with running(*WORDS, env=env, module="uvicorn") as process:
        line = await process.said("Uvicorn running on")
        url = str(line["event"]).split()[3]
        async with aiohttp.ClientSession(url) as session:
            author = Author(session, url)
            plot_id = await author.plot()
        async with connected(url) as wire:
            await wire.send(request("GET", f"/api/plots/{plot_id}/events"))
            assert (await wire.head())[0] == 200
            chunks = wire.chunks()
            assert (await anext(chunks)).startswith(b"retry: ")
            assert (await anext(chunks)).startswith(b"event: heartbeat\n")
            process.send(number)
            async with asyncio.timeout(5):
                assert [chunk async for chunk in chunks] == []  # and then the empty one
                await process.ended()
    assert not any("Traceback" in line for line in process.raw)
