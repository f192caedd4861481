"""The survey: the whole queue as of one instant, with what each phase took."""

import asyncio
import json
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from limner.domain.errors import ErrorCode
from limner.domain.survey import Counts, Entry, Survey, survey_object
from limner.store.surveys import Surveys
from store.story import MINUTES, OWNER, STATED, Story, image_of

LISTED = 50


async def surveyed(story: Story, *, count: int = LISTED) -> Survey:
    return await Surveys(story.database).newest(count=count)


def ids(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.task_id for entry in entries]


async def test_an_empty_queue_has_a_time_and_nothing_else(story: Story) -> None:
    found = await surveyed(story)
    assert (found.pending, found.generating, found.finished) == ((), (), ())
    assert found.counts == Counts(0, 0, 0, 0, 0, 0)
    (row,) = await story.rows("SELECT clock_timestamp() - $1 < interval '5 s' AS is_now", found.at)
    assert row["is_now"]


async def test_everything_is_in_its_list_and_in_its_order(story: Story) -> None:
    other = await Story.begun(story.database, "grace")
    first, second, third, fourth = [await one.waiting() for one in (story, other, story, other)]
    taken = await story.take(third)
    await other.take(first)
    drawn = await other.drawn()
    assert await story.ledger.cancel(fourth, move=str(uuid4()))
    failing = await story.taken()
    assert await story.fail(failing)
    found = await surveyed(story)
    assert ids(found.pending) == [second]
    assert ids(found.generating) == [third, first]
    assert ids(found.finished) == [failing.transition.task_id, fourth, drawn]
    assert found.counts == Counts(1, 2, 0, completed=1, failed=1, canceled=1)
    assert await story.give_back(taken)
    assert ids((await surveyed(story)).pending) == [second, third], "who is back stands behind"


async def test_an_entry_tells_what_an_operator_asks(story: Story) -> None:
    character_id = await story.somebody()
    accepted = await story.ask(character_id)
    taken = await story.take(accepted.transition.task_id)
    failed = await story.fail(taken)
    assert failed
    (entry,) = (await surveyed(story)).finished
    began, took, ended = await story.told()
    assert (entry.task_id, entry.character_id) == (failed.task_id, character_id)
    assert (entry.plot_id, entry.title) == (story.plot_id, "The Lighthouse")
    assert (entry.character_name, entry.provider, entry.model) == ("Mara 1", "blank", "square")
    assert (entry.attempt, entry.max_attempts, entry.estimate) == (1, 3, STATED)
    assert (entry.queued_at, entry.since) == (began.at, ended.at)
    assert (entry.error, entry.error_code) == (failed.error, ErrorCode.CONTENT_POLICY)
    assert [(phase.status, phase.attempt) for phase in entry.past] == [
        ("pending", 0),
        ("generating", 1),
    ]
    assert [phase.seconds for phase in entry.past] == pytest.approx(
        [(later.at - sooner.at).total_seconds() for sooner, later in pairwise([began, took, ended])]
    )
    await story.drawn(character_id, content="a face")
    assert (await surveyed(story)).finished[0].thumbnail_url == image_of("a face").thumbnail_url


async def test_each_attempt_is_a_phase_of_its_own_and_the_last_one_is_open(story: Story) -> None:
    taken = await story.taken()
    await story.give_back(taken, reason="It was busy.")
    await story.take(taken.transition.task_id)
    found = await surveyed(story)
    (entry,) = found.generating
    assert [(phase.status, phase.attempt) for phase in entry.past] == [
        ("pending", 0),
        ("generating", 1),
        ("pending", 1),
    ]
    assert entry.last_error == "It was busy."
    assert entry.since == (await story.told())[-1].at
    value = json.loads(json.dumps(survey_object(found)))["generating"][0]
    assert [phase["status"] for phase in value["phases"]] == ["pending", "generating"] * 2
    assert value["total_seconds"] == pytest.approx(
        (found.at - entry.queued_at).total_seconds(), abs=0.01
    )
    assert value["total_seconds"] == pytest.approx(
        value["waiting_seconds"] + value["drawing_seconds"], abs=0.01
    )


async def test_a_worker_that_is_not_heard_of_is_late(story: Story) -> None:
    kept, silent = await story.taken(), await story.taken()
    await story.rows(
        "UPDATE generations SET lease_until = clock_timestamp() - interval '7 s' WHERE id = $1",
        silent.transition.task_id,
    )
    found = await surveyed(story)
    late = {entry.task_id: entry.late_since for entry in found.generating}
    assert late[kept.transition.task_id] is None
    since = late[silent.transition.task_id]
    assert since is not None
    assert timedelta(seconds=7) <= found.at - since < timedelta(seconds=30)
    assert (found.counts.generating, found.counts.late) == (2, 1)


async def test_what_is_deleted_is_counted_and_not_listed(story: Story) -> None:
    other = await Story.begun(story.database)
    deleted = await story.somebody()
    await story.drawn(deleted)
    await other.drawn(content="another")
    await story.ledger.remove_character(deleted, OWNER)
    await other.plots.remove(other.plot_id, OWNER)
    kept = await story.drawn()
    found = await surveyed(story)
    assert ids(found.finished) == [kept]
    assert found.counts.completed == 3


async def test_lists_are_cut_and_counts_are_not(story: Story) -> None:
    await asyncio.gather(*(story.waiting() for _ in range(3)))
    for _ in range(3):
        await story.taken()
        await story.drawn()
    found = await surveyed(story, count=2)
    assert [len(each) for each in (found.pending, found.generating, found.finished)] == [2, 2, 2]
    assert found.counts == Counts(3, 3, 0, completed=3, failed=0, canceled=0)


async def test_only_the_last_hour_is_counted(story: Story) -> None:
    old, new = await story.drawn(), await story.drawn()
    await story.rows(
        "UPDATE generations SET finished_at = finished_at - interval '61 min' WHERE id = $1", old
    )
    found = await surveyed(story)
    assert found.counts.completed == 1
    assert ids(found.finished) == [new, old]


async def test_two_surveys_are_equal_when_only_time_has_passed(story: Story) -> None:
    await story.waiting()
    taken = await story.taken()
    before = await surveyed(story)
    assert await story.leases.renew(
        taken.transition.task_id, token=taken.token, lease_seconds=2 * MINUTES
    )
    after = await surveyed(story)
    assert after == before
    assert after.at > before.at
    await story.complete(taken)
    assert await surveyed(story) != after
