"""Where one provider can't draw, the next one does; and where nobody must, nobody does."""

import asyncio

import pytest

from limner.domain.errors import ErrorCode
from limner.domain.status import Status
from limner.flows import order_book
from limner.gates.breakers import FAILURES
from limner.providers.base import Order, Picture, Ticket
from limner.store.orders import Orders
from worker.easel import Easel, blank
from worker.elsewhere import asked, breaking, elsewhere, ordering, refusing

PASSED_ON = [
    ErrorCode.PROVIDER_UNAUTHORIZED,
    ErrorCode.PROVIDER_QUOTA,
    ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
    ErrorCode.PROVIDER_UNAVAILABLE,
]
KEPT = [code for code in ErrorCode if code not in PASSED_ON]


@pytest.mark.parametrize("code", PASSED_ON)
async def test_the_next_one_draws_what_the_first_can_not(easel: Easel, code: ErrorCode) -> None:
    first, second = elsewhere(ordering(refusing(code))), elsewhere(ordering(blank))
    last = (await easel.history(await asked(easel, first, second)))[-1]
    assert (last.status, last.provider, last.attempt) == (Status.COMPLETED, second.name, 1)
    assert [order.model for order in first.orders + second.orders] == ["square", "large"]


@pytest.mark.parametrize("code", KEPT)
async def test_what_is_not_about_the_provider_goes_to_no_other(
    easel: Easel, code: ErrorCode
) -> None:
    first, second = elsewhere(refusing(code)), elsewhere(blank)
    await asked(easel, first, second)
    assert second.orders == []


async def test_the_last_who_was_asked_is_whose_error_is_told(easel: Easel) -> None:
    first = elsewhere(refusing(ErrorCode.PROVIDER_UNAVAILABLE))
    second = elsewhere(refusing(ErrorCode.PROVIDER_QUOTA))
    last = (await easel.history(await asked(easel, first, second)))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, ErrorCode.PROVIDER_QUOTA)
    assert (last.provider, last.model) == (second.name, "large")


async def test_a_provider_that_was_asked_for_by_name_is_the_only_one(easel: Easel) -> None:
    first, second = elsewhere(refusing(ErrorCode.PROVIDER_QUOTA)), elsewhere(blank)
    task_id = (await easel.ask(provider=first.name)).task_id
    await easel.drawing(first, second)(task_id)
    assert (await easel.statuses(task_id))[-1] is Status.FAILED
    assert second.orders == []


async def test_an_order_that_was_perhaps_taken_goes_to_nobody_else_and_is_not_repeated(
    easel: Easel,
) -> None:
    first = elsewhere(ordering(breaking(ErrorCode.PROVIDER_UNAVAILABLE)))
    second = elsewhere(blank)
    last = (await easel.history(await asked(easel, first, second)))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, ErrorCode.PROVIDER_UNAVAILABLE)
    assert "It may have been charged for" in str(last.error)
    assert second.orders == []


async def test_unless_paying_twice_is_what_whoever_runs_it_wants(easel: Easel) -> None:
    first = elsewhere(ordering(breaking(ErrorCode.PROVIDER_UNAVAILABLE)), ordering(blank))
    task_id = (await easel.ask(provider=first.name)).task_id
    draw = easel.drawing(first, repeat_paid_orders=True)
    await draw(task_id)
    await draw(task_id)
    assert (await easel.statuses(task_id))[-1] is Status.COMPLETED
    assert len(first.orders) == 2


async def test_what_breaks_before_it_was_ordered_may_be_drawn_again(easel: Easel) -> None:
    first = elsewhere(breaking(ErrorCode.PROVIDER_UNAVAILABLE), ordering(blank))
    task_id = (await easel.ask(provider=first.name)).task_id
    draw = easel.drawing(first)
    await draw(task_id)
    await draw(task_id)
    assert (await easel.statuses(task_id))[-1] is Status.COMPLETED


async def test_an_order_with_a_handle_is_asked_for_by_the_next_attempt(easel: Easel) -> None:
    handles: list[str | None] = []

    async def look(order: Order, ticket: Ticket) -> Picture:
        handles.append(ticket.handle)
        return await blank(order, ticket)

    first = elsewhere(ordering(breaking(ErrorCode.PROVIDER_UNAVAILABLE), "number 7"), look)
    second = elsewhere(blank)
    task_id = await asked(easel, first, second)
    await easel.drawing(first, second)(task_id)
    assert (await easel.statuses(task_id))[-1] is Status.COMPLETED
    assert (handles, second.orders) == (["number 7"], [])


async def test_a_picture_that_is_none_is_fetched_again_and_not_ordered_again(
    easel: Easel,
) -> None:
    async def blotted(_order: Order, _ticket: Ticket) -> Picture:
        return Picture(b"no picture", "large")

    with_handle = elsewhere(ordering(blotted, "number 7"), blank)
    task_id = (await easel.ask(provider=with_handle.name)).task_id
    draw = easel.drawing(with_handle)
    await draw(task_id)
    await draw(task_id)
    assert (await easel.statuses(task_id))[-1] is Status.COMPLETED

    without = elsewhere(ordering(blotted))
    task_id = (await easel.ask(provider=without.name)).task_id
    await easel.drawing(without)(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, ErrorCode.INVALID_IMAGE)


async def test_a_fetched_order_that_the_provider_gave_up_is_ordered_elsewhere(
    easel: Easel,
) -> None:
    first = elsewhere(
        ordering(breaking(ErrorCode.PROVIDER_TIMEOUT), "number 7"),
        refusing(ErrorCode.PROVIDER_UNAVAILABLE),
    )
    second = elsewhere(ordering(blank))
    task_id = await asked(easel, first, second)
    await easel.drawing(first, second)(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.provider, last.attempt) == (Status.COMPLETED, second.name, 2)


async def test_a_provider_that_keeps_failing_is_not_asked_for_a_while(easel: Easel) -> None:
    first, second = elsewhere(refusing(ErrorCode.PROVIDER_UNAVAILABLE)), elsewhere(blank)
    for _ in range(FAILURES + 2):
        assert (await easel.statuses(await asked(easel, first, second)))[-1] is Status.COMPLETED
    assert (len(first.orders), len(second.orders)) == (FAILURES, FAILURES + 2)


async def test_nor_one_that_never_comes_to_an_end(easel: Easel) -> None:
    async def endless(_order: Order, _ticket: Ticket) -> Picture:
        await asyncio.Event().wait()
        raise AssertionError

    first = elsewhere(endless)
    for _ in range(FAILURES):
        await asked(easel, first, attempt_seconds=0.05)
    last = (await easel.history(await asked(easel, first)))[-1]
    assert len(first.orders) == FAILURES
    assert last.last_error == "The provider has kept failing and is left alone for a while."


async def test_one_that_refuses_what_is_ordered_is_well(easel: Easel) -> None:
    first = elsewhere(refusing(ErrorCode.CONTENT_POLICY))
    for _ in range(FAILURES + 1):
        await asked(easel, first)
    assert len(first.orders) == FAILURES + 1


async def test_a_worker_that_lacks_a_provider_asks_the_next(easel: Easel) -> None:
    known = elsewhere(blank)
    task_id = (await easel.ask(provider="unheard of", fails_over=True)).task_id
    await easel.drawing(known)(task_id)
    assert (await easel.history(task_id))[-1].provider == known.name


async def test_a_deadline_that_passes_says_nothing_of_a_provider(easel: Easel) -> None:
    async def endless(_order: Order, _ticket: Ticket) -> Picture:
        await asyncio.Event().wait()
        raise AssertionError

    failing_one = refusing(ErrorCode.PROVIDER_UNAVAILABLE)
    first = elsewhere(*[failing_one] * (FAILURES - 1), endless, failing_one)
    for _ in range(FAILURES - 1):
        await asked(easel, first)
    task_id = (await easel.ask(provider=first.name, deadline_seconds=0.3)).task_id
    await easel.drawing(first)(task_id)
    await asked(easel, first)
    await asked(easel, first)
    assert len(first.orders) == FAILURES + 1, "the last one was not asked any more"


async def test_a_worker_that_lacks_the_provider_leaves_its_order_as_it_is(easel: Easel) -> None:
    first = elsewhere(ordering(breaking(ErrorCode.PROVIDER_TIMEOUT), "number 7"), blank)
    second = elsewhere(blank)
    task_id = await asked(easel, first, second)
    await easel.drawing(second)(task_id)
    assert (await easel.statuses(task_id))[-1] is Status.PENDING
    await easel.drawing(first, second)(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.provider) == (Status.COMPLETED, first.name)
    assert second.orders == []


async def test_a_handle_that_could_not_be_written_at_once_is_written_in_the_end(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, is_back = Orders.keep, asyncio.Event()

    async def late(orders: Orders, order_id: str, handle: str) -> bool:
        await is_back.wait()
        return await keep(orders, order_id, handle)

    monkeypatch.setattr(Orders, "keep", late)
    monkeypatch.setattr(order_book, "WRITING_SECONDS", 0.1)
    first = elsewhere(ordering(blank, "number 7"), blank)
    task_id = (await easel.ask(provider=first.name)).task_id
    task = asyncio.create_task(easel.drawing(first, attempt_seconds=0.2)(task_id))
    assert not (await asyncio.wait([task], timeout=1.0))[0]
    is_back.set()
    await task
    await easel.drawing(first)(task_id)
    assert await easel.statuses(task_id) == ["pending", "generating"] * 2 + ["completed"]
