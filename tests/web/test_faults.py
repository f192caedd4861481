"""What a JSON object may hold: texts of a length, whole numbers, and nothing unknown."""

import json
from typing import Any

import pytest

from stage.author import Answer, Author
from stage.wire import exchange, request
from web.shapes import told

LIMITS = {"title": 200, "style": 200, "name": 120, "description": 4000, "prompt": 4000}
EMPTY_TOO = {"style", "description", "prompt"}
IN_LINES = {"description", "prompt"}
ASTRAL = "𓀀"


async def say(author: Author, field: str, value: object) -> Answer:
    """Send one field, with what must go with it."""
    if field in {"title", "style"}:
        return await author.ask("POST", "/api/plots", {"title": "x", field: value})
    plot_id = await author.plot()
    if field in {"name", "description"}:
        return await author.ask(
            "POST", f"/api/plots/{plot_id}/characters", {"name": "x", field: value}
        )
    character_id = await author.character(plot_id)
    return await author.ask("POST", f"/api/characters/{character_id}/image", {field: value})


def heard(answer: Answer, field: str) -> str:
    """The field as it was taken."""
    assert answer.status in {201, 202}, answer.raw
    return str((answer.json["metadata"] if field == "prompt" else answer.json)[field])


@pytest.mark.parametrize("field", LIMITS)
async def test_a_text_has_a_length_in_characters_after_its_ends_are_trimmed(
    waiting: Author, field: str
) -> None:
    longest = LIMITS[field]
    for text in ("x" * longest, ASTRAL * longest, " \n\t\u00a0\u3000" + "é" * longest + "\r\n "):
        trimmed = text.strip()
        assert heard(await say(waiting, field, text), field) == trimmed
    for text in ("x" * (longest + 1), ASTRAL * (longest + 1)):
        assert told(await say(waiting, field, text), 422, "invalid_request") == [f"/{field}"]


@pytest.mark.parametrize("field", LIMITS)
@pytest.mark.parametrize("text", ["", " ", "\n\t \u2003"])
async def test_only_what_must_be_there_must_not_be_blank(
    waiting: Author, field: str, text: str
) -> None:
    answer = await say(waiting, field, text)
    if field in EMPTY_TOO:
        assert answer.status in {201, 202}
    else:
        assert told(answer, 422, "invalid_request") == [f"/{field}"]


CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]


@pytest.mark.parametrize("field", LIMITS)
async def test_control_characters_are_refused_but_for_newline_and_tab_in_long_texts(
    waiting: Author, field: str
) -> None:
    for code in CONTROLS:
        text = f"a{chr(code)}b"
        answer = await say(waiting, field, text)
        if chr(code) in "\n\t" and field in IN_LINES:
            assert heard(answer, field) == text
        else:
            assert told(answer, 422, "invalid_request") == [f"/{field}"], hex(code)


@pytest.mark.parametrize("code", [0x00, 0x08, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x7F])
async def test_a_control_character_at_an_end_is_no_white_space(waiting: Author, code: int) -> None:
    for text in (f"a{chr(code)}", f"{chr(code)}a", chr(code)):
        answer = await waiting.ask("POST", "/api/plots", {"title": text})
        assert told(answer, 422, "invalid_request") == ["/title"]


@pytest.mark.parametrize("field", LIMITS)
async def test_half_a_character_is_refused(waiting: Author, field: str) -> None:
    for half in ("\ud800", "a\udfff", "\udc00\ud800"):
        assert told(await say(waiting, field, half), 422, "invalid_request") == [f"/{field}"]
    assert heard(await say(waiting, field, "\ud83c\udf0a"), field) == "🌊"


async def test_what_looks_like_code_is_a_title_like_any_other(waiting: Author) -> None:
    for title in ("'; DROP TABLE plots; --", "<script>alert(1)</script>", "%s %d {} :name", "\\"):
        assert heard(await say(waiting, "title", title), "title") == title


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["x"]])
@pytest.mark.parametrize("field", [*LIMITS, "provider", "model"])
async def test_a_text_is_a_string_and_nothing_else(
    waiting: Author, field: str, value: object
) -> None:
    assert told(await say(waiting, field, value), 422, "invalid_request") == [f"/{field}"]


SEEDS = ["true", "1.0", '"1"', "-1", str(2**32), "1e400", "1e3", "9" * 5000, "-" + "9" * 5000, "[]"]


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_seed_is_a_whole_number_of_32_bits(waiting: Author, url: str, seed: str) -> None:
    character_id = await waiting.character(await waiting.plot())
    body = f'{{"seed":{seed}}}'.encode()
    refused = await exchange(url, request("POST", f"/api/characters/{character_id}/image", body))
    assert told(refused, 422, "invalid_request") == ["/seed"]


BODIES: list[tuple[Any, list[str]]] = [
    ({}, ["/title"]),
    ({"title": None}, ["/title"]),
    ({"a/b": 1, "m~n": 2, "": 3}, ["/", "/a~1b", "/m~0n", "/title"]),
    ({"title": "", "style": 1, "Title": "x"}, ["/Title", "/style", "/title"]),
    ({"title": "x", "id": "y"}, ["/id"]),
    ({"title": "x", "\u0000\n": 1}, ["/\u0000\n"]),
    ({"title": "x", "deep": {"a": [[[{}]]]}}, ["/deep"]),
]


@pytest.mark.parametrize(("body", "pointers"), BODIES)
async def test_every_fault_is_told_at_once_with_a_pointer_to_it(
    waiting: Author, body: object, pointers: list[str]
) -> None:
    refused = await waiting.ask("POST", "/api/plots", body)
    assert sorted(told(refused, 422, "invalid_request")) == pointers


async def test_an_unknown_member_with_half_a_character_breaks_nothing(url: str) -> None:
    body = json.dumps({"title": "x", "\ud800": 1}).encode()
    told(await exchange(url, request("POST", "/api/plots", body)), 422, "invalid_request")


async def test_a_refused_request_changes_nothing(waiting: Author) -> None:
    plot_id = await waiting.plot("one")
    path = f"/api/plots/{plot_id}"
    before = (await waiting.ask("GET", path)).json
    told(await waiting.ask("PATCH", path, {"title": "two", "x": 1}), 422, "invalid_request")
    assert (await waiting.ask("GET", path)).json == before
