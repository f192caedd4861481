"""AUTOMATIC1111 and Forge: what is told of a drawing is told of this drawing, and of no other."""

import asyncio
from dataclasses import replace

from structlog.testing import capture_logs

from limner.domain.progress import Progress, Stage
from limner.providers.signs import why_no_picture
from providers.sitting import Onlooker, idle_talk, order, sitting

ORDERED = Progress(Stage.ORDERING)
QUEUED = Progress(Stage.QUEUED)


def drawing(step: int) -> Progress:
    """What is told at a step of 30."""
    return Progress(Stage.DRAWING, step / 30)


def shown(step: int) -> Progress:
    """The same, from the number that is told of the whole server."""
    return Progress(Stage.DRAWING, step / 30 + 0.01)


async def test_a_drawing_tells_how_far_it_is_and_shows_what_there_is() -> None:
    onlooker = Onlooker()
    async with sitting() as (standin, provider):
        hold = standin.studio.hold(12)
        task = asyncio.create_task(provider.draw(order(), onlooker.ticket))
        await onlooker.sees(drawing(12))
        await onlooker.sees_pictures(1)
        hold.go.set()
        await task
    fractions = [each.fraction for each in onlooker.reports if each.fraction is not None]
    assert fractions == sorted(fractions)
    assert all(why_no_picture(picture) is None for picture in onlooker.pictures)
    assert onlooker.stages[0] is Stage.ORDERING
    assert {Stage.ORDERING, Stage.DRAWING} <= set(onlooker.stages)
    assert any(each.eta_seconds for each in onlooker.reports)


async def test_a_preview_is_shown_once() -> None:
    onlooker = Onlooker()
    async with sitting() as (standin, provider):
        hold = standin.studio.hold(12)
        task = asyncio.create_task(provider.draw(order(), onlooker.ticket))
        await onlooker.sees_pictures(1)
        before = standin.asked.count("/internal/progress")
        await idle_talk(standin)
        assert standin.asked.count("/internal/progress") > before
        assert len(onlooker.pictures) == 1
        hold.go.set()
        await task


async def test_an_order_behind_somebody_elses_is_queued_and_shows_nothing_of_theirs() -> None:
    onlooker = Onlooker()
    async with sitting() as (standin, provider):
        hold = standin.studio.hold(10)
        theirs = asyncio.create_task(standin.studio.visit())
        await hold.reached.wait()
        ours = asyncio.create_task(provider.draw(order(), onlooker.ticket))
        await onlooker.sees(QUEUED)
        told = await idle_talk(standin)
        assert told["progress"] > 0.4, "theirs is there to be seen"
        assert set(onlooker.reports) == {ORDERED, QUEUED}
        assert not onlooker.pictures
        hold.go.set()
        await asyncio.gather(theirs, ours)


async def test_without_progress_of_tasks_an_order_alone_is_told_by_the_servers_own() -> None:
    async with sitting("nowebui") as (standin, provider):
        for step in (12, 15):
            onlooker = Onlooker()
            hold = standin.studio.hold(step)
            task = asyncio.create_task(provider.draw(order(), onlooker.ticket))
            await onlooker.sees(shown(step))
            hold.go.set()
            await task
            assert not onlooker.pictures, "whose they are is not known for certain"
    assert "/sdapi/v1/progress" not in standin.asked, "it is asked to leave them out"


async def test_a_job_that_was_there_before_is_never_told_as_ours() -> None:
    onlooker = Onlooker()
    async with sitting("nowebui") as (standin, provider):
        hold = standin.studio.hold(10)
        theirs = asyncio.create_task(standin.studio.visit(job="scripts_txt2img", steps=30))
        await hold.reached.wait()
        ours = asyncio.create_task(provider.draw(order(), onlooker.ticket))
        await standin.studio.queued.wait()
        await idle_talk(standin)
        hold.go.set()
        await asyncio.gather(theirs, ours)
    assert set(onlooker.reports) == {ORDERED}


async def test_a_job_of_another_kind_that_came_first_is_not_told_as_ours() -> None:
    onlooker = Onlooker()
    async with sitting("nowebui") as (standin, provider):
        theirs, ours = standin.studio.hold(10), standin.studio.hold(12)
        task = asyncio.create_task(provider.draw(order("crowd"), onlooker.ticket))
        await theirs.reached.wait()
        await idle_talk(standin)
        assert set(onlooker.reports) == {ORDERED}
        theirs.go.set()
        await onlooker.sees(shown(12))
        ours.go.set()
        await task


async def test_what_was_taken_for_ours_is_dropped_when_another_job_follows_it() -> None:
    onlooker = Onlooker()
    async with sitting("nowebui") as (standin, provider):
        theirs, ours = standin.studio.hold(10), standin.studio.hold(12)
        task = asyncio.create_task(provider.draw(order("twin"), onlooker.ticket))
        await onlooker.sees(shown(10))
        theirs.go.set()
        await ours.reached.wait()
        await idle_talk(standin)
        ours.go.set()
        await task
    assert shown(12) not in [replace(each, eta_seconds=None) for each in onlooker.reports]


async def test_two_orders_of_one_worker_are_not_taken_for_each_other() -> None:
    first, second = Onlooker(), Onlooker()
    async with sitting("nowebui") as (standin, provider):
        hold = standin.studio.hold(10)
        both = asyncio.gather(*(provider.draw(order(), each.ticket) for each in (first, second)))
        await hold.reached.wait()
        await idle_talk(standin)
        hold.go.set()
        await both
    assert set(first.reports) == set(second.reports) == {ORDERED}


async def test_an_old_server_that_overlooks_the_id_draws_and_nothing_is_made_up() -> None:
    onlooker = Onlooker()
    async with sitting("old") as (standin, provider):
        hold = standin.studio.hold(10)
        task = asyncio.create_task(provider.draw(order(), onlooker.ticket))
        await hold.reached.wait()
        await idle_talk(standin)
        hold.go.set()
        await task
    assert set(onlooker.reports) == {ORDERED}


async def test_progress_that_fails_costs_no_picture_and_one_warning() -> None:
    onlooker = Onlooker()
    with capture_logs() as lines:
        async with sitting() as (standin, provider):
            standin.broken = frozenset({"/internal/progress"})
            hold = standin.studio.hold(10)
            task = asyncio.create_task(provider.draw(order(), onlooker.ticket))
            await hold.reached.wait()
            await idle_talk(standin)
            hold.go.set()
            await task
    assert standin.asked.count("/internal/progress") > 2
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == [
        "Nobody knows how far the drawing is"
    ]


async def test_progress_that_hangs_holds_no_picture_up() -> None:
    async with sitting() as (standin, provider):
        hold = standin.studio.hold(10)
        task = asyncio.create_task(provider.draw(order(), Onlooker().ticket))
        await hold.reached.wait()
        standin.hanging = frozenset({"/internal/progress"})
        await idle_talk(standin)
        hold.go.set()
        async with asyncio.timeout(2):
            await task


async def test_progress_of_tasks_that_turns_out_not_to_be_there_ends_the_watching_quietly() -> None:
    onlooker = Onlooker()
    with capture_logs() as lines:
        async with sitting("nowebui") as (standin, provider):
            standin.broken = frozenset({"/internal/progress"})
            hold = standin.studio.hold(10)
            task = asyncio.create_task(provider.draw(order(), onlooker.ticket))
            await hold.reached.wait()
            standin.broken = frozenset()
            await idle_talk(standin)
            hold.go.set()
            await task
    assert set(onlooker.reports) == {ORDERED}, "nobody saw whether the server was idle before"
    assert "error" not in [line["log_level"] for line in lines]
