"""The main job: a request becomes an image, and everybody sees every step."""

import io

from PIL import Image

from stage.author import Author
from stage.reader import watching


async def test_a_request_becomes_an_image_and_the_stream_shows_each_step(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Dursley", "a stout man")
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        assert 1000 <= await stream.greeted() <= 3000
        accepted = await author.draw(character_id, provider="avatar")
        events = [await stream.next() for _ in range(3)]
    assert [event.id for event in events] == ["1", "2", "3"]
    assert [event.json["status"] for event in events] == ["pending", "generating", "completed"]
    assert events[0].json == accepted
    assert events[-1].json == await author.status(character_id)
    image = await author.ask("GET", str(events[-1].json["image_url"]))
    assert Image.open(io.BytesIO(image.raw)).size == (768, 768)
