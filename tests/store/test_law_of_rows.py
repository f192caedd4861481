"""What the database refuses, whoever writes it."""

import asyncpg
import pytest

from limner.domain.status import Status
from store.law import REFUSED, append, stand_at
from store.story import Admin, Story

COPY = (
    "INSERT INTO generations (id, plot_id, character_id, owner, first_seq, seq, status,"
    " max_attempts, character_name, description, prompt, provider, model, estimate_low_seconds,"
    " estimate_high_seconds, queued_at, deadline_at)"
    " SELECT gen_random_uuid(), plot_id, character_id, {owner}, 9, 9, 'pending', 3, 'x', '', '',"
    " 'x', 'x', 1, 1, now(), now() FROM generations LIMIT 1"
)
"""Another generation of a character that has one."""


async def test_a_number_left_out_is_refused(story: Story, admin: Admin) -> None:
    task_id = await stand_at(story, Status.PENDING)
    with pytest.raises(REFUSED, match="would leave a gap"):
        async with admin.transaction():
            await append(admin, task_id, Status.CANCELED, previous=Status.PENDING, step=2)


async def test_a_number_given_twice_is_refused(story: Story, admin: Admin) -> None:
    task_id = await stand_at(story, Status.PENDING)
    with pytest.raises(REFUSED):
        async with admin.transaction():
            await append(admin, task_id, Status.CANCELED, previous=Status.PENDING, step=0)


@pytest.mark.parametrize(
    "change", ["status = 'failed'", "at = now()", "last_error = 'x'", "seq = seq + 100"]
)
async def test_a_transition_is_never_changed(story: Story, admin: Admin, change: str) -> None:
    await story.waiting()
    with pytest.raises(REFUSED, match="is never changed"):
        await admin.execute(f"UPDATE transitions SET {change}")  # noqa: S608 - our own words


@pytest.mark.parametrize("table", ["transitions", "generations", "characters"])
async def test_a_transition_is_never_deleted_not_even_with_its_parent(
    story: Story, admin: Admin, table: str
) -> None:
    await story.waiting()
    with pytest.raises(REFUSED, match="is never changed"):
        await admin.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    assert len(await story.moves()) == 1


async def test_two_in_flight_for_one_character_are_refused(story: Story, admin: Admin) -> None:
    await story.waiting()
    with pytest.raises(asyncpg.UniqueViolationError, match="generations_one_in_flight"):
        await admin.execute(COPY.format(owner="owner"))


async def test_a_generation_without_a_transition_is_refused(story: Story, admin: Admin) -> None:
    await story.drawn()
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="generations_status_of_transition"):
        await admin.execute(COPY.format(owner="owner"))


async def test_two_ends_are_refused(story: Story, admin: Admin) -> None:
    await stand_at(story, Status.CANCELED)
    with pytest.raises(REFUSED):
        await admin.execute(
            "INSERT INTO transitions SELECT plot_id, seq + 1, generation_id, character_id, owner,"
            " gen_random_uuid(), 'generating', status, at, attempt, provider, model"
            " FROM transitions ORDER BY seq DESC LIMIT 1"
        )


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ("image = NULL", "generations_image"),
        ("finished_at = NULL", "generations_final"),
        ("error = 'x'", "generations_error"),
        ("error_code = 'internal'", "generations_error_code"),
        ("lease_until = now()", "generations_lease"),
        ("attempt = 4", "generations_check"),
        ("attempt = 0", "generations_attempt"),
        ("seed = -1", "generations_seed_check"),
        ("seed = 4294967296", "generations_seed_check"),
    ],
)
async def test_a_completed_generation_has_an_image_an_end_and_nothing_else(
    story: Story, admin: Admin, change: str, law: str
) -> None:
    await story.drawn()
    with pytest.raises(asyncpg.CheckViolationError, match=law):
        await admin.execute(f"UPDATE generations SET {change}")  # noqa: S608 - our own words


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ("error = NULL", "generations_error"),
        ("error_code = NULL", "generations_error_code"),
        ("image = (SELECT max(sha256) FROM images)", "generations_image"),
    ],
)
async def test_a_failed_generation_has_its_error_and_no_image(
    story: Story, admin: Admin, change: str, law: str
) -> None:
    task_id = await stand_at(story, Status.FAILED)
    with pytest.raises(asyncpg.CheckViolationError, match=law):
        await admin.execute(
            f"UPDATE generations SET {change} WHERE id = $1",  # noqa: S608 - our own words
            task_id,
        )


async def test_a_child_has_the_owner_of_its_parent(story: Story, admin: Admin) -> None:
    await story.drawn()
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await admin.execute("UPDATE characters SET owner = 'bob'")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await admin.execute("UPDATE generations SET owner = 'bob'")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await admin.execute(COPY.format(owner="'bob'"))


async def test_a_generation_is_in_the_plot_of_its_character(story: Story, admin: Admin) -> None:
    await story.drawn()
    other = await Story.begun(story.database)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await admin.execute("UPDATE generations SET plot_id = $1", other.plot_id)


async def test_every_key_of_a_parent_has_an_index_in_its_child(admin: Admin) -> None:
    """Without one, the removal of a parent looks through all children of everybody."""
    missing = await admin.fetch(
        """
        SELECT c.conrelid::regclass::text AS child, a.attname AS key
        FROM pg_constraint AS c
        JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND NOT EXISTS (
            SELECT FROM pg_index AS i
            WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND (
                i.indpred IS NULL
                OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)
            )
        )
        """
    )
    assert [tuple(row) for row in missing] == []
