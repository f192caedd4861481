"""Of several things wrong, the first of 421, 404, 405, 413, 415, 400, 422, 409 is answered."""

from itertools import combinations

import pytest

from stage.author import Author
from stage.wire import exchange, request
from web.shapes import NOBODY, told

CODES = {
    421: "misdirected_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    400: "bad_json",
    422: "invalid_request",
}
PAIRS = [pair for pair in combinations(CODES, 2) if 405 not in pair or min(pair) == 404]
PAIRS += [(421, 405), (405, 413), (405, 415), (405, 400), (405, 422)]


def faulty(faults: tuple[int, ...], method: str, path: str) -> bytes:
    """A request with these things wrong with it and nothing else."""
    body = b'{"nonsense":1}' if 422 in faults else b"{}"
    body = b"{" if 400 in faults else body
    return request(
        "PUT" if 405 in faults else method,
        path,
        body + b" " * 64 * 1024 if 413 in faults else body,
        Content_Type="text/plain" if 415 in faults else "application/json",
        Host="evil.example" if 421 in faults else "localhost",
    )


@pytest.mark.parametrize("faults", PAIRS, ids=str)
@pytest.mark.parametrize("where", ["plot", "characters", "character", "image"])
async def test_of_two_faults_the_first_is_answered(
    waiting: Author, url: str, where: str, faults: tuple[int, int]
) -> None:
    plot_id = await waiting.plot()
    character_id = await waiting.character(plot_id)
    if 404 in faults:
        plot_id = character_id = NOBODY
    method, path = {
        "plot": ("PATCH", f"/api/plots/{plot_id}"),
        "characters": ("POST", f"/api/plots/{plot_id}/characters"),
        "character": ("PATCH", f"/api/characters/{character_id}"),
        "image": ("POST", f"/api/characters/{character_id}/image"),
    }[where]
    told(await exchange(url, faulty(faults, method, path)), faults[0], CODES[faults[0]])


async def test_all_faults_at_once_are_answered_one_by_one_as_they_are_mended(
    url: str, waiting: Author
) -> None:
    left = tuple(CODES)
    while left:
        plot_id = NOBODY if 404 in left else await waiting.plot()
        path = f"/api/plots/{plot_id}"
        told(await exchange(url, faulty(left, "PATCH", path)), left[0], CODES[left[0]])
        left = left[1:]


async def test_whose_character_is_not_there_is_told_so_before_what_it_could_do(
    waiting: Author,
) -> None:
    base = f"/api/characters/{NOBODY}"
    for path in ("", "/image", "/image/status", "/image/events", "/image/cancel", "/generations"):
        told(await waiting.ask("PUT", base + path), 404, "not_found")
    for path in (f"/api/plots/{NOBODY}/events", f"/api/generations/{NOBODY}"):
        told(await waiting.ask("PUT", path), 404, "not_found")
    told(await waiting.ask("PUT", f"/api/images/{'0' * 64}.png"), 404, "not_found")


async def test_bad_input_comes_before_what_stands_in_the_way(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    await waiting.draw(character_id)
    path = f"/api/characters/{character_id}/image"
    told(await waiting.ask("POST", path, {"provider": "nobody"}), 422, "invalid_request")
    assert (await waiting.ask("POST", path, {})).status == 200
