"""What is drawn so far can be looked at while it is drawn, small and for a few minutes."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from PIL import Image as Pillow
from redis.asyncio import Redis

from limner.domain.progress import Progress, Stage
from limner.flows.announce import Announcer
from limner.flows.progress import ProgressTeller, telling
from limner.jobs.queue import open_queue
from stage.author import Author
from stage.reader import Stream, watching
from stream.hand import Hand, Site


def picture(colour: str) -> bytes:
    """A picture so far, 1024 by 1536."""
    buffer = io.BytesIO()
    Pillow.new("RGB", (1024, 1536), colour).save(buffer, "PNG")
    return buffer.getvalue()


@asynccontextmanager
async def drawn(site: Site, hand: Hand) -> AsyncIterator[tuple[Stream, ProgressTeller]]:
    """Somebody who is being drawn, watched by a reader, told of by a teller."""
    plot_id = await site.author.plot()
    character_id = await site.author.character(plot_id)
    pending = await hand.accept(character_id)
    path = f"/api/characters/{character_id}/image/events"
    async with (
        watching(site.author.session, path) as stream,
        open_queue(site.env["LIMNER_REDIS_URL"]) as queue,
        telling(Announcer(hand.bus, queue), pending) as teller,
    ):
        await stream.next("status")
        yield stream, teller


async def test_a_picture_so_far_is_told_of_and_can_be_fetched(site: Site, hand: Hand) -> None:
    async with drawn(site, hand) as (stream, teller):
        teller.show(picture("red"))
        hint = await stream.find(lambda event: bool(event.json.get("preview_url")))
        url = str(hint.json["preview_url"])
        answer = await site.author.ask("GET", url)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/webp")
        assert answer.headers["Cache-Control"] == "private, max-age=300, immutable"
        small = Pillow.open(io.BytesIO(answer.raw))
        assert (small.format, max(small.size)) == ("WEBP", 256)

        teller.show(b"no picture")
        teller.report(Progress(Stage.DRAWING, 0.5))
        hint = await stream.find(lambda event: event.json.get("progress_kind") == "reported")
        assert hint.json["preview_url"] == url, "one that can't be read changes nothing"

        teller.show(picture("blue"))
        await stream.find(lambda event: event.json.get("preview_url") not in {None, url})


async def test_a_preview_goes_by_itself(site: Site, hand: Hand, redis: "Redis") -> None:
    async with drawn(site, hand) as (stream, teller):
        teller.show(picture("red"))
        hint = await stream.find(lambda event: bool(event.json.get("preview_url")))
    url = str(hint.json["preview_url"])
    task_id, name = url.removesuffix(".webp").split("/")[3::2]
    key = f"limner:preview:{task_id}:{name}"
    assert 0 < await redis.pttl(key) <= 300_000
    await redis.delete(key)
    gone = await site.author.ask("GET", url)
    assert (gone.status, gone.json["code"]) == (404, "not_found")


async def test_a_preview_of_nothing_that_there_is_is_not_found(author: Author) -> None:
    plot_id = await author.plot()
    nobody = plot_id  # an id, but of no generation
    answer = await author.ask("GET", f"/api/generations/{nobody}/previews/{'ab' * 32}.webp")
    assert answer.status == 404
    answer = await author.ask("POST", f"/api/generations/{nobody}/previews/{'ab' * 32}.webp")
    assert answer.status == 404
