"""What was ordered is written down before it is sent, and never twice while it may be paid for."""

import asyncio

import asyncpg
import pytest

from limner.domain.errors import OrderedAlreadyError
from limner.domain.generation import Taken
from limner.domain.order import OpenOrder, Route
from limner.store.orders import Orders
from limner.store.recovery import Recovery
from store.story import Admin, Story, fresh, until_one_waits


def order() -> OpenOrder:
    """An order that is about to be sent."""
    return OpenOrder(fresh(), "modelslab", "imagen", handle=None)


async def placed(story: Story, taken: Taken, *, repeats: bool = False) -> OpenOrder:
    """An order of it that was sent."""
    sent, task_id = order(), taken.transition.task_id
    orders = Orders(story.database)
    assert await orders.place(task_id, sent, token=taken.token, repeats=repeats)
    return sent


async def test_an_order_that_was_sent_is_not_followed_by_another_attempt(story: Story) -> None:
    taken = await story.taken()
    await placed(story, taken)
    before = await story.moves()
    assert await story.give_back(taken) is None
    assert await story.moves() == before


async def test_unless_whoever_runs_it_wants_to_pay_again(story: Story) -> None:
    taken = await story.taken()
    sent = await placed(story, taken)
    task_id = taken.transition.task_id
    returned = await story.ledger.give_back(
        task_id, token=taken.token, reason="Lost.", move=fresh(), repeat_paid_orders=True
    )
    assert returned is not None
    again = await story.take(task_id)
    assert again.order == sent
    with pytest.raises(OrderedAlreadyError):
        await placed(story, again)
    other = await placed(story, again, repeats=True)
    rows = await story.rows("SELECT id, state FROM orders ORDER BY sent_at")
    assert [tuple(row) for row in rows] == [(sent.id, "given_up"), (other.id, "sent")]


async def test_an_order_with_a_handle_goes_with_the_next_attempt(story: Story) -> None:
    taken = await story.taken()
    sent = await placed(story, taken)
    await Orders(story.database).keep(sent.id, "number 7")
    assert await story.give_back(taken)
    again = await story.take(taken.transition.task_id)
    assert again.order == OpenOrder(sent.id, "modelslab", "imagen", "number 7")


async def test_a_refused_order_is_as_if_it_had_not_been_sent(story: Story) -> None:
    taken = await story.taken()
    sent = await placed(story, taken)
    await Orders(story.database).refuse(sent.id)
    assert await story.give_back(taken)
    again = await story.take(taken.transition.task_id)
    assert again.order is None
    await placed(story, again)


async def test_written_again_after_a_lost_commit_it_is_the_same_order(story: Story) -> None:
    taken = await story.taken()
    orders, sent = Orders(story.database), order()
    for _ in range(2):
        assert await orders.place(taken.transition.task_id, sent, token=taken.token)
    for _ in range(2):
        await orders.keep(sent.id, "number 7")
    assert len(await story.rows("SELECT id FROM orders")) == 1


async def test_who_has_lost_the_lease_orders_nothing(story: Story) -> None:
    taken = await story.taken()
    assert await story.give_back(taken)
    orders = Orders(story.database)
    assert not await orders.place(taken.transition.task_id, order(), token=taken.token)
    await story.take(taken.transition.task_id)
    assert not await orders.place(taken.transition.task_id, order(), token=taken.token)
    assert not await orders.place(fresh(), order(), token=taken.token)
    assert await story.rows("SELECT id FROM orders") == []


async def test_who_has_lost_the_lease_gives_up_nobody_elses_order(story: Story) -> None:
    late = await story.taken()
    task_id = late.transition.task_id
    assert await story.give_back(late)
    sent = await placed(story, await story.take(task_id))
    orders = Orders(story.database)
    assert not await orders.place(task_id, order(), token=late.token, repeats=True)
    assert await orders.keep(sent.id, "number 7")
    rows = await story.rows("SELECT id, state, handle FROM orders")
    assert [tuple(row) for row in rows] == [(sent.id, "taken", "number 7")]


async def test_an_order_that_can_be_asked_for_is_never_given_up(story: Story) -> None:
    taken = await story.taken()
    sent = await placed(story, taken)
    await Orders(story.database).keep(sent.id, "number 7")
    with pytest.raises(OrderedAlreadyError):
        await placed(story, taken, repeats=True)


async def test_a_handle_of_what_was_given_up_is_told_to_be_late(story: Story) -> None:
    taken = await story.taken()
    sent = await placed(story, taken)
    await placed(story, taken, repeats=True)
    assert not await Orders(story.database).keep(sent.id, "number 7")


async def test_who_takes_it_away_and_who_orders_wait_for_each_other(
    story: Story, admin: Admin
) -> None:
    taken = await story.taken()
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("SELECT FROM plots FOR UPDATE")
    returning = asyncio.ensure_future(story.give_back(taken))
    await until_one_waits(admin)
    ordering = asyncio.ensure_future(
        Orders(story.database).place(taken.transition.task_id, order(), token=taken.token)
    )
    await transaction.rollback()
    assert (await returning is None) == await ordering, "one of the two, never both"


async def test_the_database_itself_allows_one_open_order(story: Story, admin: Admin) -> None:
    taken = await story.taken()
    await placed(story, taken)
    with pytest.raises(asyncpg.UniqueViolationError):
        await admin.execute(
            "INSERT INTO orders (id, generation_id, attempt, provider, model)"
            " SELECT gen_random_uuid(), generation_id, 2, provider, model FROM orders"
        )
    with pytest.raises(asyncpg.CheckViolationError):
        await admin.execute("UPDATE orders SET state = 'taken'")


async def test_recovery_tells_what_may_have_been_paid_for(story: Story, admin: Admin) -> None:
    free, paid, known = [await story.taken() for _ in range(3)]
    await placed(story, paid)
    await Orders(story.database).keep((await placed(story, known)).id, "number 7")
    await admin.execute("UPDATE generations SET lease_until = now() - interval '1 second'")
    lapsed = await Recovery(story.database).lapsed()
    assert {each.task_id: each.is_perhaps_paid for each in lapsed} == {
        free.transition.task_id: False,
        paid.transition.task_id: True,
        known.transition.task_id: False,
    }


async def test_who_has_the_order_is_who_will_draw_it(story: Story) -> None:
    taken = await story.taken()
    task_id, orders = taken.transition.task_id, Orders(story.database)
    assert await orders.route(task_id) == Route("blank", fails_over=False, is_ordered=False)
    sent = await placed(story, taken)
    assert await orders.route(task_id) == Route("modelslab", fails_over=False, is_ordered=True)
    await orders.refuse(sent.id)
    assert await orders.route(task_id) == Route("blank", fails_over=False, is_ordered=False)
    assert await orders.route(fresh()) is None


async def test_orders_go_with_the_story_they_were_for(story: Story, admin: Admin) -> None:
    await placed(story, await story.taken())
    await admin.execute("UPDATE plots SET deleted_at = now()")
    await admin.execute("DELETE FROM plots")
    assert await story.rows("SELECT id FROM orders") == []
