"""Asking for an image, and not wanting it any more."""

import asyncio

import pytest

from stage.author import Author
from stage.wire import exchange, request
from web.shapes import METADATA, STATUS, is_id, is_time, told


async def test_a_request_begins_a_generation_and_says_where_to_look(waiting: Author) -> None:
    plot_id = await waiting.plot(style="woodcut")
    character_id = await waiting.character(plot_id, "Ada", "tall")
    asked = await waiting.ask("POST", f"/api/characters/{character_id}/image")
    assert asked.status == 202
    assert asked.headers["Location"] == f"/api/characters/{character_id}/image/status"
    assert asked.headers["Cache-Control"] == "no-store"
    status = asked.json
    assert status.keys() == STATUS
    assert is_id(status["task_id"])
    assert is_time(status["at"])
    assert (status["character_id"], status["plot_id"]) == (character_id, plot_id)
    assert (status["status"], status["previous"], status["seq"]) == ("pending", None, 1)
    assert status["image_url"] is status["error"] is status["error_code"] is None
    metadata = status["metadata"]
    assert metadata.keys() == METADATA
    known = {"attempt", "max_attempts", "provider", "model", "prompt", "queued_at", "estimate"}
    assert {name for name, value in metadata.items() if value is not None} == known
    assert (metadata["attempt"], metadata["max_attempts"]) == (0, 3)
    assert (metadata["provider"], metadata["model"]) == ("blank", "square")
    assert metadata["queued_at"] == status["at"]
    assert metadata["estimate"].keys() == {"low_seconds", "high_seconds"}
    assert all(word in metadata["prompt"] for word in ("Ada", "Tall", "woodcut"))
    assert (await waiting.ask("GET", asked.headers["Location"])).json == status


async def test_while_one_is_in_flight_another_request_is_answered_with_it(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    first = await waiting.ask("POST", f"/api/characters/{character_id}/image", {"prompt": "one"})
    again = await waiting.ask("POST", f"/api/characters/{character_id}/image", {"prompt": "two"})
    assert (first.status, again.status) == (202, 200)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]


async def test_of_fifty_simultaneous_requests_exactly_one_begins(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    path = f"/api/characters/{character_id}/image"
    answers = await asyncio.gather(*(waiting.ask("POST", path) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [200] * 49 + [202]
    assert len({answer.json["task_id"] for answer in answers}) == 1
    assert len((await waiting.ask("GET", path[:-5] + "generations")).json["items"]) == 1


NULLS = b'{"prompt":null,"provider":null,"model":null,"seed":null}'


@pytest.mark.parametrize("body", [None, b"", b"{}", b'{"prompt":""}', b'{"prompt":" \\n"}', NULLS])
async def test_what_is_left_out_is_left_to_limner(
    waiting: Author, url: str, body: bytes | None
) -> None:
    character_id = await waiting.character(await waiting.plot(), "Ada")
    path = f"/api/characters/{character_id}/image"
    reply = await exchange(url, request("POST", path, body))
    assert reply.status == 202
    assert reply.json["metadata"]["provider"] == "blank"
    assert "Ada" in reply.json["metadata"]["prompt"]


async def test_an_empty_body_needs_no_content_type(waiting: Author, url: str) -> None:
    character_id = await waiting.character(await waiting.plot())
    path = f"/api/characters/{character_id}/image"
    assert (await exchange(url, request("POST", path, Content_Length="0"))).status == 202


async def test_what_is_asked_for_is_what_is_drawn_with(author: Author) -> None:
    character_id = await author.character(await author.plot(style="oil"), "Ada", "tall")
    prompt = "A lighthouse,\n\tnobody in it 🌊"
    asked = await author.draw(character_id, prompt=prompt, provider="blank", model="disc", seed=0)
    assert asked["metadata"]["prompt"] == prompt
    assert (asked["metadata"]["provider"], asked["metadata"]["model"]) == ("blank", "disc")
    assert (await author.finished(character_id))["metadata"]["prompt"] == prompt


async def test_the_same_seed_draws_the_same_picture_and_another_another(author: Author) -> None:
    character_id = await author.character(await author.plot(), "Ada", "a tall woman")
    urls = []
    for seed in (2**32 - 1, 7, 7):
        await author.draw(character_id, provider="avatar", seed=seed)
        urls.append((await author.finished(character_id))["image_url"])
    assert urls[0] != urls[1] == urls[2]


async def test_an_unknown_provider_is_refused_by_name(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    path = f"/api/characters/{character_id}/image"
    refused = await waiting.ask("POST", path, {"provider": "rembrandt"})
    assert told(refused, 422, "invalid_request") == ["/provider"]
    assert (await waiting.status(character_id))["status"] == "none"


async def test_the_image_before_stays_while_a_new_one_is_drawn(author: Author) -> None:
    character_id = await author.character(await author.plot())
    await author.draw(character_id)
    first = (await author.finished(character_id))["image_url"]
    await author.draw(character_id, provider="avatar")
    shown = (await author.ask("GET", f"/api/characters/{character_id}")).json
    assert shown["image"]["status"] in {"pending", "generating"}
    assert shown["image"]["image_url"] is None
    assert shown["image_url"] == first
    last = await author.finished(character_id)
    shown = (await author.ask("GET", f"/api/characters/{character_id}")).json
    assert shown["image_url"] == last["image_url"] != first


async def test_a_canceled_generation_is_final_and_can_be_canceled_once(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    path = f"/api/characters/{character_id}/image"
    told(await waiting.ask("POST", f"{path}/cancel"), 409, "not_in_flight")
    asked = await waiting.draw(character_id)
    canceled = await waiting.ask("POST", f"{path}/cancel")
    assert canceled.status == 200
    assert canceled.json.keys() == STATUS
    assert canceled.json["metadata"].keys() == METADATA
    assert (canceled.json["status"], canceled.json["previous"]) == ("canceled", "pending")
    assert canceled.json["task_id"] == asked["task_id"]
    assert canceled.json["metadata"]["finished_at"] == canceled.json["at"]
    assert canceled.json == await waiting.status(character_id)
    told(await waiting.ask("POST", f"{path}/cancel"), 409, "not_in_flight")
    assert (await waiting.ask("POST", path)).status == 202
