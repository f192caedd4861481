"""A generation's way through the ledger, and what each move leaves behind."""

import pytest

from limner.domain.errors import ErrorCode, NotFoundError
from limner.domain.generation import Request
from limner.domain.image import Image
from limner.store.claims import Claims
from store.story import MINUTES, OWNER, STATED, Story, fresh, image_of


async def test_accept_take_complete_are_the_numbers_one_two_three(story: Story) -> None:
    await story.drawn()
    assert await story.moves() == [
        (1, None, "pending"),
        (2, "pending", "generating"),
        (3, "generating", "completed"),
    ]


async def test_an_accepted_generation_knows_all_but_how_it_will_end(story: Story) -> None:
    character_id = await story.somebody()
    accepted = await story.ask(character_id, max_attempts=5)
    told = accepted.transition
    assert (accepted.begun, accepted.dispatch) == (True, 1)
    assert (told.plot_id, told.character_id) == (story.plot_id, character_id)
    assert (told.attempt, told.max_attempts) == (0, 5)
    assert (told.provider, told.model) == ("blank", "square")
    assert told.prompt == (
        "Portrait of Mara 1, head and shoulders. A keeper of lights. Style: watercolour."
    )
    assert told.estimate == STATED
    assert told.queued_at == told.at
    assert (told.started_at, told.image, told.error, told.last_error) == (None, None, None, None)


async def test_a_prompt_of_the_users_own_is_the_whole_prompt(story: Story) -> None:
    request = Request(prompt="a lighthouse", seed=4294967295)
    accepted = await story.ask(await story.somebody(), request=request)
    assert accepted.transition.prompt == "a lighthouse"
    taken = await story.take(accepted.transition.task_id)
    assert (taken.description, taken.seed) == ("a lighthouse", 4294967295)


async def test_what_is_taken_is_the_first_attempt_with_what_to_draw(story: Story) -> None:
    taken = await story.taken()
    assert taken.transition.attempt == 1
    assert taken.transition.started_at == taken.transition.at
    assert (taken.character_name, taken.description) == ("Mara 1", "a keeper of lights")
    assert MINUTES - 30 < taken.seconds_left <= MINUTES


async def test_a_character_renamed_meanwhile_is_drawn_as_it_was_asked_for(story: Story) -> None:
    character_id = await story.somebody()
    accepted = await story.ask(character_id)
    await story.characters.change(character_id, OWNER, name="Nora", description="a thief")
    taken = await story.take(accepted.transition.task_id)
    assert (taken.character_name, taken.description) == ("Mara 1", "a keeper of lights")


async def test_a_completed_generation_has_its_image_and_the_model_that_drew_it(
    story: Story,
) -> None:
    taken = await story.taken()
    told = await story.ledger.complete(
        taken.transition.task_id,
        await story.claim(),
        token=taken.token,
        model="square-2",
        move=fresh(),
    )
    assert told is not None
    assert told.image == image_of("a face")
    assert told.model == "square-2"
    assert told.started_at == taken.transition.at
    assert told.finished_at == told.at


async def test_the_same_image_may_be_drawn_twice(story: Story) -> None:
    await story.drawn(content="a square")
    await story.drawn(content="a square")
    images = await story.rows("SELECT sha256 FROM images")
    assert len(images) == 1


async def test_a_failed_generation_has_its_code_and_sentence(story: Story) -> None:
    told = await story.fail(await story.taken())
    assert told is not None
    assert told.error_code is ErrorCode.CONTENT_POLICY
    assert told.error == "The provider will not draw this."


async def test_attempts_are_counted_and_the_reason_of_a_lost_one_is_carried_on(
    story: Story,
) -> None:
    taken = await story.taken()
    returned = await story.give_back(taken, reason="It was busy.")
    assert returned is not None
    assert returned.dispatch == 2
    assert (returned.transition.attempt, returned.transition.last_error) == (1, "It was busy.")
    second = await story.take(taken.transition.task_id)
    assert (second.transition.attempt, second.transition.last_error) == (2, "It was busy.")
    assert second.transition.started_at != taken.transition.started_at
    done = await story.complete(second)
    assert done is not None
    assert (done.attempt, done.last_error) == (2, "It was busy.")


async def test_the_last_attempt_can_not_be_given_back(story: Story) -> None:
    taken = await story.taken(max_attempts=2)
    assert await story.give_back(taken)
    last = await story.take(taken.transition.task_id)
    assert last.transition.attempt == last.transition.max_attempts
    assert await story.give_back(last) is None
    assert await story.fail(last)


async def test_what_waits_and_what_is_drawn_can_be_canceled(story: Story) -> None:
    waiting = await story.waiting()
    taken = await story.taken()
    from_waiting = await story.ledger.cancel(waiting, move=fresh())
    from_drawing = await story.ledger.cancel(taken.transition.task_id, move=fresh())
    assert from_waiting is not None
    assert from_drawing is not None
    assert (from_waiting.previous, from_waiting.status) == ("pending", "canceled")
    assert (from_drawing.previous, from_drawing.status) == ("generating", "canceled")


async def test_a_deadline_fails_what_waits_past_it_and_it_can_not_be_taken(story: Story) -> None:
    late = await story.waiting(deadline_seconds=0)
    assert await story.ledger.take(late, token=fresh(), lease_seconds=MINUTES) is None
    told = await story.ledger.expire(late, error="It took too long.", move=fresh())
    assert told is not None
    assert (told.previous, told.status) == ("pending", "failed")
    assert (told.error_code, told.error) == ("deadline_exceeded", "It took too long.")


async def test_a_deadline_that_has_not_passed_fails_nothing(story: Story) -> None:
    waiting = await story.waiting()
    assert await story.ledger.expire(waiting, error="It took too long.", move=fresh()) is None
    assert [move[2] for move in await story.moves()] == ["pending"]


async def test_moments_follow_the_numbers(story: Story) -> None:
    for _ in range(5):
        await story.drawn()
    told = await story.told()
    assert [each.at for each in told] == sorted(each.at for each in told)


async def test_a_lease_is_as_long_as_asked_and_longer_when_renewed(story: Story) -> None:
    task_id = await story.waiting()
    taken = await story.ledger.take(task_id, token=fresh(), lease_seconds=5)
    assert taken is not None

    async def seconds() -> float:
        (row,) = await story.rows(
            "SELECT extract(EPOCH FROM lease_until - clock_timestamp()) AS left FROM generations"
        )
        return float(row["left"])

    assert 0 < await seconds() <= 5
    assert await story.leases.renew(task_id, token=taken.token, lease_seconds=100)
    assert 5 < await seconds() <= 100


async def test_nobody_draws_a_character_of_somebody_else(story: Story) -> None:
    character_id = await story.somebody()
    with pytest.raises(NotFoundError):
        await story.ledger.accept(
            character_id,
            "bob",
            Request(),
            provider="blank",
            model="square",
            stated=STATED,
            max_attempts=3,
            deadline_seconds=MINUTES,
        )
    assert await story.moves() == []


async def test_a_generation_that_does_not_exist_moves_nowhere(story: Story) -> None:
    nothing = fresh()
    assert await story.ledger.take(nothing, token=fresh(), lease_seconds=MINUTES) is None
    assert await story.ledger.cancel(nothing, move=fresh()) is None
    assert not await story.leases.renew(nothing, token=fresh(), lease_seconds=MINUTES)


async def test_an_image_that_the_database_would_not_have_leaves_nothing(story: Story) -> None:
    taken = await story.taken()
    crooked = Image("no sha", "png", "image/png", 1, 1, 1, "no thumbnail")
    with pytest.raises(Exception, match="images_sha256_check"):
        await Claims(story.database).claim(crooked, hold_seconds=MINUTES)
    completing = story.ledger.complete(
        taken.transition.task_id, crooked, token=taken.token, model="square", move=fresh()
    )
    assert await completing is None
    assert [move[2] for move in await story.moves()] == ["pending", "generating"]
    assert await story.complete(taken)
