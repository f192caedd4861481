"""Hints: progress and that the plot changed. They have no number and are never repeated."""

import asyncio
import json
from dataclasses import replace
from itertools import pairwise

from redis.asyncio import Redis

from limner.domain.estimate import Estimate
from limner.domain.progress import Progress, Stage
from limner.flows.announce import Announcer
from limner.flows.progress import INTERVAL_SECONDS, telling
from limner.jobs.queue import open_queue
from stage.author import Author
from stage.process import BOUND_SECONDS
from stage.reader import watching
from stream.hand import Hand, Site


async def test_a_plot_that_changes_says_so(author: Author) -> None:
    plot_id = await author.plot()
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.next("heartbeat")
        character_id = await author.character(plot_id)
        hints = [await stream.next("plot")]
        await author.ask("PATCH", f"/api/characters/{character_id}", {"name": "Dora"})
        hints.append(await stream.next("plot"))
        await author.ask("PATCH", f"/api/plots/{plot_id}", {"title": "Another"})
        hints.append(await stream.next("plot"))
        await author.ask("DELETE", f"/api/characters/{character_id}")
        hints.append(await stream.next("plot"))
    assert [hint.json for hint in hints] == [{"plot_id": plot_id}] * 4
    assert [hint.own_id for hint in hints] == [None] * 4


async def test_the_stream_of_a_character_has_the_progress_of_it_alone(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    mine, other = await author.character(plot_id), await author.character(plot_id)
    async with watching(author.session, f"/api/characters/{mine}/image/events") as stream:
        await stream.next("heartbeat")
        await hand.bus.hint(plot_id, {"plot_id": plot_id})
        await hand.bus.hint(plot_id, {"character_id": other, "progress": 0.1})
        await hand.bus.hint(plot_id, {"character_id": mine, "progress": 0.2})
        event = await stream.find(lambda event: event.name != "heartbeat")
    assert (event.name, event.own_id, event.json["progress"]) == ("progress", None, 0.2)


async def test_a_deleted_plot_ends_its_streams_and_they_stay_away(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    paths = [f"/api/plots/{plot_id}/events", f"/api/characters/{character_id}/image/events"]
    async with (
        watching(author.session, paths[0]) as plot,
        watching(author.session, paths[1]) as character,
    ):
        await plot.next("heartbeat")
        await character.next("heartbeat")
        assert (await author.ask("DELETE", f"/api/plots/{plot_id}")).status == 204
        await asyncio.gather(plot.rest(), character.rest())
    for path in paths:
        assert (await author.ask("GET", path, **{"Last-Event-ID": "0"})).status == 404


async def test_progress_comes_at_most_four_times_a_second_and_never_goes_back(
    site: Site, hand: Hand, redis: "Redis"
) -> None:
    plot_id = await site.author.plot()
    pending = await hand.accept(await site.author.character(plot_id))
    fractions = [None, 0.5, 0.1, None, 0.7, 7.0, -1.0]
    told: list[tuple[float, dict[str, object]]] = []
    async with (
        open_queue(site.env["LIMNER_REDIS_URL"]) as queue,
        redis.pubsub() as wire,
        asyncio.timeout(BOUND_SECONDS),
    ):
        await wire.subscribe(f"limner:hint:{plot_id}")
        assert (await anext(wire.listen()))["type"] == "subscribe"
        slow = replace(pending, estimate=Estimate(600, 600))
        async with telling(Announcer(hand.bus, queue), slow) as teller:
            for fraction in fractions:
                for _ in range(50):  # a provider may report as often as it likes
                    teller.report(Progress(Stage.DRAWING, fraction))
                message = await anext(wire.listen())
                told.append((asyncio.get_running_loop().time(), json.loads(message["data"])))
    moments = [moment for moment, _ in told]
    apart = [later - earlier for earlier, later in pairwise(moments)]
    assert min(apart) > 0.8 * INTERVAL_SECONDS
    progress = [float(str(hint["progress"])) for _, hint in told]
    assert progress == sorted(progress)
    assert progress[0] < 0.1
    assert progress[1:] == [0.5, 0.5, 0.5, 0.7, 1.0, 1.0]
    assert {str(hint["task_id"]) for _, hint in told} == {pending.task_id}


async def test_of_a_drawing_that_is_over_in_a_blink_nothing_is_told(
    site: Site, hand: Hand, redis: "Redis"
) -> None:
    plot_id = await site.author.plot()
    pending = await hand.accept(await site.author.character(plot_id))
    async with (
        open_queue(site.env["LIMNER_REDIS_URL"]) as queue,
        redis.pubsub() as wire,
        asyncio.timeout(BOUND_SECONDS),
    ):
        await wire.subscribe(f"limner:hint:{plot_id}")
        assert (await anext(wire.listen()))["type"] == "subscribe"
        async with telling(Announcer(hand.bus, queue), pending) as teller:
            teller.report(Progress(Stage.DRAWING, 1.0))
            await hand.bus.hint("another plot", {})
        await hand.bus.hint(plot_id, {"plot_id": plot_id})
        hint = json.loads((await anext(wire.listen()))["data"])
    assert hint == {"plot_id": plot_id}


async def test_an_estimate_never_claims_to_be_done(site: Site, hand: Hand, redis: "Redis") -> None:
    plot_id = await site.author.plot()
    pending = await hand.accept(await site.author.character(plot_id))
    late = replace(pending, estimate=Estimate(0, 0))
    async with (
        open_queue(site.env["LIMNER_REDIS_URL"]) as queue,
        redis.pubsub() as wire,
        asyncio.timeout(BOUND_SECONDS),
    ):
        await wire.subscribe(f"limner:hint:{plot_id}")
        assert (await anext(wire.listen()))["type"] == "subscribe"
        async with telling(Announcer(hand.bus, queue), late) as teller:
            teller.report(Progress(Stage.DRAWING))
            hint = json.loads((await anext(wire.listen()))["data"])
    assert (hint["progress"], hint["progress_kind"], hint["eta_seconds"]) == (0.95, "estimated", 0)


async def test_what_a_provider_expects_is_counted_down_while_it_says_nothing(
    site: Site, hand: Hand, redis: "Redis"
) -> None:
    plot_id = await site.author.plot()
    pending = await hand.accept(await site.author.character(plot_id))
    usual = replace(pending, estimate=Estimate(600, 600))
    async with (
        open_queue(site.env["LIMNER_REDIS_URL"]) as queue,
        redis.pubsub() as wire,
        asyncio.timeout(BOUND_SECONDS),
    ):
        await wire.subscribe(f"limner:hint:{plot_id}")
        assert (await anext(wire.listen()))["type"] == "subscribe"
        async with telling(Announcer(hand.bus, queue), usual) as teller:
            teller.report(Progress(Stage.DRAWING, eta_seconds=10))
            hints = [json.loads((await anext(wire.listen()))["data"]) for _ in range(3)]
            teller.report(Progress(Stage.DOWNLOADING))
            hints.append(json.loads((await anext(wire.listen()))["data"]))
    left = [hint["eta_seconds"] for hint in hints]
    assert 10 >= left[0] > left[1] > left[2] > left[3] == 0
    assert hints[2]["progress"] > 0.05, "against what the provider expects, not what is usual"
    assert {hint["progress_kind"] for hint in hints} == {"estimated"}
