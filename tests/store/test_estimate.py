"""The estimate is learnt from what was drawn before."""

import asyncio

import pytest

from limner.domain.estimate import Estimate
from store.story import STATED, Story


async def drawn_in(story: Story, seconds: list[float], *, model: str = "square") -> None:
    """Completed generations that took so long, in this order."""
    for took in seconds:
        accepted = await story.ask(await story.somebody(), model=model)
        taken = await story.take(accepted.transition.task_id)
        await story.complete(taken)
        await story.rows(
            "UPDATE generations SET started_at = finished_at - make_interval(secs => $2)"
            " WHERE id = $1",
            taken.transition.task_id,
            took,
        )


async def estimate(story: Story, *, model: str = "square") -> Estimate:
    accepted = await story.ask(await story.somebody(), model=model)
    return accepted.transition.estimate


async def test_four_drawings_teach_nothing_and_the_fifth_does(story: Story) -> None:
    await drawn_in(story, [1, 2, 3, 4])
    assert await estimate(story) == STATED
    await drawn_in(story, [5])
    assert await estimate(story) == Estimate(3, 4.6)


async def test_it_is_the_median_and_the_90th_percentile(story: Story) -> None:
    await drawn_in(story, [10, 1, 9, 2, 8, 3, 7, 4, 6, 5, 11])
    assert await estimate(story) == Estimate(6, 10)


async def test_a_model_learns_from_its_own_drawings_only(story: Story) -> None:
    await drawn_in(story, [1, 1, 1, 1, 1], model="quick")
    assert await estimate(story, model="slow") == STATED
    assert await estimate(story, model="quick") == Estimate(1, 1)


async def test_only_the_last_two_hundred_count(story: Story) -> None:
    await drawn_in(story, [1000] * 30)
    await asyncio.gather(*(drawn_in(story, [2] * 20) for _ in range(10)))
    assert await estimate(story) == Estimate(2, 2)


async def test_what_failed_or_was_canceled_teaches_nothing(story: Story) -> None:
    await drawn_in(story, [1, 1, 1, 1])
    await story.fail(await story.taken())
    assert await estimate(story) == STATED


async def test_an_estimate_stays_what_it_was_when_the_request_was_accepted(story: Story) -> None:
    task_id = await story.waiting()
    await drawn_in(story, [1, 1, 1, 1, 1])
    taken = await story.take(task_id)
    assert taken.transition.estimate == STATED


@pytest.mark.parametrize("seconds", [0.04, 1.26])
async def test_seconds_are_told_to_a_tenth(story: Story, seconds: float) -> None:
    await drawn_in(story, [seconds] * 5)
    assert (await estimate(story)).low_seconds == round(seconds, 1)
