"""AUTOMATIC1111 and Forge: an order that nobody waits for is stopped, and no other with it."""

import asyncio

import pytest
from structlog.testing import capture_logs

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.progress import Progress, Stage
from providers.clerk import Clerk
from providers.sitting import Onlooker, order, sitting
from standins.automatic1111 import Automatic1111Standin

INTERRUPT = "/sdapi/v1/interrupt"


async def cancelled(task: asyncio.Task[object], *, seconds: float = 1.0) -> None:
    """Cancel a drawing, which ends at once."""
    task.cancel()
    async with asyncio.timeout(seconds):
        with pytest.raises(asyncio.CancelledError):
            await task


async def left(standin: Automatic1111Standin) -> str:
    """The order whose connection was closed next."""
    async with asyncio.timeout(5):
        return await standin.left.get()


async def test_a_drawing_that_is_cancelled_is_interrupted_and_its_connection_closed() -> None:
    async with sitting() as (standin, provider):
        hold = standin.studio.hold(10)
        task = asyncio.create_task(provider.draw(order(), Clerk().ticket))
        await hold.reached.wait()
        await cancelled(task)
        dropped = await left(standin)
        await provider.aclose()
        assert standin.studio.interrupts == [dropped] == standin.studio.drawn


async def test_an_order_cancelled_in_the_queue_stops_nobody() -> None:
    onlooker = Onlooker()
    async with sitting() as (standin, provider):
        hold = standin.studio.hold(10)
        theirs = asyncio.create_task(standin.studio.visit())
        await hold.reached.wait()
        ours = asyncio.create_task(provider.draw(order(), onlooker.ticket))
        await onlooker.sees(Progress(Stage.QUEUED))
        await cancelled(ours)
        await left(standin)
        await provider.aclose()
        assert INTERRUPT not in standin.asked
        hold.go.set()
        await theirs


async def test_where_tasks_are_not_told_apart_nobody_is_interrupted() -> None:
    async with sitting("nowebui") as (standin, provider):
        hold = standin.studio.hold(10)
        task = asyncio.create_task(provider.draw(order(), Clerk().ticket))
        await hold.reached.wait()
        await cancelled(task)
        await left(standin)
        await provider.aclose()
        assert INTERRUPT not in standin.asked


@pytest.mark.parametrize("path", ["/internal/progress", INTERRUPT])
async def test_a_server_that_does_not_answer_keeps_neither_the_cancelled_nor_the_closing(
    path: str,
) -> None:
    with capture_logs() as lines:
        async with sitting(stop_seconds=0.05) as (standin, provider):
            hold = standin.studio.hold(10)
            task = asyncio.create_task(provider.draw(order(), Clerk().ticket))
            await hold.reached.wait()
            standin.hanging = frozenset({path})
            await cancelled(task)
            async with asyncio.timeout(1):
                await provider.aclose()
    assert [line["event"] for line in lines] == ["The image server may go on drawing for nobody"]


@pytest.mark.parametrize(("word", "limit"), [("reset", 20.0), ("504", 20.0), ("", 0.1)])
async def test_an_order_whose_answer_never_comes_is_stopped_as_well(
    word: str, limit: float
) -> None:
    async with sitting(answer_seconds=limit) as (standin, provider):
        standin.studio.hold(20)
        with pytest.raises(DrawingError):
            await provider.draw(order(word), Clerk().ticket)
        await provider.aclose()
        assert standin.studio.interrupts == standin.studio.drawn


async def test_an_order_that_was_answered_is_not_stopped() -> None:
    async with sitting() as (standin, provider):
        await provider.draw(order(), Clerk().ticket)
        with pytest.raises(DrawingError):
            await provider.draw(order("oom"), Clerk().ticket)
        await provider.aclose()
    assert INTERRUPT not in standin.asked


async def test_half_a_picture_that_somebody_interrupted_is_not_taken_for_a_whole_one() -> None:
    async with sitting() as (standin, provider):
        hold = standin.studio.hold(20)
        task = asyncio.create_task(provider.draw(order(), Clerk().ticket))
        await hold.reached.wait()
        standin.studio.interrupt()
        hold.go.set()
        with pytest.raises(RefusedError) as raised:
            await task
        whole = await provider.draw(order(), Clerk().ticket)
    assert raised.value.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert "stopped" in str(raised.value)
    assert whole.data


async def test_that_it_was_interrupted_can_be_too_late_to_know() -> None:
    async with sitting() as (_, provider):
        picture = await provider.draw(order("next"), Clerk().ticket)
    assert picture.data, "the state tells of the next job already"


async def test_an_interruption_of_the_next_job_is_not_taken_for_one_of_ours() -> None:
    async with sitting() as (_, provider):
        picture = await provider.draw(order("then"), Clerk().ticket)
    assert picture.data


@pytest.mark.parametrize("state", ["broken", "hanging"])
async def test_a_state_that_is_not_told_costs_no_picture(state: str) -> None:
    with capture_logs() as lines:
        async with sitting(look_seconds=0.1) as (standin, provider):
            setattr(standin, state, frozenset({"/sdapi/v1/progress"}))
            picture = await provider.draw(order(), Clerk().ticket)
    assert picture.data
    assert "Nobody knows whether the drawing was cut short" in [line["event"] for line in lines]
