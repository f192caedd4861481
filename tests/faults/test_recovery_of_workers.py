"""Workers that are killed or freeze while they draw: others draw, and readers miss nothing."""

import asyncio
import signal
from contextlib import AsyncExitStack

import pytest

from faults.hired import GO, HELD, POISON
from faults.story import FINAL, StartApi, StartWorker, ids, metadata, statuses, until_final
from limner.store.database import Database
from stage.author import Author
from stage.process import Process
from stage.reader import Stream, watching

TWICE = ["pending", "generating", "pending", "generating", "completed"]
LOST = "The worker that drew this was lost."


async def _asked(author: Author, stack: AsyncExitStack, name: str = HELD) -> tuple[str, Stream]:
    """A character whose image is asked for, and a reader of its plot since before that."""
    plot_id = await author.plot()
    character_id = await author.character(plot_id, name)
    stream = await stack.enter_async_context(
        watching(author.session, f"/api/plots/{plot_id}/events")
    )
    await stream.greeted()
    await author.draw(character_id)
    return character_id, stream


async def _killed(process: Process) -> None:
    process.send(signal.SIGKILL)
    assert await process.ended() == -signal.SIGKILL


@pytest.mark.parametrize("successor", ["another", "restarted"])
async def test_a_worker_killed_while_drawing_loses_no_generation(
    api: StartApi, worker: StartWorker, hired: StartWorker, successor: str
) -> None:
    async with AsyncExitStack() as stack:
        (_, author), victim = await asyncio.gather(
            stack.enter_async_context(api()), stack.enter_async_context(hired())
        )
        character_id, stream = await _asked(author, stack)
        await victim.said("Generating image with model")
        if successor == "another":
            await stack.enter_async_context(worker())
        await _killed(victim)
        if successor == "restarted":
            (await stack.enter_async_context(hired())).send(GO)
        events = await until_final(stream)
        polled = await author.status(character_id)
    assert statuses(events) == TWICE
    assert ids(events) == [1, 2, 3, 4, 5]
    assert [metadata(event)["attempt"] for event in events] == [0, 1, 1, 2, 2]
    assert [metadata(event)["last_error"] for event in events[:3]] == [None, None, LOST]
    assert polled == events[-1].json


async def test_a_generation_whose_only_attempt_was_lost_fails_and_may_be_asked_for_again(
    api: StartApi, hired: StartWorker
) -> None:
    async with AsyncExitStack() as stack:
        (_, author), victim = await asyncio.gather(
            stack.enter_async_context(api(LIMNER_MAX_ATTEMPTS="1")),
            stack.enter_async_context(hired()),
        )
        character_id, stream = await _asked(author, stack)
        await victim.said("Generating image with model")
        await _killed(victim)
        survivor = await stack.enter_async_context(hired())
        *before, failed = await until_final(stream)
        survivor.send(GO)
        await author.draw(character_id)
        again = await until_final(stream)
    assert statuses(before) == ["pending", "generating"]
    assert (failed.json["status"], failed.json["error"]) == ("failed", LOST)
    assert failed.json["error_code"] == "worker_lost"
    assert metadata(failed)["retryable"] is True
    assert statuses(again) == ["pending", "generating", "completed"]


@pytest.mark.parametrize("notices", ["at a renewal", "at the end"])
async def test_a_worker_frozen_for_longer_than_its_lease_can_write_nothing(
    api: StartApi, hired: StartWorker, database: Database, notices: str
) -> None:
    async with AsyncExitStack() as stack:
        # With so long a lease it would not renew for minutes.
        lease = {} if notices == "at a renewal" else {"LIMNER_LEASE_SECONDS": "600"}
        (_, author), zombie = await asyncio.gather(
            stack.enter_async_context(api()), stack.enter_async_context(hired(**lease))
        )
        character_id, stream = await _asked(author, stack)
        await zombie.said("Generating image with model")
        zombie.send(signal.SIGSTOP)
        stack.callback(zombie.send, signal.SIGCONT)
        if notices == "at the end":
            async with database.connection() as connection:
                await connection.execute("UPDATE generations SET lease_until = now()")
        other = await stack.enter_async_context(hired())
        await other.said("Generating image with model", attempt=2)
        if notices == "at the end":
            zombie.send(GO)
        zombie.send(signal.SIGCONT)
        await zombie.said("Stopped drawing" if notices == "at a renewal" else "Wrote nothing")
        assert (await author.status(character_id))["status"] == "generating"
        other.send(GO)
        events = await until_final(stream)
        assert await author.status(character_id) == events[-1].json
    assert statuses(events) == TWICE
    assert ids(events) == [1, 2, 3, 4, 5]
    assert metadata(events[-1])["attempt"] == 2
    assert not [line for line in zombie.lines if line["event"] == "Done"]


async def test_a_generation_that_kills_its_workers_fails_and_the_others_are_drawn(
    api: StartApi, hired: StartWorker
) -> None:
    async with AsyncExitStack() as stack:
        _, author = await stack.enter_async_context(api(LIMNER_MAX_ATTEMPTS="2"))
        # Alone with its first worker; with the second it may take others along, once.
        character_id, stream = await _asked(author, stack, POISON)
        async with hired() as first:
            assert await first.ended() == -signal.SIGKILL
        path = f"/api/characters/{character_id}"
        plot_id = (await author.ask("GET", path)).json["plot_id"]
        others = [await author.character(plot_id, name) for name in ("Ada", "Bea", "Cid")]
        await asyncio.gather(*(author.draw(other) for other in others))
        async with hired() as second:
            assert await second.ended() == -signal.SIGKILL
        async with hired():
            events = await until_final(stream, 4)
    finals = {
        event.json["character_id"]: event.json["status"]
        for event in events
        if event.json["status"] in FINAL
    }
    assert finals == {character_id: "failed", **dict.fromkeys(others, "completed")}
    (failed,) = [event for event in events if event.json["status"] == "failed"]
    assert failed.json["error_code"] == "worker_lost"
    assert (metadata(failed)["attempt"], metadata(failed)["retryable"]) == (2, True)
    assert ids(events) == list(range(1, len(events) + 1))
