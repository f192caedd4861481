"""Where one provider can't draw, the next one does; and where nobody must, nobody does."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.status import Status
from limner.gates.breakers import FAILURES
from limner.providers.base import Order, Picture, Terms, Ticket
from worker.easel import Draw, Easel, Painter, blank, failing

PAID = Terms(charges=True, is_elsewhere=True)
PASSED_ON = [
    ErrorCode.PROVIDER_UNAUTHORIZED,
    ErrorCode.PROVIDER_QUOTA,
    ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
    ErrorCode.PROVIDER_UNAVAILABLE,
]
KEPT = [code for code in ErrorCode if code not in PASSED_ON]


def elsewhere(*draws: Draw, terms: Terms = PAID) -> Painter:
    """A provider that is elsewhere, under a name that no other test knows."""
    return Painter(*draws, name=f"elsewhere {uuid4()}", default_model="large", terms=terms)


def ordering(then: Draw, handle: str | None = None) -> Draw:
    """Place an order, keep its handle if there is one, and then go on."""

    async def draw(order: Order, ticket: Ticket) -> Picture:
        await ticket.place()
        if handle is not None:
            await ticket.keep(handle)
        return await then(order, ticket)

    return draw


def refusing(code: ErrorCode) -> Draw:
    """A provider's own word that it does not draw this."""
    return failing(RefusedError(code, "The provider does not draw this."))


def breaking(code: ErrorCode) -> Draw:
    """Something went wrong, and nobody knows what became of the order."""
    return failing(DrawingError(code, "The connection to the provider broke."))


async def asked(easel: Easel, *painters: Painter, **settings: object) -> str:
    """One attempt at a generation that these may draw, in this order; its id."""
    task_id = (await easel.ask(provider=painters[0].name, fails_over=True)).task_id
    await easel.drawing(*painters, **settings)(task_id)
    return task_id


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


async def test_what_waits_for_a_slot_is_pending_and_then_drawn(easel: Easel) -> None:
    drawing, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(order: Order, ticket: Ticket) -> Picture:
        drawing.set()
        await go_on.wait()
        return await blank(order, ticket)

    first = elsewhere(slowly, terms=replace(PAID, orders_at_once=1))
    draw = easel.drawing(first)
    one, two = [(await easel.ask(provider=first.name)).task_id for _ in range(2)]
    tasks = [asyncio.create_task(draw(one))]
    async with asyncio.timeout(10):
        await drawing.wait()
        tasks.append(asyncio.create_task(draw(two)))
        assert not (await asyncio.wait(tasks, timeout=0.3))[0]
        assert await easel.statuses(two) == [Status.PENDING]
        go_on.set()
        await asyncio.gather(*tasks)
    for task_id in (one, two):
        assert (await easel.statuses(task_id))[-1] is Status.COMPLETED


async def test_an_order_that_is_out_already_needs_no_slot(easel: Easel) -> None:
    first = elsewhere(
        ordering(breaking(ErrorCode.PROVIDER_UNAVAILABLE), "number 7"),
        blank,
        terms=replace(PAID, orders_at_once=1),
    )
    task_id = (await easel.ask(provider=first.name)).task_id
    draw = easel.drawing(first)
    await draw(task_id)
    async with easel.slots(first).held("another"), asyncio.timeout(10):
        await draw(task_id)
    assert (await easel.statuses(task_id))[-1] is Status.COMPLETED


async def test_who_waits_for_a_slot_until_the_deadline_has_failed(easel: Easel) -> None:
    first = elsewhere(blank, terms=replace(PAID, orders_at_once=1))
    task_id = (await easel.ask(provider=first.name, deadline_seconds=0.3)).task_id
    async with easel.slots(first).held("another"):
        await easel.drawing(first, deadline_seconds=0.3)(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, ErrorCode.DEADLINE_EXCEEDED)
    assert first.orders == []
