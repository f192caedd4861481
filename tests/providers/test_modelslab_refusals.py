"""Orders that ModelsLab refuses, in each of the ways it has for it."""

from dataclasses import replace

import pytest

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from providers.clerk import Clerk
from providers.modelslab_desk import QUICK, desk

REJECTED = ErrorCode.PROVIDER_REJECTED
UNAUTHORIZED = ErrorCode.PROVIDER_UNAUTHORIZED
QUOTA = ErrorCode.PROVIDER_QUOTA
NO_MODEL = ErrorCode.PROVIDER_MODEL_UNAVAILABLE
LIMITED = ErrorCode.PROVIDER_RATE_LIMITED
AWAY = ErrorCode.PROVIDER_UNAVAILABLE
POLICY = ErrorCode.CONTENT_POLICY


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("400", REJECTED),
        ("401", UNAUTHORIZED),
        ("402", QUOTA),
        ("403", QUOTA),
        ("403-odd", QUOTA),
        ("403-key", UNAUTHORIZED),
        ("429:30", LIMITED),
        ("429-html", LIMITED),
        ("500", AWAY),
        ("502-json", AWAY),
        ("503", AWAY),
        ("503-html", AWAY),
        ("404-html", AWAY),
        ("moved", AWAY),
        ("unauthenticated", UNAUTHORIZED),
        ("key", UNAUTHORIZED),
        ("key-required", UNAUTHORIZED),
        ("key-field", UNAUTHORIZED),
        ("fields", REJECTED),
        ("checker", REJECTED),
        ("model", NO_MODEL),
        ("model-id", NO_MODEL),
        ("model-field", NO_MODEL),
        ("model-wish", REJECTED),
        ("model-loading", AWAY),
        ("credits", QUOTA),
        ("premium", QUOTA),
        ("policy", POLICY),
        ("policy-500", POLICY),
        ("failed", AWAY),
        ("conflict-own", REJECTED),
        ("odd", REJECTED),
        ("spam", LIMITED),
    ],
)
async def test_a_refusal_has_its_code_and_nothing_is_taken(word: str, code: ErrorCode) -> None:
    async with desk() as at:
        clerk = Clerk()
        error = await at.failure(f"a wizard [{word}]", clerk)
        assert isinstance(error, RefusedError)
        assert error.code is code
        assert clerk.books == ["placed"]
        assert at.standin.account.submitted == 1
        assert at.standin.account.taken == 0
        assert error.detail.startswith("HTTP ")


@pytest.mark.parametrize(
    ("word", "least", "most"),
    [
        ("429:17", 17, 17),
        ("429-header:18", 18, 18),
        ("429-reset:19", 17, 19),
        ("spam", 30, 30),
        ("500", None, None),
    ],
)
async def test_a_refusal_says_when_to_come_again(
    word: str, least: float | None, most: float | None
) -> None:
    async with desk() as at:
        error = await at.failure(f"[{word}]")
        if least is None or most is None:
            assert error.retry_after_seconds is None
        else:
            assert least <= (error.retry_after_seconds or 0) <= most


async def test_when_the_queue_is_full_an_order_is_refused_and_later_it_is_not() -> None:
    async with desk() as at:
        error = await at.failure("[429:1*1]")
        assert (error.code, error.retry_after_seconds) == (LIMITED, 1)
        assert await at.draw("[429:1*1]")
        assert at.standin.account.by_prompt == {"[429:1*1]": 1}


async def test_a_model_that_is_gone_is_told_with_the_setting_that_names_it() -> None:
    async with desk() as at:
        with pytest.raises(RefusedError) as raised:
            await at.draw("a wizard", model="dall-e-9")
        assert raised.value.code is NO_MODEL
        assert "dall-e-9" in str(raised.value)
        assert "LIMNER_MODELSLAB_MODEL" in str(raised.value)


async def test_a_wrong_key_is_told_with_the_setting_that_holds_it_and_not_itself() -> None:
    async with desk(key="wrong-key-5hUm") as at:
        error = await at.failure("a wizard")
        assert error.code is UNAUTHORIZED
        assert "LIMNER_MODELSLAB_API_KEY" in str(error)
        assert "wrong-key-5hUm" not in str(error) + error.detail + repr(at.logged)


async def test_a_key_that_an_answer_repeats_is_blanked_out() -> None:
    async with desk() as at:
        at.standin.account.next.append(f"fetch-failed:no-luck-with-{at.standin.key}")
        error = await at.failure("a wizard")
        assert "no-luck-with-***" in error.detail


async def test_a_prompt_that_is_too_long_for_certain_is_refused_before_it_is_sent() -> None:
    async with desk() as at:
        clerk = Clerk()
        error = await at.failure("wizard " * 481, clerk)
        assert isinstance(error, RefusedError)
        assert error.code is REJECTED
        assert clerk.books == []
        assert at.standin.account.requests == []
        assert await at.draw("wizard " * 480)
        assert await at.draw("wizard " * 481, model="flux")


async def test_nobody_there_is_a_refusal_since_nothing_was_sent() -> None:
    async with desk() as at:
        await at.standin.stop()
        error = await at.failure("a wizard")
        assert isinstance(error, RefusedError)
        assert error.code is AWAY


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("reset", AWAY),
        ("cut", AWAY),
        ("500-html", AWAY),
        ("502-html", AWAY),
        ("504-html", AWAY),
        ("200-html", AWAY),
        ("garbage", AWAY),
        ("list", AWAY),
        ("wordless", AWAY),
        ("server-error", AWAY),
        ("408-json", AWAY),
        ("408-html", AWAY),
        ("409-json", AWAY),
        ("409-status", AWAY),
        ("500-status", AWAY),
        ("502-status", AWAY),
        ("504-json", AWAY),
        ("taken-500", AWAY),
        ("queued-nameless", AWAY),
        ("no-handle", AWAY),
        ("now] [empty", AWAY),
        ("now] [empty-string", AWAY),
        ("now] [nsfw", POLICY),
        ("nsfw", POLICY),
        ("empty", AWAY),
    ],
)
async def test_an_order_that_is_perhaps_taken_is_no_refusal(word: str, code: ErrorCode) -> None:
    async with desk() as at:
        error = await at.failure(f"[{word}]")
        assert not isinstance(error, RefusedError)
        assert error.code is code
        assert at.standin.account.taken == at.standin.account.submitted == 1


async def test_an_answer_that_never_comes_is_perhaps_an_order_that_was_taken() -> None:
    async with desk(bounds=replace(QUICK, submit_seconds=0.2)) as at:
        error = await at.failure("[hang]")
        assert type(error) is DrawingError
        assert error.code is ErrorCode.PROVIDER_TIMEOUT
        assert at.standin.account.taken == 1


@pytest.mark.parametrize("word", ["empty", "empty-string"])
async def test_a_success_without_a_picture_can_still_be_asked_for(word: str) -> None:
    async with desk() as at:
        clerk = Clerk()
        await at.failure(f"[now] [{word}]", clerk)
        assert clerk.handle is not None
