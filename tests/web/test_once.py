"""`Idempotency-Key`: sent again, done once, answered in the same words."""

import asyncio

import pytest

from stage.author import Answer, Author
from stage.wire import exchange, request
from web.shapes import told

KEY = "Idempotency-Key"


def words(answer: Answer) -> tuple[int, str | None, bytes]:
    """What must be the same each time."""
    return answer.status, answer.headers.get("Location"), answer.raw


async def test_a_plot_asked_for_twice_is_there_once(author: Author) -> None:
    body = {"title": "Once", "style": "woodcut"}
    first = await author.ask("POST", "/api/plots", body, **{KEY: "a plot, please"})
    again = await author.ask("POST", "/api/plots", body, **{KEY: "a plot, please"})
    assert first.status == 201
    assert words(again) == words(first)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Cache-Control"] == "no-store"
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    listed = (await author.ask("GET", "/api/plots?limit=100")).json["items"]
    assert [plot["id"] for plot in listed].count(first.json["id"]) == 1
    other = await author.ask("POST", "/api/plots", body, **{KEY: "another"})
    assert other.json["id"] != first.json["id"]


async def test_a_character_asked_for_twice_is_there_once(author: Author) -> None:
    plot_id = await author.plot()
    path = f"/api/plots/{plot_id}/characters"
    answers = [await author.ask("POST", path, {"name": "Ada"}, **{KEY: "k"}) for _ in range(3)]
    assert answers[0].status == 201
    assert len({words(answer) for answer in answers}) == 1
    shown = (await author.ask("GET", f"/api/plots/{plot_id}")).json["characters"]
    assert [character["id"] for character in shown] == [answers[0].json["id"]]


async def test_an_image_asked_for_again_is_the_first_answer_even_when_it_is_drawn(
    author: Author,
) -> None:
    character_id = await author.character(await author.plot())
    path = f"/api/characters/{character_id}/image"
    first = await author.ask("POST", path, {"seed": 7}, **{KEY: '"k"'})
    assert (first.status, first.json["status"]) == (202, "pending")
    await author.finished(character_id)
    again = await author.ask("POST", path, {"seed": 7}, **{KEY: '"k"'})
    assert words(again) == words(first)
    past = (await author.ask("GET", f"/api/characters/{character_id}/generations")).json["items"]
    assert [status["task_id"] for status in past] == [first.json["task_id"]]
    assert (await author.ask("POST", path, {"seed": 7}, **{KEY: "other"})).status == 202


async def test_the_answer_that_one_is_in_flight_is_kept_as_well(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    path = f"/api/characters/{character_id}/image"
    await waiting.draw(character_id)
    found = await waiting.ask("POST", path, **{KEY: "late"})
    assert found.status == 200
    await waiting.ask("POST", f"{path}/cancel")
    assert words(await waiting.ask("POST", path, **{KEY: "late"})) == words(found)


@pytest.mark.parametrize("count", [2, 30])
async def test_sent_many_times_at_once_it_is_done_once(author: Author, count: int) -> None:
    plot_id = await author.plot()
    path = f"/api/plots/{plot_id}/characters"
    answers = await asyncio.gather(
        *(author.ask("POST", path, {"name": "Ada"}, **{KEY: "at once"}) for _ in range(count))
    )
    assert {answer.status for answer in answers} == {201}
    assert len({words(answer) for answer in answers}) == 1
    assert len((await author.ask("GET", f"/api/plots/{plot_id}")).json["characters"]) == 1


async def test_fifty_at_once_with_five_keys_begin_one_after_the_other(author: Author) -> None:
    character_id = await author.character(await author.plot())
    path = f"/api/characters/{character_id}/image"
    answers = await asyncio.gather(
        *(author.ask("POST", path, **{KEY: f"{number % 5}"}) for number in range(50))
    )
    begun = {answer.raw for answer in answers if answer.status == 202}
    past = (await author.ask("GET", f"/api/characters/{character_id}/generations")).json["items"]
    assert 1 <= len(begun) == len(past) <= 5


SAME = [
    b'{"name":"Ada","description":"tall"}',
    b' {\n"description" : "tall", "name":"\\u0041da" } ',
]


async def test_the_same_value_in_another_spelling_is_the_same(waiting: Author, url: str) -> None:
    path = f"/api/plots/{await waiting.plot()}/characters"
    replies = [
        await exchange(url, request("POST", path, body, Idempotency_Key="k")) for body in SAME
    ]
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].raw == replies[1].raw


async def test_no_body_and_an_empty_one_ask_for_the_same_image(waiting: Author, url: str) -> None:
    path = f"/api/characters/{await waiting.character(await waiting.plot())}/image"
    replies = [
        await exchange(url, request("POST", path, body, Idempotency_Key="k"))
        for body in (None, b"{}")
    ]
    assert [reply.status for reply in replies] == [202, 202]
    assert replies[0].raw == replies[1].raw


@pytest.mark.parametrize(
    "body", [{"name": "Bea"}, {"name": "Ada", "description": ""}, {"name": "Ada "}]
)
async def test_the_same_key_with_another_body_is_refused_and_nothing_done(
    waiting: Author, body: dict[str, str]
) -> None:
    plot_id = await waiting.plot()
    path = f"/api/plots/{plot_id}/characters"
    await waiting.ask("POST", path, {"name": "Ada"}, **{KEY: "k"})
    told(await waiting.ask("POST", path, body, **{KEY: "k"}), 422, "idempotency_mismatch")
    assert len((await waiting.ask("GET", f"/api/plots/{plot_id}")).json["characters"]) == 1


async def test_a_key_belongs_to_its_path(waiting: Author) -> None:
    answers = []
    for _ in range(2):
        path = f"/api/plots/{await waiting.plot()}/characters"
        answers.append(await waiting.ask("POST", path, {"name": "Ada"}, **{KEY: "k"}))
    assert answers[0].json["plot_id"] != answers[1].json["plot_id"]


async def test_what_was_refused_may_be_mended_under_the_same_key(waiting: Author) -> None:
    path = f"/api/plots/{await waiting.plot()}/characters"
    told(await waiting.ask("POST", path, {"name": ""}, **{KEY: "k"}), 422, "invalid_request")
    assert (await waiting.ask("POST", path, {"name": "Ada"}, **{KEY: "k"})).status == 201


async def test_what_is_gone_is_gone_whatever_the_key(waiting: Author) -> None:
    plot_id = await waiting.plot()
    path = f"/api/plots/{plot_id}/characters"
    await waiting.ask("POST", path, {"name": "Ada"}, **{KEY: "k"})
    await waiting.ask("DELETE", f"/api/plots/{plot_id}")
    told(await waiting.ask("POST", path, {"name": "Ada"}, **{KEY: "k"}), 404, "not_found")


@pytest.mark.parametrize(
    "pair",
    [("k", '"k"'), ('a"b', r'"a\"b"'), ("x" * 255, '"' + "x" * 255 + '"'), ("a b", ' "a b" ')],
    ids=["quotes", "an escape", "255 characters", "a space"],
)
async def test_bare_and_quoted_are_the_same_key(
    waiting: Author, url: str, pair: tuple[str, str]
) -> None:
    path = f"/api/plots/{await waiting.plot()}/characters"
    replies = [
        await exchange(url, request("POST", path, b'{"name":"Ada"}', Idempotency_Key=key))
        for key in pair
    ]
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].raw == replies[1].raw


@pytest.mark.parametrize(
    "key",
    ["", '""', "x" * 256, '"' + "x" * 256 + '"', '"open', '"a"b', "\xe9t\xe9", r'"a\b"', "a\tb"],
)
async def test_what_is_no_key_is_refused_in_a_sentence(waiting: Author, url: str, key: str) -> None:
    plot_id = await waiting.plot()
    sent = request(
        "POST", f"/api/plots/{plot_id}/characters", b'{"name":"Ada"}', Idempotency_Key=key
    )
    told(await exchange(url, sent), 400, "bad_idempotency_key")
    assert (await waiting.ask("GET", f"/api/plots/{plot_id}")).json["characters"] == []


async def test_two_keys_are_none(waiting: Author, url: str) -> None:
    sent = request("POST", "/api/plots", b'{"title":"x"}', Idempotency_Key="a")
    twice = sent.replace(b"Idempotency-Key: a", b"Idempotency-Key: a\r\nIdempotency-Key: b")
    told(await exchange(url, twice), 400, "bad_idempotency_key")
