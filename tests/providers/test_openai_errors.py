"""What a server says when it does not draw, and what may be done after it."""

from collections.abc import AsyncIterator

import pytest

from limner.domain.errors import ErrorCode, RefusedError
from limner.domain.progress import Stage
from limner.providers.openai import OpenAIProvider
from providers.clerk import Clerk
from providers.openai_desk import OpenAIStandin, failing, providing
from standins.openai_rules import PICKY, REFUSALS

C = ErrorCode


@pytest.fixture
async def server() -> AsyncIterator[OpenAIStandin]:
    async with OpenAIStandin() as standin:
        yield standin


@pytest.fixture
async def openai(server: OpenAIStandin) -> AsyncIterator[OpenAIProvider]:
    async with providing(server.base_url) as provider:
        yield provider


REFUSED = {
    "moderation": C.CONTENT_POLICY,
    "policy": C.CONTENT_POLICY,
    "policy-words": C.CONTENT_POLICY,
    "rejected": C.PROVIDER_REJECTED,
    "stubborn": C.PROVIDER_REJECTED,
    "bad-model": C.PROVIDER_MODEL_UNAVAILABLE,
    "billing": C.PROVIDER_QUOTA,
    "unauthorized": C.PROVIDER_UNAUTHORIZED,
    "payment": C.PROVIDER_QUOTA,
    "unverified": C.PROVIDER_MODEL_UNAVAILABLE,
    "forbidden": C.PROVIDER_UNAUTHORIZED,
    "no-model": C.PROVIDER_MODEL_UNAVAILABLE,
    "no-route": C.PROVIDER_MODEL_UNAVAILABLE,
    "conflict": C.PROVIDER_UNAVAILABLE,
    "retry-anyway": C.PROVIDER_UNAVAILABLE,
    "rate": C.PROVIDER_RATE_LIMITED,
    "rate-ms": C.PROVIDER_RATE_LIMITED,
    "rate-reset": C.PROVIDER_RATE_LIMITED,
    "rate-as-stream": C.PROVIDER_RATE_LIMITED,
    "rate-bare": C.PROVIDER_RATE_LIMITED,
    "quota": C.PROVIDER_QUOTA,
    "quota-by-type": C.PROVIDER_QUOTA,
    "no-retry": C.PROVIDER_QUOTA,
    "server-error": C.PROVIDER_UNAVAILABLE,
    "telltale": C.PROVIDER_UNAVAILABLE,
    "for-good": C.PROVIDER_REJECTED,
    "bad-gateway-own": C.PROVIDER_UNAVAILABLE,
    "overloaded": C.PROVIDER_UNAVAILABLE,
    "overloaded-bare": C.PROVIDER_UNAVAILABLE,
    "moved": C.PROVIDER_UNAVAILABLE,
}
PERHAPS_TAKEN = {
    "request-timeout": C.PROVIDER_TIMEOUT,
    "request-timeout-own": C.PROVIDER_TIMEOUT,
    "conflict-bare": C.PROVIDER_UNAVAILABLE,
    "server-error-bare": C.PROVIDER_UNAVAILABLE,
    "bad-gateway": C.PROVIDER_UNAVAILABLE,
    "gateway-timeout": C.PROVIDER_TIMEOUT,
    "gateway-timeout-own": C.PROVIDER_TIMEOUT,
    "cloudflare-timeout-own": C.PROVIDER_TIMEOUT,
    "timeout-by-type": C.PROVIDER_TIMEOUT,
    "gateway-words": C.PROVIDER_TIMEOUT,
    "telltale-bare": C.PROVIDER_UNAVAILABLE,
}


def test_every_refusal_of_the_stand_in_is_in_a_table() -> None:
    assert REFUSED.keys() | PERHAPS_TAKEN.keys() | PICKY.keys() == REFUSALS.keys()


@pytest.mark.parametrize(("act", "code"), REFUSED.items())
async def test_an_order_that_the_provider_refuses_was_not_taken(
    server: OpenAIStandin, openai: OpenAIProvider, act: str, code: ErrorCode
) -> None:
    server.script.extend([act] * 2)
    clerk = Clerk()
    error = await failing(openai, clerk)
    assert (error.code, isinstance(error, RefusedError)) == (code, True)
    assert error.code.retryable == (code in {C.PROVIDER_UNAVAILABLE, C.PROVIDER_RATE_LIMITED})
    assert "req_standin" in error.detail
    assert f"HTTP {REFUSALS[act].status}" in error.detail
    assert server.taken == 0
    assert clerk.stages == [Stage.ORDERING]
    assert clerk.books == ["placed", "refused"] * (len(server.orders) - 1) + ["placed"]


@pytest.mark.parametrize(("act", "code"), PERHAPS_TAKEN.items())
async def test_an_answer_from_something_on_the_way_leaves_open_whether_the_order_was_taken(
    server: OpenAIStandin, openai: OpenAIProvider, act: str, code: ErrorCode
) -> None:
    server.script.append(act)
    error = await failing(openai, Clerk())
    assert (error.code, isinstance(error, RefusedError)) == (code, False)
    assert len(server.orders) == 1


@pytest.mark.parametrize(
    ("act", "seconds"),
    [
        ("rate", 7.0),
        ("rate-ms", 1.5),
        ("rate-reset", 90.5),
        ("rate-bare", None),
        ("overloaded-bare", 20.0),
        ("retry-anyway", 3.0),
        ("quota", None),
        ("server-error", None),
    ],
)
async def test_a_provider_is_left_alone_for_as_long_as_it_asks(
    server: OpenAIStandin, openai: OpenAIProvider, act: str, seconds: float | None
) -> None:
    server.script.append(act)
    assert (await failing(openai, Clerk())).retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("act", "code", "is_refused"),
    [
        ("error-key", C.PROVIDER_UNAVAILABLE, True),
        ("error-event", C.PROVIDER_UNAVAILABLE, True),
        ("error-type", C.PROVIDER_UNAVAILABLE, True),
        ("moderation-in-stream", C.CONTENT_POLICY, True),
        ("rate-in-stream", C.PROVIDER_RATE_LIMITED, True),
        ("timeout-in-stream", C.PROVIDER_TIMEOUT, False),
        ("late-in-stream", C.PROVIDER_TIMEOUT, False),
        ("invalid-in-stream", C.PROVIDER_REJECTED, True),
        ("stream-in-stream", C.PROVIDER_UNAVAILABLE, True),
        ("telltale-stream", C.PROVIDER_UNAVAILABLE, True),
        ("telltale-page", C.PROVIDER_UNAVAILABLE, False),
        ("telltale-words", C.PROVIDER_UNAVAILABLE, False),
        ("error-in-ok", C.PROVIDER_UNAVAILABLE, True),
        ("error-words", C.PROVIDER_UNAVAILABLE, False),
        ("error-text", C.PROVIDER_UNAVAILABLE, False),
        ("words-in-ok", C.PROVIDER_UNAVAILABLE, False),
        ("empty", C.PROVIDER_UNAVAILABLE, False),
        ("no-entry", C.PROVIDER_UNAVAILABLE, False),
        ("empty-stream", C.PROVIDER_UNAVAILABLE, False),
        ("short", C.PROVIDER_UNAVAILABLE, False),
        ("done-without", C.PROVIDER_UNAVAILABLE, False),
        ("cut", C.PROVIDER_UNAVAILABLE, False),
        ("reset", C.PROVIDER_UNAVAILABLE, False),
        ("html", C.PROVIDER_UNAVAILABLE, False),
        ("cut-json", C.PROVIDER_UNAVAILABLE, False),
        ("no-base64", C.PROVIDER_UNAVAILABLE, False),
        ("endless", C.PROVIDER_UNAVAILABLE, False),
    ],
)
async def test_an_answer_of_success_without_a_picture_is_a_refusal_only_with_an_error_in_form(
    server: OpenAIStandin,
    openai: OpenAIProvider,
    act: str,
    code: ErrorCode,
    is_refused: bool,  # noqa: FBT001 - a column of the table
) -> None:
    server.script.append(act)
    clerk = Clerk()
    error = await failing(openai, clerk)
    assert (error.code, isinstance(error, RefusedError)) == (code, is_refused)
    assert error.detail
    assert len(server.orders) == 1
    assert clerk.books == ["placed"]


async def test_a_server_that_is_not_there_was_sent_nothing(openai: OpenAIProvider) -> None:
    async with OpenAIStandin() as gone:
        address = gone.base_url
    async with providing(address) as provider:
        error = await failing(provider, Clerk())
    assert (error.code, isinstance(error, RefusedError)) == (C.PROVIDER_UNAVAILABLE, True)


async def test_a_key_that_is_wrong_is_blanked_out_of_the_servers_words(
    server: OpenAIStandin,
) -> None:
    for key in ("mine-123456", 'a/ü"c'):
        async with providing(server.base_url, key) as provider:
            error = await failing(provider, Clerk())
        assert error.code is C.PROVIDER_UNAUTHORIZED
        assert "LIMNER_OPENAI_API_KEY" in str(error)
        assert "Incorrect API key provided: ***" in error.detail
        assert key not in error.detail


async def test_what_is_left_of_a_key_that_a_server_has_half_blanked_out_is_blanked_out_too(
    server: OpenAIStandin,
) -> None:
    async with providing(server.base_url, "sk-mine-1234567890") as provider:
        error = await failing(provider, Clerk())
    assert "Incorrect API key provided: *** You can" in error.detail
    assert "7890" not in error.detail


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("error-text", "upstream went away"),
        ("error-words", "upstream went away"),
        ("error-type", "error / server_error: boom"),
        ("moderation", "image_generation_user_error / moderation_blocked: Your request was"),
        ("bad-gateway", "<h1>502 Bad Gateway</h1>"),
        ("html", "HTTP 200, request req_standin: <html>Welcome</html>"),
        ("short", "HTTP 200, request req_standin, stream: it ended without a picture"),
        ("endless", "too long"),
    ],
)
async def test_the_log_has_the_servers_own_words(
    server: OpenAIStandin, openai: OpenAIProvider, act: str, words: str
) -> None:
    server.script.append(act)
    assert words in (await failing(openai, Clerk())).detail


async def test_a_model_that_there_is_not_names_the_setting(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    error = await failing(openai, Clerk(), model="gpt-image-99")
    assert error.code is C.PROVIDER_MODEL_UNAVAILABLE
    assert "gpt-image-99" in str(error)
    assert "LIMNER_OPENAI_MODEL" in str(error)
