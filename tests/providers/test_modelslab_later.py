"""Asking ModelsLab for orders that it has taken: in trouble, and after an attempt that was lost."""

import asyncio
import json
from dataclasses import replace

import pytest

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.progress import Stage
from providers.clerk import Clerk
from providers.modelslab_desk import QUICK, Desk, desk
from standins.modelslab.pictures import portrait

FIRST = 123456


@pytest.mark.parametrize(
    "words",
    [
        "[fetch-reset*3]",
        "[fetch-500*3]",
        "[fetch-says*3]",
        "[fetch-says:Something went wrong, please try again*3]",
        "[fetch-says:The server is overloaded*3]",
        "[fetch-409*3]",
        "[fetch-html*3]",
        "[fetch-garbage*3]",
        "[fetch-forbidden*3]",
        "[fetch-429:0.01*3]",
        "[fetch-rate:0.01*3]",
        "[fetch-404*2]",
        "[fetch-unknown*2]",
        "[v6-only] [fetch-404*2]",
        "[processing:7] [fetch-unknown%2]",
    ],
)
async def test_a_question_that_fails_is_put_again_and_nothing_is_ordered_again(words: str) -> None:
    async with desk() as at:
        picture = await at.draw(words)
        assert picture.data == portrait(FIRST, words)
        assert at.standin.account.submitted == 1
        again = [line for line in at.logged if "again" in line["event"]]
        assert again
        assert all(line["order"] == str(FIRST) and line["why"] for line in again)


async def test_a_question_without_an_answer_is_put_again() -> None:
    async with desk(bounds=replace(QUICK, fetch_seconds=0.2)) as at:
        assert await at.draw("[fetch-hang*1]")
        assert at.standin.account.fetches == 2


async def test_a_question_that_came_too_early_waits_as_long_as_it_is_told_to() -> None:
    async with desk() as at:
        await at.draw("[fetch-429:0.3*1]")
        _, first, second, *_ = at.standin.account.requests
        assert second.at - first.at >= 0.29


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("[fetch-failed]", ErrorCode.PROVIDER_UNAVAILABLE),
        ("[fetch-failed:Invalid input dimensions]", ErrorCode.PROVIDER_UNAVAILABLE),
        ("[fetch-failed:NSFW content detected]", ErrorCode.CONTENT_POLICY),
        ("[fetch-failed:Insufficient credits]", ErrorCode.PROVIDER_QUOTA),
        ("[fetch-failed:Internal server error. Please try again.]", ErrorCode.PROVIDER_UNAVAILABLE),
        ("[fetch-error:Model not found]", ErrorCode.PROVIDER_MODEL_UNAVAILABLE),
        ("[fetch-error:The request was flagged as unsafe]", ErrorCode.CONTENT_POLICY),
        ("[fetch-error:width must be between 256 and 1024]", ErrorCode.PROVIDER_REJECTED),
    ],
)
async def test_an_order_that_failed_is_over(words: str, code: ErrorCode) -> None:
    async with desk() as at:
        error = await at.failure(f"{words} [processing:1]")
        assert isinstance(error, RefusedError)
        assert error.code is code
        assert at.standin.account.fetches == 2


@pytest.mark.parametrize(
    ("words", "code", "questions"),
    [
        ("[fetch-key]", ErrorCode.PROVIDER_UNAUTHORIZED, 1),
        ("[fetch-says:Insufficient credits]", ErrorCode.PROVIDER_QUOTA, 1),
        ("[fetch-says:This needs a premium subscription]", ErrorCode.PROVIDER_QUOTA, 1),
        ("[fetch-unknown]", ErrorCode.PROVIDER_UNAVAILABLE, 3),
        ("[fetch-404]", ErrorCode.PROVIDER_UNAVAILABLE, 6),
    ],
)
async def test_an_order_that_can_not_be_asked_for_is_perhaps_taken(
    words: str, code: ErrorCode, questions: int
) -> None:
    async with desk() as at:
        error = await at.failure(words)
        assert type(error) is DrawingError
        assert error.code is code
        assert at.standin.account.fetches == questions
        assert at.standin.account.submitted == 1


async def test_questions_go_on_until_the_caller_has_enough() -> None:
    async with desk(bounds=replace(QUICK, first_pause_seconds=0.01)) as at:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await at.draw("[fetch-500]")
        assert at.standin.account.fetches > 2
        assert at.standin.account.submitted == 1


async def lost(at: Desk, prompt: str) -> Clerk:
    """An attempt that was lost while it waited for the answer to its first question."""
    clerk = Clerk()
    attempt = asyncio.create_task(at.draw(prompt, clerk))
    async with asyncio.timeout(10):
        await at.standin.account.held.get()
    attempt.cancel()
    await asyncio.wait([attempt])
    assert clerk.handle is not None
    return Clerk(handle=clerk.handle)


@pytest.mark.parametrize("words", ["", "[minimal]", "[string-id]", "[no-id]", "[v6-only]"])
async def test_an_order_of_a_lost_attempt_is_asked_for_and_not_sent_again(words: str) -> None:
    prompt = f"{words} [fetch-hang*1]"
    async with desk() as at:
        clerk = await lost(at, prompt)
        picture = await at.draw(prompt, clerk)
        assert picture.data == portrait(FIRST, prompt)
        assert at.standin.account.submitted == 1
        assert "placed" not in clerk.books
        assert clerk.stages == [Stage.DRAWING, Stage.DOWNLOADING]


async def test_a_picture_whose_download_was_lost_is_downloaded_and_not_asked_for() -> None:
    async with desk() as at:
        clerk = Clerk()
        error = await at.failure("[now] [image-404*4] [proxy-404*4]", clerk)
        assert type(error) is DrawingError
        again = Clerk(handle=clerk.handle)
        assert (await at.draw("[now]", again)).data
        assert at.standin.account.fetches == 0
        assert at.standin.account.submitted == 1
        assert again.stages == [Stage.DOWNLOADING]


async def test_links_that_have_run_out_are_asked_for_anew() -> None:
    async with desk() as at:
        await at.draw("a wizard")
        old = {"id": str(FIRST), "fetch_url": None, "links": [f"{at.standin.url}/gone.png"]}
        clerk = Clerk(handle=json.dumps(old))
        assert (await at.draw("a wizard", clerk)).data == portrait(FIRST, "a wizard")
        assert at.standin.account.submitted == 1
        assert json.loads(clerk.handle or "")["links"][0].endswith(f"/generations/{FIRST}.png")


async def test_what_was_drawn_once_is_paid_for_even_if_it_is_said_to_have_failed() -> None:
    async with desk() as at:
        at.standin.account.next.append("fetch-failed")
        await at.failure("a wizard")
        old = {"id": str(FIRST), "fetch_url": None, "links": [f"{at.standin.url}/gone.png"]}
        error = await at.failure("a wizard", Clerk(handle=json.dumps(old)))
        assert type(error) is DrawingError


async def test_links_without_an_order_to_ask_for_fail_as_their_download_does() -> None:
    async with desk() as at:
        old: dict[str, object] = {
            "id": None,
            "fetch_url": None,
            "links": [f"{at.standin.url}/gone.png"],
        }
        error = await at.failure("a wizard", Clerk(handle=json.dumps(old)))
        assert type(error) is DrawingError
        assert error.code is ErrorCode.PROVIDER_UNAVAILABLE
        assert at.standin.account.fetches == 0


@pytest.mark.parametrize("kept", ["", "{}", "[]", "null", '{"id": 1, "links": 7}'])
async def test_books_that_can_not_be_read_send_no_order(kept: str) -> None:
    async with desk() as at:
        error = await at.failure("a wizard", Clerk(handle=kept))
        assert type(error) is DrawingError
        assert at.standin.account.requests == []


async def test_a_kept_place_that_is_not_of_modelslab_is_not_told_the_key() -> None:
    async with desk() as at, desk() as stranger:
        theirs = f"{stranger.standin.url}/api/v7/images/fetch/{FIRST}"
        old: dict[str, object] = {"id": None, "fetch_url": theirs, "links": []}
        error = await at.failure("a wizard", Clerk(handle=json.dumps(old)))
        assert type(error) is DrawingError
        assert stranger.standin.account.requests == []
        prompt = f"a wizard [fetch-result:{theirs}]"
        assert (await at.draw(prompt)).data
        assert stranger.standin.account.requests == []
