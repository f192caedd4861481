"""Random JSON at everything that takes a body: never a defect of ours, always a proper answer."""

import json

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stage.author import Author
from stage.wire import exchange, request
from web.shapes import told

NAMES = ["title", "style", "name", "description", "prompt", "provider", "model", "seed"]
TEXTS = st.text(st.characters(), max_size=8) | st.sampled_from(["blank", "avatar", "", " "])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS, lambda more: st.lists(more, max_size=3) | st.dictionaries(TEXTS, more)
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES) | TEXTS, SCALARS | VALUES, max_size=6)
CODES = {400: "bad_json", 422: "invalid_request"}


ROUTES = [
    ("POST", "/api/plots"),
    ("PATCH", "/api/plots/{plot}"),
    ("POST", "/api/plots/{plot}/characters"),
    ("PATCH", "/api/characters/{character}"),
    ("POST", "/api/characters/{character}/image"),
]


@pytest_asyncio.fixture
async def targets(waiting: Author) -> list[tuple[str, str]]:
    """All that takes a body, with ids that are there."""
    plot = await waiting.plot()
    character = await waiting.character(plot)
    return [(method, path.format(plot=plot, character=character)) for method, path in ROUTES]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(ROUTES) - 1), OBJECTS | VALUES, st.booleans())
async def test_no_body_breaks_anything(
    url: str,
    targets: list[tuple[str, str]],
    target: int,
    value: object,
    as_escapes: bool,  # noqa: FBT001  # drawn, not passed by anybody
) -> None:
    body = json.dumps(value, ensure_ascii=as_escapes).encode(errors="surrogatepass")
    reply = await exchange(url, request(*targets[target], body))
    if reply.status in CODES:
        told(reply, reply.status, CODES[reply.status])
    else:
        assert reply.status in {200, 201, 202}, reply.raw
