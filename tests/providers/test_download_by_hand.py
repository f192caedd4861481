"""The stand-in as a person starts it, from the root of the checkout."""

import asyncio
import signal
import sys
from pathlib import Path

from providers.downloads import downloading
from standins.pictures import picture

ROOT = Path(__file__).parents[2]


async def test_the_server_of_pictures_can_be_started_by_hand_and_ends_when_told_to() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.standins", "pictures"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        async with downloading() as downloader:
            assert await downloader.fetch(f"{line.decode().strip()}/late.png") == picture()
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
