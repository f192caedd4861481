"""AUTOMATIC1111 and Forge: what each failure means, and that none tells the password."""

import traceback

import pytest
from structlog.testing import capture_logs

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.providers.automatic1111 import Automatic1111Provider
from providers.clerk import Clerk
from providers.sitting import order, provider_at, sitting

AWAY = ErrorCode.PROVIDER_UNAVAILABLE
REJECTED = ErrorCode.PROVIDER_REJECTED
UNAUTHORIZED = ErrorCode.PROVIDER_UNAUTHORIZED


async def failure(provider: Automatic1111Provider, word: str = "") -> DrawingError:
    """How an order fails."""
    clerk = Clerk()
    with pytest.raises(DrawingError) as raised:
        await provider.draw(order(word), clerk.ticket)
    assert clerk.books == []
    sentence = str(raised.value)
    assert sentence.endswith((".", "…"))
    assert "!" not in sentence
    return raised.value


@pytest.mark.parametrize(
    ("word", "code", "words"),
    [
        ("sampler", REJECTED, "Sampler not found"),
        ("400", REJECTED, "Sampler not found"),
        ("script", REJECTED, "Script 'x' not found"),
        ("validation", REJECTED, "value is not a valid integer"),
        ("401", UNAUTHORIZED, "Incorrect username or password"),
        ("403", UNAUTHORIZED, "HTTP 403"),
        ("oom", AWAY, "CUDA out of memory"),
        ("broken", AWAY, "AssertionError"),
        ("404", AWAY, "Not Found"),
        ("redirect", AWAY, "HTTP 301"),
        ("interrupted", AWAY, ""),
        ("skipped", AWAY, ""),
        ("prevented", AWAY, ""),
    ],
)
async def test_what_the_server_refuses_in_its_own_words(
    word: str, code: ErrorCode, words: str
) -> None:
    async with sitting() as (_, provider):
        error = await failure(provider, word)
    assert isinstance(error, RefusedError)
    assert error.code is code
    assert error.code.retryable == (code is AWAY)
    assert words in error.detail
    assert not words or words not in str(error), "the server's words are for the log"


@pytest.mark.parametrize(
    ("word", "code", "seconds"),
    [("429", ErrorCode.PROVIDER_RATE_LIMITED, 7.0), ("503", AWAY, 3.0)],
)
async def test_a_server_that_is_busy_says_for_how_long(
    word: str, code: ErrorCode, seconds: float
) -> None:
    async with sitting() as (_, provider):
        error = await failure(provider, word)
    assert isinstance(error, RefusedError)
    assert (error.code, error.retry_after_seconds) == (code, seconds)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("502", AWAY),
        ("504", AWAY),
        ("bare", AWAY),
        ("reset", AWAY),
        ("html", AWAY),
        ("garbled", AWAY),
        ("cut", AWAY),
        ("empty", AWAY),
        ("letters", ErrorCode.INVALID_IMAGE),
    ],
)
async def test_what_leaves_open_whether_it_was_drawn(word: str, code: ErrorCode) -> None:
    async with sitting() as (_, provider):
        error = await failure(provider, word)
    assert not isinstance(error, RefusedError)
    assert error.code is code
    assert error.code.retryable


async def test_a_page_in_place_of_the_picture_is_left_to_whoever_inspects_pictures() -> None:
    async with sitting() as (_, provider):
        picture = await provider.draw(order("page"), Clerk().ticket)
    assert picture.data.startswith(b"<!doctype html>")


async def test_a_server_that_hangs_is_given_up() -> None:
    async with sitting(answer_seconds=0.05) as (_, provider):
        error = await failure(provider, "hang")
    assert not isinstance(error, RefusedError)
    assert error.code is ErrorCode.PROVIDER_TIMEOUT


async def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    async with sitting() as (standin, _):
        url = standin.url
    with capture_logs() as lines:
        async with provider_at(url) as provider:
            error = await failure(provider)
    assert isinstance(error, RefusedError)
    assert error.code is AWAY
    assert not lines, "it was not even looked at a second time"


async def test_a_server_without_its_api_is_told_from_one_without_a_sampler() -> None:
    async with sitting("noapi") as (_, provider):
        error = await failure(provider)
    assert isinstance(error, RefusedError)
    assert error.code is AWAY
    assert "--api" in str(error)
    assert "LIMNER_AUTOMATIC1111_URL" in str(error)


PASSWORD = "open sesame/é"  # noqa: S105 - what must be told nowhere
WITH_PASSWORD = "http://painter:open%20sesame%2F%C3%A9@"  # noqa: S105 - the same in an address


async def test_user_and_password_are_taken_from_the_address() -> None:
    async with sitting(f"auth=painter:{PASSWORD}") as (standin, stranger):
        error = await failure(stranger)
        async with provider_at(standin.url.replace("http://", WITH_PASSWORD)) as provider:
            picture = await provider.draw(order(model="castle"), Clerk().ticket)
            assert await provider.check() is None
    assert error.code is UNAUTHORIZED
    assert "LIMNER_AUTOMATIC1111_URL" in str(error)
    assert picture.model == "castle"


@pytest.mark.parametrize("word", ["echo", "reset", "cut", "401", "502", "interrupted"])
async def test_no_failure_and_no_log_tells_the_password(word: str) -> None:
    with capture_logs() as lines:
        async with sitting(f"auth=painter:{PASSWORD}") as (standin, _):
            standin.broken = frozenset({"/internal/progress"})
            url = standin.url.replace("http://", WITH_PASSWORD)
            async with provider_at(url) as provider:
                error = await failure(provider, word)
        async with provider_at(url) as provider:
            told_by_check = await provider.check()
            away = await failure(provider)
    told = "".join(traceback.format_exception(error) + traceback.format_exception(away))
    told += f"{error.detail}{away.detail}{lines}{told_by_check}"
    assert lines
    for secret in (PASSWORD, "open%20sesame", "cGFpbnRlcjpvcGVu", "sesame"):
        assert secret not in told
