"""A commit whose answer was lost is asked again under the same name, and counted once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from limner.domain.errors import DatabaseUnavailableError, ErrorCode
from limner.domain.generation import Request
from limner.domain.transition import Transition
from limner.store.database import open_database
from limner.store.ledger import Ledger
from store.lossy import Loses, Proxy, lossy
from store.story import MINUTES, OWNER, STATED, Story, fresh

LOSSES = [Loses.THE_COMMIT, Loses.THE_ANSWER_TO_THE_COMMIT]
each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.value)


@pytest_asyncio.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with lossy(database_url) as proxy:
        yield proxy


@pytest_asyncio.fixture
async def ledger(proxy: Proxy) -> AsyncIterator[Ledger]:
    """A ledger behind the proxy."""
    async with open_database(proxy.url, connections=2) as database:
        yield Ledger(database)


@each_loss
async def test_a_take_is_one_attempt_however_often_it_is_asked(
    story: Story, ledger: Ledger, proxy: Proxy, loss: Loses
) -> None:
    task_id, token = await story.waiting(), fresh()
    proxy.loses = loss
    with pytest.raises(DatabaseUnavailableError):
        await ledger.take(task_id, token=token, lease_seconds=MINUTES)
    asked_again = [await ledger.take(task_id, token=token, lease_seconds=MINUTES) for _ in "ab"]
    assert [taken and taken.transition.seq for taken in asked_again] == [2, 2]
    assert [taken and taken.transition.attempt for taken in asked_again] == [1, 1]
    assert len(await story.moves()) == 2


@each_loss
async def test_a_completion_is_one_transition_however_often_it_is_asked(
    story: Story, ledger: Ledger, proxy: Proxy, loss: Loses
) -> None:
    taken, move = await story.taken(), fresh()
    image = await story.claim()

    async def complete() -> object:
        return await ledger.complete(
            taken.transition.task_id,
            image,
            token=taken.token,
            model="square",
            move=move,
        )

    proxy.loses = loss
    with pytest.raises(DatabaseUnavailableError):
        await complete()
    assert await complete() == await complete() == (await story.told())[-1]
    assert [told.status for told in await story.told()] == ["pending", "generating", "completed"]


@each_loss
async def test_a_return_costs_one_attempt_however_often_it_is_asked(
    story: Story, ledger: Ledger, proxy: Proxy, loss: Loses
) -> None:
    taken, move = await story.taken(), fresh()

    async def give_back() -> object:
        return await ledger.give_back(
            taken.transition.task_id, token=taken.token, reason="It was busy.", move=move
        )

    proxy.loses = loss
    with pytest.raises(DatabaseUnavailableError):
        await give_back()
    assert await give_back() == await give_back()
    assert len(await story.moves()) == 3


async def test_a_return_asked_again_after_the_next_take_undoes_nothing(story: Story) -> None:
    taken, move = await story.taken(), fresh()
    task_id = taken.transition.task_id
    first = await story.ledger.give_back(task_id, token=taken.token, reason="Busy.", move=move)
    await story.take(task_id)
    again = await story.ledger.give_back(task_id, token=taken.token, reason="Busy.", move=move)
    assert first is not None
    assert again is not None
    assert again.transition == first.transition
    assert len(await story.moves()) == 4


@each_loss
async def test_cancel_fail_and_expire_are_counted_once_as_well(
    story: Story, ledger: Ledger, proxy: Proxy, loss: Loses
) -> None:
    taken, waiting, late = (
        await story.taken(),
        await story.waiting(),
        await story.waiting(deadline_seconds=0),
    )
    task_id, token = taken.transition.task_id, taken.token

    async def fail(move: str) -> Transition | None:
        return await ledger.fail(
            task_id, token=token, code=ErrorCode.INTERNAL, error="It broke.", move=move
        )

    async def cancel(move: str) -> Transition | None:
        return await ledger.cancel(waiting, move=move)

    async def expire(move: str) -> Transition | None:
        return await ledger.expire(late, error="Too late.", move=move)

    for ask in (fail, cancel, expire):
        move = fresh()
        proxy.loses = loss
        with pytest.raises(DatabaseUnavailableError):
            await ask(move)
        told = await ask(move)
        assert told is not None
        assert await ask(move) == told
    assert [told.seq for told in await story.told()] == list(range(1, 8))


@each_loss
async def test_a_request_asked_again_begins_no_second_generation(
    story: Story, ledger: Ledger, proxy: Proxy, loss: Loses
) -> None:
    character_id = await story.somebody()

    async def ask() -> bool:
        accepted = await ledger.accept(
            character_id,
            OWNER,
            Request(),
            provider="blank",
            model="square",
            stated=STATED,
            max_attempts=3,
            deadline_seconds=MINUTES,
        )
        return accepted.begun

    proxy.loses = loss
    with pytest.raises(DatabaseUnavailableError):
        await ask()
    assert await ask() is (loss is Loses.THE_COMMIT)
    assert await story.moves() == [(1, None, "pending")]
