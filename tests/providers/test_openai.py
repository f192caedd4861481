"""Drawing over real sockets with a server that speaks as OpenAI does, and as gateways do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.progress import Stage
from limner.images.inspect import MAX_BYTES
from limner.providers.base import Provider
from limner.providers.openai import OpenAIProvider
from limner.providers.openai.provider import EVENT_BYTES
from providers.clerk import Clerk
from providers.openai_desk import GPT, KEY, LOCAL, OpenAIStandin, failing, order, providing
from standins.openai_wire import portrait


@pytest.fixture
async def server() -> AsyncIterator[OpenAIStandin]:
    async with OpenAIStandin() as standin:
        yield standin


@pytest.fixture
async def openai(server: OpenAIStandin) -> AsyncIterator[OpenAIProvider]:
    async with providing(server.base_url) as provider:
        yield provider


async def test_the_provider_is_one_that_charges(openai: OpenAIProvider) -> None:
    provider: Provider = openai
    assert (provider.name, provider.default_model) == ("openai", GPT)
    assert (provider.terms.charges, provider.terms.is_elsewhere) == (True, True)


async def test_a_gpt_image_comes_in_a_stream_with_pictures_on_the_way(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    clerk, prompt = Clerk(), "A portrait of Vernon."
    picture = await openai.draw(order(prompt), clerk.ticket)
    assert (picture.data, picture.model) == (portrait(prompt), GPT)
    assert clerk.pictures == [portrait(prompt, cell=32), portrait(prompt, cell=16)]
    assert [(told.stage, told.fraction) for told in clerk.reports] == [
        (Stage.ORDERING, None),
        (Stage.DRAWING, None),
        (Stage.DRAWING, pytest.approx(1 / 3)),
        (Stage.DRAWING, pytest.approx(2 / 3)),
    ]
    assert clerk.books == ["placed"]
    assert server.orders == [
        {
            "model": GPT,
            "prompt": prompt,
            "n": 1,
            "size": "1024x1536",
            "stream": True,
            "partial_images": 2,
        }
    ]


@pytest.mark.parametrize(
    ("model", "size"), [("dall-e-3", "1024x1792"), ("dall-e-2", "1024x1024"), (LOCAL, "1024x1024")]
)
async def test_other_models_are_asked_for_the_bytes_and_for_no_stream(
    server: OpenAIStandin, openai: OpenAIProvider, model: str, size: str
) -> None:
    clerk = Clerk()
    picture = await openai.draw(order("Petunia", model), clerk.ticket)
    assert picture.data == portrait("Petunia")
    assert clerk.stages == [Stage.ORDERING, Stage.DRAWING]
    assert {told.fraction for told in clerk.reports} == {None}
    asked = {"model": model, "prompt": "Petunia", "n": 1, "size": size}
    assert server.orders == [{**asked, "response_format": "b64_json"}]


@pytest.mark.parametrize("model", ["openai/gpt-image-1.5", "GPT-Image-2-2026-04-21"])
async def test_a_models_family_is_known_with_a_gateways_name_or_a_date_around_it(
    server: OpenAIStandin, openai: OpenAIProvider, model: str
) -> None:
    await failing(openai, Clerk(), model=model)
    assert server.orders[0]["stream"] is True


async def test_a_server_that_wants_no_key_is_sent_none() -> None:
    async with OpenAIStandin(key=None) as server:
        for key in (None, "", " "):
            async with providing(server.base_url, key) as provider:
                await provider.draw(order(), Clerk().ticket)
    assert [headers.get("authorization") for headers in server.headers] == [None] * 3


@pytest.mark.parametrize("act", ["json", "data-url", "partials-0", "partials-1", "early", "done"])
@pytest.mark.parametrize("way", ["script", "prompt"])
async def test_a_picture_is_found_however_it_is_sent(
    server: OpenAIStandin, openai: OpenAIProvider, act: str, way: str
) -> None:
    prompt = "Dudley" if way == "script" else f"Dudley [{act}]"
    server.script.extend([act] if way == "script" else [])
    clerk = Clerk()
    assert (await openai.draw(order(prompt), clerk.ticket)).data == portrait(prompt)
    assert (server.taken, clerk.books) == (1, ["placed"])


@pytest.mark.parametrize(
    "act", ["chopped", "typeless", "misnamed", "unended", "one-event", "partials-3", "odd-partials"]
)
async def test_a_gateways_stream_is_read_as_it_is_meant(
    server: OpenAIStandin, openai: OpenAIProvider, act: str
) -> None:
    server.script.append(act)
    clerk = Clerk()
    assert (await openai.draw(order("Piers"), clerk.ticket)).data == portrait("Piers")
    fractions = [told.fraction for told in clerk.reports if told.fraction is not None]
    assert fractions == sorted(fractions)
    assert all(fraction < 1 for fraction in fractions)
    assert all(shown.startswith(b"\x89PNG") for shown in clerk.pictures)


@pytest.mark.parametrize(("act", "shown"), [("typeless", 1), ("chopped", 1), ("partials-3", 3)])
async def test_a_gateways_pictures_on_the_way_are_shown(
    server: OpenAIStandin, openai: OpenAIProvider, act: str, shown: int
) -> None:
    server.script.append(act)
    clerk = Clerk()
    await openai.draw(order(), clerk.ticket)
    assert len(clerk.pictures) == shown


@pytest.mark.parametrize(
    ("act", "model", "dropped"),
    [
        ("no-stream", GPT, {"stream", "partial_images"}),
        ("no-size", GPT, {"size"}),
        ("no-response-format", LOCAL, {"response_format"}),
    ],
)
async def test_a_parameter_that_a_server_refuses_is_left_out_in_an_order_placed_anew(
    server: OpenAIStandin, openai: OpenAIProvider, act: str, model: str, dropped: set[str]
) -> None:
    clerk = Clerk()
    with capture_logs() as logs:
        await openai.draw(order(f"Vernon [{act}]", model), clerk.ticket)
    first, second = server.orders
    assert first.keys() - second.keys() == dropped
    assert second.items() <= first.items()
    assert clerk.books[:3] == ["placed", "refused", "placed"]
    assert server.taken == 1
    assert [log["event"] for log in logs] == [
        "Ordering again without what the provider does not take"
    ]


async def test_what_a_server_refuses_time_and_again_is_not_ordered_for_ever(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    server.script.extend(["no-stream", "stubborn", "stubborn", "json"])
    clerk = Clerk()
    error = await failing(openai, clerk)
    assert (error.code, isinstance(error, RefusedError)) == (ErrorCode.PROVIDER_REJECTED, True)
    assert clerk.books == ["placed", "refused", "placed", "refused", "placed"]
    assert len(server.orders) == 3, "a size that was not sent is no reason to try again"


async def test_a_prompt_longer_than_the_model_takes_is_not_sent(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    clerk = Clerk()
    error = await failing(openai, clerk, "x" * 1001, "dall-e-2")
    assert (error.code, isinstance(error, RefusedError)) == (ErrorCode.PROVIDER_REJECTED, True)
    assert "1,001" in str(error)
    assert (clerk.books, server.orders) == ([], [])
    await openai.draw(order("x" * 1000, "dall-e-2"), clerk.ticket)


@pytest.mark.parametrize("act", ["hang", "hang-in-stream"])
async def test_cancelling_closes_the_connection_at_once(
    server: OpenAIStandin, openai: OpenAIProvider, act: str
) -> None:
    server.script.append(act)
    clerk = Clerk()
    drawing = asyncio.create_task(openai.draw(order(), clerk.ticket))
    await server.room.arrived.wait()
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    async with asyncio.timeout(5):
        await server.room.left.wait()
    assert clerk.books == ["placed"]


async def test_a_server_that_is_silent_is_left_after_its_time(server: OpenAIStandin) -> None:
    async with providing(server.base_url, seconds=0.1) as provider:
        for act in ("hang", "hang-in-stream"):
            server.script.append(act)
            error = await failing(provider, Clerk())
            assert error.code is ErrorCode.PROVIDER_TIMEOUT
            assert not isinstance(error, RefusedError)


async def test_pictures_on_the_way_are_shown_when_they_come(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    server.script.append("hang-in-stream")
    shown: asyncio.Queue[bytes] = asyncio.Queue()
    ticket = replace(Clerk().ticket, show=shown.put_nowait)
    drawing = asyncio.create_task(openai.draw(order("Vernon"), ticket))
    async with asyncio.timeout(5):
        assert await shown.get() == portrait("Vernon", cell=32)
        assert not drawing.done()
        server.room.go_on.set()
        assert (await drawing).data == portrait("Vernon")


async def test_a_picture_of_many_megabytes_is_read_from_one_line_of_a_stream(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    server.script.append("huge")
    picture = await openai.draw(order("Vernon"), Clerk().ticket)
    assert len(picture.data) == 6 << 20
    assert picture.data.startswith(portrait("Vernon"))
    assert MAX_BYTES * 4 / 3 + 100_000 < EVENT_BYTES, "any that is stored is read"


async def test_the_order_is_placed_before_it_is_sent(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    async def refuse() -> None:
        raise DrawingError(ErrorCode.WORKER_LOST, "The books are closed.")

    with pytest.raises(DrawingError):
        await openai.draw(order(), replace(Clerk().ticket, place=refuse))
    assert server.orders == []


async def test_the_key_goes_to_the_base_url_alone(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    async with OpenAIStandin() as elsewhere:
        server.script.append("moved")
        await failing(openai, Clerk())
        assert (elsewhere.headers, len(server.headers)) == ([], 1)
    assert KEY not in str(server.headers)
