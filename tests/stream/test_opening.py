"""How a stream begins, whom it turns away, and when it is closed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from stage.author import Author, session_of
from stage.process import BOUND_SECONDS, running
from stage.reader import Parser, watching
from stream.hand import Hand, Site

NOBODY = "00000000-0000-4000-8000-000000000000"


async def test_the_first_thing_that_comes_is_when_to_come_back(author: Author) -> None:
    plot_id = await author.plot()
    async with author.session.get(f"/api/plots/{plot_id}/events") as response:
        name, _, milliseconds = (await response.content.readline()).partition(b": ")
    assert name == b"retry"
    assert 1000 <= int(milliseconds) <= 3000


async def test_clients_are_told_to_come_back_at_different_times(author: Author) -> None:
    plot_id = await author.plot()
    told = set()
    for _ in range(8):
        async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
            told.add(await stream.greeted())
    assert len(told) > 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_no_cache_no_proxy_and_no_compressor_may_hold_a_stream_back(
    author: Author, method: str
) -> None:
    plot_id = await author.plot()
    async with author.session.request(
        method, f"/api/plots/{plot_id}/events", headers={"Accept-Encoding": "gzip, br"}
    ) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store, no-transform"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in response.headers
        assert "Content-Length" not in response.headers


async def test_a_head_request_is_answered_and_ends(author: Author) -> None:
    plot_id = await author.plot()
    answer = await author.ask("HEAD", f"/api/plots/{plot_id}/events")
    assert (answer.status, answer.raw) == (200, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("noun", ["plots/{}/events", "characters/{}/image/events"])
async def test_what_does_not_exist_has_no_stream(author: Author, noun: str, method: str) -> None:
    answer = await author.ask(method, f"/api/{noun.format(NOBODY)}")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_silent_stream_says_that_it_lives_and_takes_no_number_for_it(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    await hand.accept(character_id)
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.next()
        heartbeats = [await stream.next("heartbeat") for _ in range(2)]
    assert [heartbeat.own_id for heartbeat in heartbeats] == [None, None]
    assert all(heartbeat.id == "1" for heartbeat in heartbeats)
    assert all(str(heartbeat.json["at"]).endswith("Z") for heartbeat in heartbeats)
    assert heartbeats[0].json["at"] != heartbeats[1].json["at"]


@pytest.fixture
async def patient(site: Site) -> AsyncIterator[Author]:
    """A client of another API, whose streams may be silent for longer than any test lasts."""
    env = {**site.env, "LIMNER_HEARTBEAT_SECONDS": "600", "LIMNER_MAX_STREAMS": "3"}
    async with (
        running("api", "--child", env=env) as api,
        session_of(str((await api.said("Serving"))["address"])) as session,
    ):
        yield Author(session)


async def test_who_is_told_nothing_at_first_gets_a_heartbeat_at_once(
    patient: Author, hand: Hand
) -> None:
    plot_id = await patient.plot()
    character_id, undrawn = [await patient.character(plot_id) for _ in range(2)]
    plot_path = f"/api/plots/{plot_id}/events"
    openings: list[tuple[str, int | None]] = [
        (plot_path, None),
        (plot_path, 0),
        (f"/api/characters/{undrawn}/image/events", None),
    ]
    for path, seen in openings:
        async with watching(patient.session, path, last_event_id=seen) as stream:
            heartbeat = await stream.find(lambda _: True)
            assert (heartbeat.name, heartbeat.own_id) == ("heartbeat", None)
    await hand.draw(character_id)
    async with watching(patient.session, plot_path, last_event_id=3) as stream:
        assert (await stream.find(lambda _: True)).name == "heartbeat"
        told = await hand.draw(character_id)
        await hand.tell(*told)
        live = [await stream.find(lambda _: True) for _ in told]
    assert [event.own_id for event in live] == ["4", "5", "6"]


async def test_a_heartbeat_is_added_to_no_opening_that_says_something(
    patient: Author, hand: Hand
) -> None:
    plot_id = await patient.plot()
    character_id = await patient.character(plot_id)
    character_path = f"/api/characters/{character_id}/image/events"
    await hand.draw(character_id)
    assert (await patient.ask("GET", character_path, **{"Last-Event-ID": "3"})).raw == b""
    for seen, expected in ((None, ["3"]), (1, ["2", "3"])):
        async with watching(patient.session, character_path, last_event_id=seen) as stream:
            assert [event.own_id for event in await stream.rest()] == expected
    plot_path = f"/api/plots/{plot_id}/events"
    async with watching(patient.session, plot_path) as stream:
        assert (await stream.find(lambda _: True)).own_id == "3"
        told = await hand.draw(character_id)
        await hand.tell(*told)
        assert [(await stream.find(lambda _: True)).own_id for _ in told] == ["4", "5", "6"]


async def test_who_is_turned_away_gets_no_heartbeat(patient: Author) -> None:
    path = f"/api/plots/{await patient.plot()}/events"
    async with AsyncExitStack() as stack, asyncio.timeout(BOUND_SECONDS):
        for _ in range(3):
            stream = await stack.enter_async_context(watching(patient.session, path))
            await stream.next("heartbeat")
        async with watching(patient.session, path) as stream:
            assert await stream.rest() == []
            assert await stream.greeted() >= 5000


async def test_a_stream_can_be_read_byte_by_byte(author: Author, hand: Hand) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Zoë «Ŋ» 李雷", "two\nlines")
    told = await hand.draw(character_id)
    raw = bytearray()
    async with author.session.get(
        f"/api/plots/{plot_id}/events", headers={"Last-Event-ID": "0"}
    ) as response:
        while raw.count(b"event: heartbeat") < 1 or not raw.endswith(b"\n\n"):
            raw += await response.content.readany()
    whole, piecewise = Parser(), Parser()
    expected = whole.feed(raw.decode())
    found = [event for character in raw.decode() for event in piecewise.feed(character)]
    assert found == expected
    assert [event.own_id for event in found[:3]] == [str(one.seq) for one in told]
    assert b"\r" not in raw
    assert not [line for line in raw.decode().split("\n") if line.startswith(":")]
