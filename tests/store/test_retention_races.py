"""Workers, users and sweeps at once: what is claimed or shown in time never goes."""

import asyncio

import pytest

from limner.domain.errors import DatabaseUnavailableError
from limner.domain.status import Status
from limner.images.inspect import Inspected
from limner.store.claims import CLAIMS_LOCK
from store.album import Album, drawing_of, names
from store.story import OWNER, Admin, Story, fresh, until_one_waits

FACE, OTHER = drawing_of("a face"), drawing_of("another face")
SWEEPING = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"
END_SWEEPING = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
"""


async def _orphan(album: Album, *drawings: Inspected) -> None:
    """Images that are due, since nobody completed anything with them."""
    for drawing in drawings or (FACE,):
        await album.keep(drawing)
    await album.time_passes()


async def test_a_claim_that_comes_before_the_sweep_keeps_the_image(
    album: Album, admin: Admin
) -> None:
    await _orphan(album)
    async with admin.transaction():
        await admin.execute("SELECT pg_advisory_xact_lock_shared($1)", CLAIMS_LOCK)
        await admin.execute("UPDATE images SET check_at = now() + interval '1 hour'")
        sweeping = asyncio.ensure_future(album.sweep())
        await until_one_waits(admin)
    await sweeping
    assert album.files == names(FACE)


async def test_an_image_claimed_while_it_is_being_removed_is_stored_anew(
    album: Album, story: Story, admin: Admin
) -> None:
    taken = await story.taken()
    await _orphan(album)
    store = album.gated()
    sweeping = asyncio.ensure_future(album.sweep())
    await store.reached.wait()
    keeping = asyncio.ensure_future(album.keep(FACE))
    await until_one_waits(admin)
    assert album.files == names(FACE), "it is there still, and must not be taken for stored"
    store.gate.set()
    await sweeping
    image = await keeping
    told = await story.ledger.complete(
        taken.transition.task_id, image, token=taken.token, model="square", move=fresh()
    )
    assert told is not None
    await album.swept()
    assert album.files == names(FACE)


async def test_a_thumbnail_claimed_for_another_image_while_it_is_removed_is_stored_anew(
    album: Album, admin: Admin
) -> None:
    one, two = drawing_of("one", thumbnail="dot"), drawing_of("two", thumbnail="dot")
    await _orphan(album, one)
    store = album.gated()
    sweeping = asyncio.ensure_future(album.sweep())
    await store.reached.wait()
    keeping = asyncio.ensure_future(album.keep(two))
    await until_one_waits(admin)
    store.gate.set()
    await asyncio.gather(sweeping, keeping)
    assert album.files == names(two)


async def test_nothing_is_completed_with_an_image_whose_claim_has_run_out(
    album: Album, story: Story
) -> None:
    taken = await story.taken()
    image = await album.keep(FACE)

    async def complete() -> object:
        return await story.ledger.complete(
            taken.transition.task_id, image, token=taken.token, model="square", move=fresh()
        )

    await album.time_passes()
    assert await complete() is None, "it may be removed at any moment"
    await album.sweep()
    assert await complete() is None, "it was"
    (row,) = await story.rows("SELECT status FROM generations")
    assert row["status"] == Status.GENERATING
    await album.keep(FACE)
    assert await complete()


async def test_an_image_that_a_generation_is_being_completed_with_is_left_alone(
    album: Album, admin: Admin
) -> None:
    await _orphan(album)
    async with admin.transaction():
        await admin.execute("SELECT FROM images FOR KEY SHARE")
        await album.sweep()
        assert album.files == names(FACE)
    await album.sweep()
    assert album.files == set()


async def test_many_who_draw_the_same_do_not_write_to_its_row(album: Album, admin: Admin) -> None:
    await album.keep(FACE)
    version = await admin.fetchval("SELECT xmin::text || xmax::text || check_at FROM images")
    await asyncio.gather(*(album.keep(FACE) for _ in range(20)))
    assert version == await admin.fetchval(
        "SELECT xmin::text || xmax::text || check_at FROM images"
    )
    await admin.execute("UPDATE images SET check_at = now() + interval '1 minute'")
    await album.keep(FACE)
    left = "SELECT check_at > now() + interval '5 minutes' FROM images"
    assert await admin.fetchval(left), "what is left of a claim is half of it at least"


async def test_a_character_deleted_while_its_image_is_looked_at_takes_it_along(
    album: Album, story: Story, admin: Admin
) -> None:
    character_id = await album.show(story, FACE)
    async with admin.transaction():
        await admin.execute("UPDATE images SET check_at = NULL")
        removing = asyncio.ensure_future(story.ledger.remove_character(character_id, OWNER))
        await until_one_waits(admin)
    await removing
    await album.sweep()
    assert album.files == set()


async def test_a_deletion_does_not_bring_the_end_of_anothers_claim_nearer(
    album: Album, story: Story
) -> None:
    character_id = await album.show(story, FACE)
    taken = await story.taken()
    image = await album.keep(FACE)
    await story.ledger.remove_character(character_id, OWNER)
    await album.sweep()
    assert album.files == names(FACE)
    assert await story.ledger.complete(
        taken.transition.task_id, image, token=taken.token, model="square", move=fresh()
    )
    await album.swept()
    assert album.files == names(FACE)


async def test_of_two_sweeps_at_once_one_has_nothing_to_do(album: Album) -> None:
    await _orphan(album, FACE, OTHER)
    store = album.gated()
    first = asyncio.ensure_future(album.sweep())
    await store.reached.wait()
    assert not await album.sweep()
    assert len(store.asked) == 1
    store.gate.set()
    await first
    assert album.files == set()
    assert len(store.asked) == len(names(FACE, OTHER)), "nothing was deleted twice"


async def test_a_sweep_that_lost_its_transaction_removes_nothing_more(
    album: Album, admin: Admin
) -> None:
    """As when the process was frozen, and Postgres has given up on it."""
    await _orphan(album, FACE, OTHER)
    store = album.gated()
    sweeping = asyncio.ensure_future(album.sweep())
    await store.reached.wait()
    first, other = (FACE, OTHER) if store.asked[0] in names(FACE) else (OTHER, FACE)
    await admin.execute(END_SWEEPING)
    while await admin.fetch(SWEEPING):
        pass
    await album.keep(other)
    store.gate.set()
    with pytest.raises(DatabaseUnavailableError):
        await sweeping
    (removed,) = store.asked
    assert album.files == names(FACE, OTHER) - {removed}
    assert await album.known() == {first.image.sha256: True, other.image.sha256: True}
    await album.swept()
    assert (album.files, await album.known()) == (set(), {})
