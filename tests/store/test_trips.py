"""How often Postgres is asked: a move is one statement, and so one transaction and one answer."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from limner.domain.errors import ErrorCode
from limner.domain.generation import Request
from limner.domain.order import OpenOrder
from limner.store.claims import Claims
from limner.store.database import Database, open_database
from limner.store.orders import Orders
from store.story import MINUTES, OWNER, STATED, Story, fresh, image_of


class Log:
    """What one connection has sent, all of it; `asked` since it was looked at last."""

    def __init__(self) -> None:
        self._sent: list[str] = []

    def write(self, query: "asyncpg.connection.LoggedQuery") -> None:
        self._sent.append(query.query)

    @property
    def asked(self) -> int:
        count = len(self._sent)
        self._sent.clear()
        return count


@pytest_asyncio.fixture
async def single(database_url: str, database: Database) -> AsyncIterator[Database]:
    """A pool with one connection, so that the log has everything."""
    async with open_database(database_url, connections=1) as opened:
        yield opened


@pytest_asyncio.fixture
async def log(single: Database) -> Log:
    log = Log()
    async with single.connection() as connection:
        connection.add_query_logger(log.write)
    return log


@pytest_asyncio.fixture
async def story(single: Database, log: Log) -> Story:
    """A story whose every statement is in the log."""
    return await Story.begun(single)


async def test_a_request_is_two_questions_the_second_of_which_begins_it(
    story: Story, log: Log
) -> None:
    character_id = await story.somebody()
    assert log.asked
    sitter = await story.ledger.sitter(character_id, OWNER)
    assert log.asked == 1

    async def ask() -> bool:
        accepted = await story.ledger.accept(
            character_id,
            OWNER,
            Request(),
            provider="blank",
            model="square",
            stated=STATED,
            max_attempts=3,
            deadline_seconds=MINUTES,
            sitter=sitter,
        )
        return accepted.begun

    assert [await ask(), log.asked] == [True, 1]
    assert [await ask(), log.asked] == [False, 1]


async def test_a_take_a_renewal_a_claim_and_a_completion_are_one_question_each(
    story: Story, log: Log
) -> None:
    task_id = await story.waiting()
    assert log.asked
    taken = await story.take(task_id)
    assert log.asked == 1
    assert await story.leases.renew(task_id, token=taken.token, lease_seconds=MINUTES)
    assert log.asked == 1
    image = await Claims(story.database).claim(image_of("a face"), hold_seconds=MINUTES)
    assert log.asked == 1
    assert await story.ledger.complete(
        task_id, image, token=taken.token, model="square", move=fresh()
    )
    assert log.asked == 1


async def test_every_other_move_is_one_question_as_well(story: Story, log: Log) -> None:
    first, second, late = (
        await story.taken(),
        await story.taken(),
        await story.waiting(deadline_seconds=0),
    )
    waiting, ledger = second.transition.task_id, story.ledger
    assert log.asked
    assert await ledger.fail(
        first.transition.task_id,
        token=first.token,
        code=ErrorCode.INTERNAL,
        error="It broke.",
        move=fresh(),
    )
    assert log.asked == 1
    assert await ledger.give_back(waiting, token=second.token, reason="Busy.", move=fresh())
    assert log.asked == 1
    assert await ledger.cancel(waiting, move=fresh())
    assert log.asked == 1
    assert await ledger.expire(late, error="Too late.", move=fresh())
    assert log.asked == 1


async def test_an_order_is_written_down_in_one_question_and_so_is_what_became_of_it(
    story: Story, log: Log
) -> None:
    taken, orders = await story.taken(), Orders(story.database)
    order = OpenOrder(fresh(), "modelslab", "imagen", handle=None)
    assert log.asked
    assert await orders.place(taken.transition.task_id, order, token=taken.token)
    assert log.asked == 1
    assert await orders.keep(order.id, "number 7")
    assert log.asked == 1
    await orders.refuse(order.id)
    assert log.asked == 1
