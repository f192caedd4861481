"""The rows of a deleted plot go in portions, those of others stay; and so do answers' keys."""

import asyncpg
import pytest

from limner.domain.errors import DatabaseUnavailableError
from limner.store import retention
from limner.store.retention import Retention
from store.album import Album, drawing_of, names
from store.story import OWNER, Admin, Story

FACE, OTHER = drawing_of("a face"), drawing_of("another face")
TABLES = ("plots", "characters", "generations", "transitions", "images")


async def _counts(album: Album) -> dict[str, int]:
    return {
        table: (await album.rows(f"SELECT count(*) AS rows FROM {table}"))[0]["rows"]  # noqa: S608 - ours
        for table in TABLES
    }


async def test_everything_of_a_deleted_plot_goes(album: Album, story: Story) -> None:
    await album.show(story, FACE)
    await story.somebody()
    await story.waiting()
    await album.swept()
    assert album.files == names(FACE)
    await story.plots.remove(story.plot_id, OWNER)
    while await album.sweep():
        pass
    assert await _counts(album) == dict.fromkeys(TABLES, 0)
    assert album.files == set()


async def test_a_deleted_plot_goes_in_portions_and_nothing_of_another(
    album: Album, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS", 2)
    other = await Story.begun(story.database)
    await album.show(other, OTHER)
    before = await _counts(album)
    told = await other.told()
    doomed = await Story.begun(story.database)
    for _ in range(5):
        await album.show(doomed, FACE)
    await doomed.plots.remove(doomed.plot_id, OWNER)
    portions = []
    while (portion := await Retention(album.database).purge()).has_more:
        portions.append(portion.removed)
    assert portions == [2, 2, 1, 2, 2, 1, 1]
    await album.swept()
    assert await _counts(album) == before
    assert await other.told() == told
    assert album.files == names(OTHER)


async def test_transitions_are_not_deleted_while_their_plot_lives(
    story: Story, admin: Admin
) -> None:
    task_id = await story.drawn()
    for statement in ("DELETE FROM transitions", "DELETE FROM generations"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="is never changed"):
            await admin.execute(statement)
    await story.plots.remove(story.plot_id, OWNER)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="is never changed"):
        await admin.execute("UPDATE transitions SET at = now()")
    await admin.execute("DELETE FROM generations WHERE id = $1", task_id)
    assert await admin.fetchval("SELECT count(*) FROM transitions") == 0


async def test_keys_go_when_they_have_expired_and_not_before(
    album: Album, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS", 2)
    await admin.execute(
        "INSERT INTO idempotency_keys"
        " (owner, method, path, key, digest, status, location, body, expires_at)"
        " SELECT 'ada', 'POST', '/api/plots', n::text, sha256(''), 201, '/', '',"
        " now() + make_interval(hours => CASE WHEN n > 5 THEN 1 ELSE 0 END)"
        " FROM generate_series(1, 7) AS n"
    )
    assert not await album.sweep()
    keys = await admin.fetch("SELECT key FROM idempotency_keys ORDER BY key")
    assert [row["key"] for row in keys] == ["6", "7"]


async def test_a_plot_that_can_not_be_removed_does_not_keep_the_others(
    album: Album, story: Story, admin: Admin
) -> None:
    other = await Story.begun(story.database)
    for each in (story, other):
        await each.somebody()
        await each.plots.remove(each.plot_id, OWNER)
    purging = Retention(album.database)
    async with admin.transaction():
        await admin.execute("SELECT FROM characters WHERE plot_id = $1 FOR UPDATE", story.plot_id)
        with pytest.raises(DatabaseUnavailableError):
            await purging.purge()
        while (await purging.purge()).has_more:
            pass
        (left,) = await album.rows("SELECT id FROM plots")
        assert left["id"] == story.plot_id
    while (await purging.purge()).has_more:
        pass
    assert await album.rows("SELECT id FROM plots") == []
