"""What goes with a character and with a plot, and what stays."""

import asyncio

import pytest

from limner.domain.errors import NotFoundError
from limner.store import plots
from store.story import MINUTES, OWNER, Admin, Story, fresh, until_one_waits


async def test_a_removed_characters_generation_is_canceled_with_it(story: Story) -> None:
    taken = await story.taken()
    character_id = taken.transition.character_id
    plot_id, canceled = await story.ledger.remove_character(character_id, OWNER)
    assert plot_id == story.plot_id
    assert canceled is not None
    assert (canceled.previous, canceled.status, canceled.seq) == ("generating", "canceled", 3)
    with pytest.raises(NotFoundError):
        await story.characters.get(character_id, OWNER)


async def test_removal_and_cancellation_are_one_transaction(story: Story) -> None:
    """A row and its transition carry the same transaction's number."""
    taken = await story.taken()
    await story.ledger.remove_character(taken.transition.character_id, OWNER)
    (row,) = await story.rows(
        "SELECT c.xmin::text = t.xmin::text AS same FROM characters AS c"
        " JOIN transitions AS t ON t.character_id = c.id WHERE t.status = 'canceled'"
    )
    assert row["same"]


async def test_a_character_with_nothing_in_flight_leaves_without_a_transition(
    story: Story,
) -> None:
    task_id = await story.drawn()
    (told, *_) = await story.history.of_generation(task_id, OWNER)
    _, canceled = await story.ledger.remove_character(told.character_id, OWNER)
    assert canceled is None
    assert len(await story.moves()) == 3


async def test_a_removed_character_is_in_no_snapshot_but_stays_in_the_replay(story: Story) -> None:
    gone, stays = await story.taken(), await story.taken()
    await story.ledger.remove_character(gone.transition.character_id, OWNER)
    assert (snapshot := await story.now())
    assert [told.task_id for told in snapshot.transitions] == [stays.transition.task_id]
    assert snapshot.seq == 5
    assert [told.seq for told in await story.told()] == [1, 2, 3, 4, 5]


async def test_the_generations_of_a_removed_character_are_not_to_be_found(story: Story) -> None:
    task_id = await story.drawn()
    (told, *_) = await story.history.of_generation(task_id, OWNER)
    await story.ledger.remove_character(told.character_id, OWNER)
    with pytest.raises(NotFoundError):
        await story.history.of_generation(task_id, OWNER)


async def test_a_removed_character_can_be_neither_asked_for_nor_polled_nor_removed_again(
    story: Story,
) -> None:
    character_id = await story.somebody()
    await story.ledger.remove_character(character_id, OWNER)
    for ask in (
        story.ask(character_id),
        story.history.poll(character_id, OWNER),
        story.history.plot_of(character_id, OWNER),
        story.characters.change(character_id, OWNER, name="Nora", description=None),
        story.ledger.remove_character(character_id, OWNER),
    ):
        with pytest.raises(NotFoundError):
            await ask


async def test_a_character_of_somebody_else_can_not_be_removed(story: Story) -> None:
    character_id = await story.somebody()
    with pytest.raises(NotFoundError):
        await story.ledger.remove_character(character_id, "bob")
    assert await story.characters.get(character_id, OWNER)


async def test_nothing_of_a_removed_plot_is_to_be_found(story: Story) -> None:
    task_id = await story.drawn()
    *_, told = await story.history.of_generation(task_id, OWNER)
    assert told.image is not None
    await story.plots.remove(story.plot_id, OWNER)
    for ask in (
        story.plots.get(story.plot_id, OWNER),
        story.plots.change(story.plot_id, OWNER, title="Again", style=None),
        story.characters.add(story.plot_id, OWNER, name="Nora", description=""),
        story.characters.get(told.character_id, OWNER),
        story.history.plot_seq(story.plot_id, OWNER),
        story.history.poll(told.character_id, OWNER),
        story.history.of_generation(task_id, OWNER),
        story.history.image(told.image.name, OWNER),
        story.ask(told.character_id),
    ):
        with pytest.raises(NotFoundError):
            await ask
    assert await story.plots.page(OWNER, before=None, count=10) == []
    assert await story.characters.of_plot(story.plot_id, OWNER) == []
    assert await story.told() == []
    assert await story.now() is None
    assert await story.now(after=0) is None
    assert await story.history.strayed({story.plot_id: 3}) == {story.plot_id: None}
    ofs = story.history.of_character(told.character_id, OWNER, before=None, count=10)
    assert await ofs == []


async def test_what_a_removed_plot_has_in_flight_is_canceled_with_it(story: Story) -> None:
    await story.drawn()
    waiting = await story.waiting()
    taken = await story.taken()
    task_id = taken.transition.task_id
    canceled = await story.plots.remove(story.plot_id, OWNER)
    assert [(told.task_id, told.seq, told.previous, told.status) for told in canceled] == [
        (waiting, 7, "pending", "canceled"),
        (task_id, 8, "generating", "canceled"),
    ]
    rows = await story.rows("SELECT seq, status FROM transitions ORDER BY seq DESC LIMIT 2")
    assert [(row["seq"], row["status"]) for row in rows] == [(8, "canceled"), (7, "canceled")]
    assert not await story.leases.renew(task_id, token=taken.token, lease_seconds=MINUTES)
    assert await story.ledger.take(waiting, token=fresh(), lease_seconds=MINUTES) is None
    assert await story.complete(taken) is None


async def test_removal_of_a_plot_and_its_cancellations_are_one_transaction(story: Story) -> None:
    for _ in range(3):
        await story.waiting()
    await story.plots.remove(story.plot_id, OWNER)
    (row,) = await story.rows(
        "SELECT count(*) AS moves FROM transitions AS t JOIN plots AS p ON t.plot_id = p.id"
        " WHERE t.status = 'canceled' AND t.xmin::text = p.xmin::text"
    )
    assert row["moves"] == 3


async def test_very_much_in_flight_is_canceled_in_portions(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "CANCELED_AT_ONCE", 2)
    waiting = [await story.waiting() for _ in range(4)]
    canceled = await story.plots.remove(story.plot_id, OWNER)
    assert [told.task_id for told in canceled] == waiting
    assert [told.seq for told in canceled] == [5, 6, 7, 8]
    (row,) = await story.rows(
        "SELECT count(DISTINCT xmin::text) AS portions FROM transitions WHERE status = 'canceled'"
    )
    assert row["portions"] == 2
    with pytest.raises(NotFoundError):
        await story.plots.get(story.plot_id, OWNER)


async def test_somebody_who_is_added_while_the_plot_is_removed_goes_with_it(
    story: Story, admin: Admin
) -> None:
    """The lock of an insertion lets others count on, and must not let them remove."""
    async with admin.transaction():
        await admin.execute("SELECT FROM plots FOR KEY SHARE")
        await admin.execute(
            "INSERT INTO characters (id, plot_id, owner, name, description)"
            " SELECT gen_random_uuid(), id, owner, 'Nora', '' FROM plots"
        )
        removing = asyncio.ensure_future(story.plots.remove(story.plot_id, OWNER))
        await until_one_waits(admin)
    await removing
    assert await story.rows("SELECT FROM characters WHERE deleted_at IS NULL") == []


async def test_a_removed_plot_leaves_others_and_the_images_they_share(story: Story) -> None:
    other = await Story.begun(story.database)
    await story.drawn(content="shared")
    task_id = await other.drawn(content="shared")
    await story.plots.remove(story.plot_id, OWNER)
    *_, told = await other.history.of_generation(task_id, OWNER)
    assert told.image is not None
    assert await other.history.image(told.image.name, OWNER) == told.image


async def test_a_plot_of_somebody_else_can_not_be_removed(story: Story) -> None:
    with pytest.raises(NotFoundError):
        await story.plots.remove(story.plot_id, "bob")
    assert await story.plots.get(story.plot_id, OWNER)


async def test_a_plot_can_be_removed_once(story: Story) -> None:
    await story.plots.remove(story.plot_id, OWNER)
    with pytest.raises(NotFoundError):
        await story.plots.remove(story.plot_id, OWNER)
    assert await story.ledger.cancel(fresh(), move=fresh()) is None
