"""Two hundred images at a provider that lets five orders wait: none is too many, none is lost."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from faults.story import FINAL
from stage.author import Author
from stage.process import Process
from stage.reader import watching
from standins.modelslab import KEY, ModelsLabStandin

IMAGES = 200
ALLOWED = 5
BOUND_SECONDS = 100

Api = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
Worker = Callable[..., AbstractAsyncContextManager[Process]]


@pytest.mark.timeout(BOUND_SECONDS + 20)
async def test_two_hundred_images_never_put_more_than_five_orders_in_the_queue(
    api: Api, worker: Worker
) -> None:
    async with ModelsLabStandin(f"limit:{ALLOWED}", "now", "seconds:0.2", "slow:0.2") as server:
        settings = {
            "LIMNER_PROVIDER": "modelslab",
            "LIMNER_MODELSLAB_API_KEY": KEY,
            "LIMNER_MODELSLAB_BASE_URL": server.url,
            "LIMNER_MODELSLAB_CONCURRENCY": str(ALLOWED),
            "LIMNER_DOWNLOAD_ALLOW_PRIVATE": "true",
            "LIMNER_WORKER_CONCURRENCY": "25",
            "LIMNER_LEASE_SECONDS": "15",
        }
        async with api(**settings) as (_, author), worker(**settings), worker(**settings):
            plot_id = await author.plot()
            cast = [await author.character(plot_id, f"Mara {n}") for n in range(IMAGES)]
            path = f"/api/plots/{plot_id}/events"
            finals: dict[str, str] = {}
            async with watching(author.session, path) as stream, asyncio.timeout(BOUND_SECONDS):
                for few in range(0, IMAGES, 20):  # all in one story, whose row they lock
                    await asyncio.gather(*map(author.draw, cast[few : few + 20]))
                while len(finals) < IMAGES:
                    event = await stream.find(lambda event: event.json.get("status") in FINAL)
                    finals[str(event.json["character_id"])] = str(event.json["status"])
            assert set(finals) == set(cast)
            assert set(finals.values()) == {"completed"}
        account = server.account
        assert (account.submitted, account.taken) == (IMAGES, IMAGES), (
            "none was refused, or repeated"
        )
        assert account.most_queued == ALLOWED, "all that is allowed was made use of, and no more"
