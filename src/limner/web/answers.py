"""What the server sends: JSON objects of plots, characters and statuses."""

import re

from starlette.requests import Request
from starlette.responses import Response

from limner.domain.character import Character
from limner.domain.plot import LOCAL_OWNER, Plot
from limner.domain.transition import JsonObject, never_drawn, rfc3339, status_object
from limner.encoding import encode
from limner.resources import Resources

_ETAG = re.compile(r'(?:W/)?("[^"]*")')


def resources_of(request: Request) -> Resources:
    """What this process works with."""
    resources: Resources = request.app.state.resources
    return resources


def owner_of(_request: Request) -> str:
    """Who asks. While no authentication is set there is one user, and all is theirs."""
    return LOCAL_OWNER


def json_answer(
    value: JsonObject, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A JSON object as an answer that no cache keeps."""
    return Response(
        encode(value),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        media_type="application/json",
    )


def plot_object(plot: Plot, characters: list[Character] | None = None) -> JsonObject:
    """A plot: with its characters, or in a list with their number."""
    value: JsonObject = {
        "id": plot.id,
        "title": plot.title,
        "style": plot.style,
        "seq": plot.seq,
        "created_at": rfc3339(plot.created_at),
        "updated_at": rfc3339(plot.updated_at),
    }
    if characters is None:
        value["character_count"] = plot.character_count
    else:
        value["characters"] = [character_object(character) for character in characters]
    return value


def character_object(character: Character) -> JsonObject:
    """A character with its newest completed image and its status object."""
    return {
        "id": character.id,
        "plot_id": character.plot_id,
        "name": character.name,
        "description": character.description,
        "image_url": character.portrait.url if character.portrait else None,
        "image": (
            status_object(character.newest)
            if character.newest
            else never_drawn(character.id, character.plot_id)
        ),
        "created_at": rfc3339(character.created_at),
        "updated_at": rfc3339(character.updated_at),
    }


def matches(request: Request, etag: str) -> bool:
    """Whether `If-None-Match` names this representation, compared weakly as RFC 9110 wants it."""
    asked = ",".join(request.headers.getlist("if-none-match"))
    return asked.strip() == "*" or etag in _ETAG.findall(asked)
