"""The table of moves, as the database itself holds it: raw SQL past all of our code."""

import re
from itertools import product

import asyncpg
import pytest

from limner.domain.status import MOVES, Status, is_allowed
from store.law import REFUSED, append, stand_at
from store.story import Admin, Story

PAIRS = list(product(Status, Status))


@pytest.mark.parametrize(("previous", "status"), PAIRS)
async def test_the_database_takes_a_move_if_and_only_if_python_allows_it(
    story: Story, admin: Admin, previous: Status, status: Status
) -> None:
    task_id = await stand_at(story, previous)
    transaction = admin.transaction()
    await transaction.start()
    try:
        await append(admin, task_id, status, previous=previous)
        await admin.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except REFUSED:
        taken = False
    else:
        taken = True
    await transaction.rollback()
    assert taken is is_allowed(previous, status)


async def test_the_constraint_lists_the_moves_of_python_and_no_others(admin: Admin) -> None:
    law = await admin.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conname = 'transitions_table_of_moves'"
    )
    listed = re.findall(
        r"previous, 'nothing'::text\) = '(\w+)'::text\) AND \(status = '(\w+)'::text\)", law
    )
    allowed = {(before or "nothing", after) for before, moves in MOVES.items() for after in moves}
    assert sorted(listed) == sorted(allowed)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.PENDING])
async def test_a_generation_begins_pending_and_no_other_way(
    story: Story, admin: Admin, status: Status
) -> None:
    assert not is_allowed(None, status)
    task_id = await stand_at(story, Status.PENDING)
    with pytest.raises(REFUSED):
        async with admin.transaction():
            await append(admin, task_id, status, previous=None)


@pytest.mark.parametrize(("previous", "status"), PAIRS)
async def test_a_status_can_not_be_changed_by_hand_without_its_transition(
    story: Story, admin: Admin, previous: Status, status: Status
) -> None:
    if status == previous:
        return
    task_id = await stand_at(story, previous)
    with pytest.raises(REFUSED):
        async with admin.transaction():
            await admin.execute(
                "UPDATE generations SET status = $2,"
                " attempt = 1,"
                " lease_until = CASE WHEN $2 = 'generating' THEN now() END,"
                " finished_at = CASE WHEN $2 IN ('completed', 'failed', 'canceled') THEN now() END,"
                " image = CASE WHEN $2 = 'completed' THEN (SELECT max(sha256) FROM images) END,"
                " error = CASE WHEN $2 = 'failed' THEN 'x' END,"
                " error_code = CASE WHEN $2 = 'failed' THEN 'internal' END"
                " WHERE id = $1",
                task_id,
                status,
            )
    (*_, told) = await story.told()
    (row,) = await story.rows("SELECT status FROM generations WHERE id = $1", task_id)
    assert row["status"] == previous == told.status


async def test_a_final_generation_can_not_be_sent_back_to_an_earlier_transition(
    story: Story, admin: Admin
) -> None:
    task_id = await stand_at(story, Status.CANCELED)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="is past transition"):
        await admin.execute(
            "UPDATE generations SET status = 'pending', seq = first_seq, finished_at = NULL"
            " WHERE id = $1",
            task_id,
        )


async def test_a_transition_that_contradicts_its_generation_is_refused(
    story: Story, admin: Admin
) -> None:
    task_id = await stand_at(story, Status.PENDING)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="is not what happened"):
        await append(admin, task_id, Status.CANCELED, previous=Status.PENDING, generation=False)


async def test_a_transition_that_does_not_continue_its_generation_is_refused(
    story: Story, admin: Admin
) -> None:
    task_id = await stand_at(story, Status.PENDING)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="does not continue"):
        async with admin.transaction():
            await append(admin, task_id, Status.CANCELED, previous=Status.GENERATING)
