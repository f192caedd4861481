"""Pictures that are given as a link: it is kept, so that what is paid is downloaded again."""

import json
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.progress import Progress, Stage
from limner.providers.openai import OpenAIProvider
from providers.clerk import Clerk
from providers.openai_desk import OpenAIStandin, failing, order, providing
from standins.openai_wire import portrait


@pytest.fixture
async def server() -> AsyncIterator[OpenAIStandin]:
    async with OpenAIStandin() as standin:
        yield standin


@pytest.fixture
async def openai(server: OpenAIStandin) -> AsyncIterator[OpenAIProvider]:
    async with providing(server.base_url) as provider:
        yield provider


@pytest.mark.parametrize("act", ["url", "stream-url", "late-url"])
async def test_a_picture_that_lies_elsewhere_is_kept_by_its_link_and_then_downloaded(
    server: OpenAIStandin, openai: OpenAIProvider, act: str
) -> None:
    server.script.append(act)
    name = "late.png" if act == "late-url" else "portrait.png"
    clerk = Clerk()
    assert (await openai.draw(order(), clerk.ticket)).data == portrait(name)
    placed, kept = clerk.books
    assert placed == "placed"
    assert json.loads(kept.removeprefix("kept ")) == {"url": f"{server.url}/files/{name}"}
    assert clerk.stages == [Stage.ORDERING, Stage.DRAWING, Stage.DOWNLOADING]
    assert (len(server.orders), server.asked[f"/files/{name}"]) == (1, 1 + (act == "late-url"))
    assert "authorization" not in server.headers[-1]


async def test_an_order_whose_download_failed_is_downloaded_again_and_not_ordered_again(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    server.script.append("page-url")
    clerk = Clerk()
    error = await failing(openai, clerk)
    assert (error.code, isinstance(error, RefusedError)) == (ErrorCode.INVALID_IMAGE, False)
    assert clerk.handle is not None
    later = Clerk(handle=clerk.handle.replace("page.png", "portrait.png"))
    assert (await openai.draw(order(), later.ticket)).data == portrait("portrait.png")
    assert later.books == []
    assert later.reports == [Progress(Stage.DOWNLOADING)]
    assert len(server.orders) == 1


@pytest.mark.parametrize("handle", ["", "{", "[]", '{"id": 1}', '{"url": 7}'])
async def test_a_handle_that_can_not_be_read_orders_nothing(
    server: OpenAIStandin, openai: OpenAIProvider, handle: str
) -> None:
    error = await failing(openai, Clerk(handle=handle))
    assert (error.code, isinstance(error, RefusedError)) == (ErrorCode.INTERNAL, False)
    assert server.orders == []


async def test_a_link_that_is_longer_than_handles_may_be_is_downloaded_all_the_same(
    server: OpenAIStandin, openai: OpenAIProvider
) -> None:
    server.script.append("long-url")
    clerk = Clerk()
    with capture_logs() as logs, pytest.raises(DrawingError, match="downloaded"):
        await openai.draw(order(), clerk.ticket)  # the server of files does not take it either
    assert clerk.books == ["placed"]
    assert "x" * 1000 not in str(logs)
