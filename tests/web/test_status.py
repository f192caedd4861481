"""Polling: the same object as the event's, with an ETag that moves with each transition."""

import pytest

from stage.author import Author
from stage.reader import watching
from web.shapes import IMAGE, METADATA, STATUS, is_time, never_drawn


async def test_a_character_that_was_never_drawn_has_the_status_none(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    answer = await author.ask("GET", f"/api/characters/{character_id}/image/status")
    assert answer.status == 200
    assert answer.json == never_drawn(character_id, plot_id)
    assert answer.headers["ETag"]
    assert "Retry-After" not in answer.headers


async def test_a_completed_status_says_all_there_is_to_say(author: Author) -> None:
    character_id = await author.character(await author.plot())
    asked = await author.draw(character_id)
    await author.finished(character_id)
    status = await author.status(character_id)
    assert status.keys() == STATUS
    assert (status["status"], status["previous"], status["seq"]) == ("completed", "generating", 3)
    assert status["task_id"] == asked["task_id"]
    assert status["error"] is status["error_code"] is None
    metadata = status["metadata"]
    assert metadata.keys() == METADATA
    assert metadata["attempt"] == 1
    assert metadata["last_error"] is metadata["retryable"] is None
    times = [metadata[f"{name}_at"] for name in ("queued", "started", "finished")]
    assert all(is_time(time) for time in times)
    assert times == sorted(times)
    assert metadata["finished_at"] == status["at"]
    assert metadata["duration_seconds"] >= 0
    image = metadata["image"]
    assert image.keys() == IMAGE
    assert (image["width"], image["height"], image["content_type"]) == (64, 64, "image/png")
    assert status["image_url"] == f"/api/images/{image['sha256']}.png"


async def test_it_is_what_the_stream_said_last_and_what_the_character_carries(
    author: Author,
) -> None:
    character_id = await author.character(await author.plot())
    path = f"/api/characters/{character_id}"
    async with watching(author.session, f"{path}/image/events") as stream:
        await stream.greeted()
        await author.draw(character_id, provider="avatar")
        events = [event.json for event in await stream.rest() if event.name == "status"]
    assert events[-1] == await author.status(character_id)
    assert events[-1] == (await author.ask("GET", path)).json["image"]


async def test_the_etag_moves_with_each_transition_and_retry_after_ends_with_the_flight(
    author: Author,
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    path = f"/api/characters/{character_id}/image/status"
    seen = []
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.greeted()
        answers = [await author.ask("GET", path)]
        await author.draw(character_id, provider="avatar")
        for _ in range(3):
            event = await stream.next()
            answer = await author.ask("GET", path)
            if answer.json == event.json:  # else it has moved on already
                seen.append(answer.json["status"])
                answers.append(answer)
    etags = [answer.headers["ETag"] for answer in answers]
    assert len(set(etags)) == len(etags) >= 3
    assert seen[-1] == "completed"
    for answer in answers:
        in_flight = answer.json["status"] in {"pending", "generating"}
        assert answer.headers.get("Retry-After") == ("1" if in_flight else None)


FORMS = ["{}", "W/{}", '"other", {}', '"other",W/{} , "more"', "*"]


@pytest.mark.parametrize("form", FORMS)
async def test_who_has_it_already_is_told_so(waiting: Author, form: str) -> None:
    character_id = await waiting.character(await waiting.plot())
    await waiting.draw(character_id)
    path = f"/api/characters/{character_id}/image/status"
    etag = (await waiting.ask("GET", path)).headers["ETag"]
    answer = await waiting.ask("GET", path, **{"If-None-Match": form.format(etag)})
    assert (answer.status, answer.raw) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert answer.headers["Retry-After"] == "1"
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("header", ['"other"', "", "1", 'W/"other", "2x"'])
async def test_who_has_another_is_told_everything(waiting: Author, header: str) -> None:
    character_id = await waiting.character(await waiting.plot())
    await waiting.draw(character_id)
    path = f"/api/characters/{character_id}/image/status"
    answer = await waiting.ask("GET", path, **{"If-None-Match": header})
    assert answer.status == 200
    assert answer.json["status"] == "pending"
