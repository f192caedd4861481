"""What a check of ModelsLab finds, and that it costs nothing."""

import logging

import pytest
from structlog.testing import capture_logs

from providers.modelslab_desk import Desk, desk


async def found(at: Desk) -> str | None:
    """What a check finds; it orders nothing, and neither it nor any log has the key."""
    with capture_logs() as lines:
        wrong = await at.provider.check()
    assert at.standin.account.submitted == 0
    assert at.standin.key not in f"{wrong} {lines}"
    return wrong


async def test_nothing_is_wrong_when_the_key_is_good_and_the_model_is_there() -> None:
    async with desk() as at:
        assert await found(at) is None


async def test_a_wrong_key_is_found() -> None:
    async with desk(key="wrong-key-5hUm") as at:
        wrong = await found(at)
        assert wrong is not None
        assert "LIMNER_MODELSLAB_API_KEY" in wrong
        assert "wrong-key-5hUm" not in wrong


async def test_a_model_that_is_gone_is_found_and_another_named() -> None:
    async with desk("without-model:imagen-4.0-ultra") as at:
        wrong = await found(at)
        assert wrong is not None
        assert "imagen-4.0-ultra" in wrong
        assert "LIMNER_MODELSLAB_MODEL" in wrong
        assert "nano-banana-pro" in wrong


async def test_a_list_that_can_not_be_read_is_told_of() -> None:
    async with desk("models-html") as at:
        wrong = await found(at)
        assert wrong is not None
        assert "not known" in wrong


async def test_the_list_is_asked_for_with_the_key_in_the_query_as_is_documented() -> None:
    async with desk() as at:
        assert await found(at) is None
        *_, listed = at.standin.account.requests
        assert listed.path == "/api/v7/models?search=imagen-4.0-ultra&per_page=100"
        assert listed.has_key
        assert "content-length" not in listed.headers, "not every network lets a GET with a body by"


async def test_a_key_in_a_url_that_could_not_be_asked_is_told_to_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with desk("models-reset") as at:
        with caplog.at_level(logging.DEBUG):
            wrong = await found(at)
        assert "The connection to the provider broke." in (wrong or "")
        assert at.standin.account.requests[-1].path.startswith("/api/v7/models?")
        assert at.standin.key not in caplog.text


async def test_something_else_at_the_address_is_found() -> None:
    async with desk(path="/wrong") as at:
        wrong = await found(at)
        assert wrong is not None
        assert "LIMNER_MODELSLAB_BASE_URL" in wrong


async def test_nobody_at_the_address_is_found() -> None:
    async with desk() as at:
        await at.standin.stop()
        wrong = await found(at)
        assert wrong is not None
        assert "LIMNER_MODELSLAB_BASE_URL" in wrong


async def test_where_only_the_sixth_version_answers_the_key_is_checked_there() -> None:
    async with desk("v6-only") as at:
        assert await found(at) is None
    async with desk("v6-only", key="wrong-key-5hUm") as at:
        assert "LIMNER_MODELSLAB_API_KEY" in (await found(at) or "")
