"""No more orders are out than a provider lets wait, and who waits for that is pending."""

import asyncio
from dataclasses import replace

from limner.domain.errors import ErrorCode
from limner.domain.status import Status
from limner.gates.breakers import FAILURES
from limner.gates.slots import Slots
from limner.providers.base import Order, Picture, Ticket
from worker.easel import Easel, Painter, blank
from worker.elsewhere import PAID, asked, breaking, elsewhere, ordering, refusing


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


async def test_who_goes_on_with_an_order_counts_and_does_not_wait(easel: Easel) -> None:
    drawing, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(order: Order, ticket: Ticket) -> Picture:
        drawing.set()
        await go_on.wait()
        return await blank(order, ticket)

    first = elsewhere(
        ordering(breaking(ErrorCode.PROVIDER_UNAVAILABLE), "number 7"),
        slowly,
        terms=replace(PAID, orders_at_once=2),
    )
    task_id = (await easel.ask(provider=first.name)).task_id
    draw = easel.drawing(first)
    await draw(task_id)
    again = asyncio.create_task(draw(task_id))
    async with asyncio.timeout(10):
        await drawing.wait()
    async with easel.slots(first).held("another"):
        third = asyncio.create_task(_held(easel.slots(first)))
        assert not (await asyncio.wait([third], timeout=0.5))[0]
        go_on.set()
        async with asyncio.timeout(10):
            await asyncio.gather(again, third)


async def test_an_order_that_is_left_behind_keeps_its_slot_for_a_while(easel: Easel) -> None:
    terms = replace(PAID, orders_at_once=1)
    first = elsewhere(ordering(breaking(ErrorCode.PROVIDER_TIMEOUT), "number 7"), terms=terms)
    task_id = (await easel.ask(provider=first.name)).task_id
    await easel.drawing(first)(task_id)
    waiting = asyncio.create_task(_held(easel.slots(first)))
    assert not (await asyncio.wait([waiting], timeout=0.5))[0]
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_slot_is_free_while_the_next_provider_draws(easel: Easel) -> None:
    drawing, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(order: Order, ticket: Ticket) -> Picture:
        drawing.set()
        await go_on.wait()
        return await blank(order, ticket)

    terms = replace(PAID, orders_at_once=1)
    first = elsewhere(refusing(ErrorCode.PROVIDER_MODEL_UNAVAILABLE), terms=terms)
    task_id = (await easel.ask(provider=first.name, fails_over=True)).task_id
    task = asyncio.create_task(easel.drawing(first, Painter(slowly))(task_id))
    async with asyncio.timeout(10):
        await drawing.wait()
        await _held(easel.slots(first))
        go_on.set()
        await task


async def test_nobody_waits_for_the_slot_of_a_provider_that_is_left_alone(easel: Easel) -> None:
    terms = replace(PAID, orders_at_once=1)
    first = elsewhere(refusing(ErrorCode.PROVIDER_UNAVAILABLE), terms=terms)
    second = elsewhere(blank)
    for _ in range(FAILURES):
        await asked(easel, first, second)
    async with easel.slots(first).held("another"), asyncio.timeout(10):
        task_id = await asked(easel, first, second)
    assert (await easel.statuses(task_id))[-1] is Status.COMPLETED


async def test_who_waits_for_a_slot_until_the_deadline_has_failed(easel: Easel) -> None:
    first = elsewhere(blank, terms=replace(PAID, orders_at_once=1))
    task_id = (await easel.ask(provider=first.name, deadline_seconds=0.3)).task_id
    async with easel.slots(first).held("another"):
        await easel.drawing(first, deadline_seconds=0.3)(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, ErrorCode.DEADLINE_EXCEEDED)
    assert first.orders == []


async def _held(slots: Slots) -> None:
    async with slots.held("one more"):
        pass
