"""Many who wait with `Prefer: wait`, and what is news to them."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from uuid import uuid4

import pytest

from limner.bus.events import HintEvent, StatusEvent
from limner.bus.hub import Hub
from limner.domain.errors import NotFoundError
from limner.domain.status import Status
from limner.flows.follow import Follow
from limner.flows.openings import Openings
from limner.flows.wait import Wait, Waiter
from limner.store.database import Database
from limner.store.history import History, Polled
from stage.author import Author
from stage.process import BOUND_SECONDS, Process
from stage.wire import connected, request
from store.story import OWNER, Story
from stream.memory import watched

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]


@pytest.mark.parametrize("ends", ["canceled", "stopped"])
async def test_a_crowd_that_waits_is_answered_at_once_and_holds_up_no_stop(
    api: Start, ends: str
) -> None:
    async with api() as (process, author):
        character_id = await author.character(await author.plot())
        await author.draw(character_id)
        asking = request(
            "GET",
            f"/api/characters/{character_id}/image/status",
            Prefer="wait=60",
            Host="127.0.0.1",
        )
        async with AsyncExitStack() as stack:
            wires = [await stack.enter_async_context(connected(author.address)) for _ in range(200)]
            for wire in wires:
                await wire.send(asking)
            await author.ask("GET", "/readyz")
            if ends == "canceled":
                await author.ask("POST", f"/api/characters/{character_id}/image/cancel")
            else:
                process.send(signal.SIGTERM)
            replies = await asyncio.gather(*(wire.reply() for wire in wires))
        assert {reply.status for reply in replies} == {200}
        status = "canceled" if ends == "canceled" else "pending"
        assert {reply.json["status"] for reply in replies} == {status}
        if ends == "stopped":
            assert await process.ended() == 0
            assert not [line for line in process.lines if line["level"] == "error"]


async def test_who_joins_a_plot_that_has_just_ended_is_told_that_it_is_gone(
    database: Database,
) -> None:
    story = await Story.begun(database)
    ada = await story.characters.add(story.plot_id, OWNER, name="Ada", description="")
    hub = Hub(story.history)
    wait = Wait(Follow(hub, Openings(story.history)), story.history)
    polled = await story.history.poll(ada.id, OWNER)
    await story.plots.remove(story.plot_id, OWNER)
    with watched(hub, story.plot_id) as topic:
        topic.end()
        async with asyncio.timeout(BOUND_SECONDS):
            with pytest.raises(NotFoundError):
                await wait(Waiter(ada.id), polled, OWNER, seconds=60, is_enough=lambda _: False)


async def test_one_read_answers_all_who_wait_for_one_character(database: Database) -> None:
    class Counting(History):
        """Counts the questions."""

        polls = 0

        async def poll(self, character_id: str, owner: str) -> Polled:
            self.polls += 1
            return await super().poll(character_id, owner)

    story, history = await Story.begun(database), Counting(database)
    task_id = await story.waiting()
    character_id = (await story.told())[0].character_id
    wait = Wait(Follow(hub := Hub(history), Openings(history)), history)
    polled = await history.poll(character_id, OWNER)
    hubs = asyncio.create_task(hub.run(), name="hub")
    waiting = asyncio.gather(
        *(
            wait(
                Waiter(character_id),
                polled,
                OWNER,
                seconds=60,
                is_enough=lambda found: found.plot_seq > polled.plot_seq,
            )
            for _ in range(200)
        )
    )
    with watched(hub, story.plot_id) as topic:
        while len(topic.followers) < 200:
            await asyncio.wait([waiting], timeout=0)
        history.polls = 0
        await story.ledger.cancel(task_id, move=str(uuid4()))
        hub.on_gap()
        async with asyncio.timeout(BOUND_SECONDS):
            answers = await waiting
    hubs.cancel()
    await asyncio.wait([hubs])
    assert {answer.transition and answer.transition.status for answer in answers} == {
        Status.CANCELED
    }
    assert history.polls <= 3


async def test_only_a_status_of_the_character_is_news() -> None:
    now = asyncio.get_running_loop().time()
    waiter = Waiter("a")
    for event in (
        HintEvent("progress", "a", b""),
        HintEvent("plot", None, b""),
        StatusEvent(1, "b", Status.FAILED, b""),
    ):
        waiter.deliver(event)
        assert not await waiter.hear(until=now)
    waiter.deliver(StatusEvent(2, "a", Status.PENDING, b""))
    assert await waiter.hear(until=now)
