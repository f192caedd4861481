"""The stand-in for ModelsLab, as a person at a shell meets it, and what it does not let pass."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from standins.modelslab import KEY, ModelsLabStandin

ROOT = Path(__file__).parents[2]
ORDER = {"key": KEY, "model_id": "imagen-4.0-ultra", "aspect_ratio": "3:4", "prompt": "a wizard"}


async def say(url: str, body: Any) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.json()


async def test_it_says_how_to_point_limner_at_it_and_ends_with_ctrl_c() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.standins", "modelslab", "--port", "0", "--behave", "seconds:0"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(20):
            assert process.stdout is not None
            url = (await process.stdout.readline()).decode().strip()
            said = (await process.stdout.readuntil(b"limner up")).decode()
            status, reply = await say(f"{url}/api/v7/images/text-to-image", ORDER)
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert f"export LIMNER_MODELSLAB_BASE_URL={url}\n" in said
    assert f"export LIMNER_MODELSLAB_API_KEY={KEY}\n" in said
    assert (status, reply["status"]) == (200, "processing")


async def test_the_same_body_is_spam_until_some_time_has_passed() -> None:
    async with ModelsLabStandin("seconds:0") as standin:
        url = f"{standin.url}/api/v7/images/text-to-image"
        assert (await say(url, ORDER))[1]["status"] == "processing"
        assert "spam" in (await say(url, ORDER))[1]["tips"]
        assert (await say(url, {**ORDER, "track_id": "2"}))[1]["status"] == "processing"
    async with ModelsLabStandin("seconds:0", "spam-seconds:0") as standin:
        url = f"{standin.url}/api/v7/images/text-to-image"
        for _ in range(2):
            assert (await say(url, ORDER))[1]["status"] == "processing"


async def test_more_orders_than_the_queue_takes_are_refused_until_one_is_done() -> None:
    async with ModelsLabStandin("limit:2", "processing:0") as standin:
        url = f"{standin.url}/api/v7/images"
        orders = [{**ORDER, "prompt": f"wizard {n}"} for n in range(4)]
        told = [await say(f"{url}/text-to-image", order) for order in orders[:3]]
        assert [status for status, _ in told] == [200, 200, 429]
        assert told[2][1]["retry_after"] == 30
        done = await say(f"{url}/fetch/{told[0][1]['id']}", {"key": KEY})
        assert done[1]["status"] == "success"
        assert (await say(f"{url}/text-to-image", orders[3]))[0] == 200
        assert standin.account.most_queued == 2
        assert standin.account.by_prompt == {"wizard 0": 1, "wizard 1": 1, "wizard 3": 1}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"key": None}, 401),
        ({"key": "no"}, 401),
        ({"prompt": None}, 400),
        ({"prompt": 7}, 400),
        ({"model_id": None}, 200),
        ({"model_id": "none"}, 200),
        ({"aspect_ratio": None}, 200),
        ({"aspect_ratio": "2:1"}, 200),
        ({"samples": "5"}, 200),
        ({"width": 512}, 200),
        ({"seed": 7}, 200),
        ({"track_id": 7}, 200),
        ({"model_id": "imagen-3"}, 200),
        ({"model_id": "flux"}, 200),
    ],
)
async def test_what_modelslab_would_refuse_is_refused(change: dict[str, Any], status: int) -> None:
    async with ModelsLabStandin() as standin:
        told = await say(f"{standin.url}/api/v7/images/text-to-image", {**ORDER, **change})
        assert (told[0], told[1]["status"]) == (status, "error")
        assert standin.account.taken == 0
