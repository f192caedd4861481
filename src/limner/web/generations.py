"""Generations over HTTP: asking for an image, polling, canceling, looking back."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from limner.domain import generation
from limner.domain.idempotency import Answer
from limner.domain.transition import JsonObject, never_drawn, status_object
from limner.encoding import encode
from limner.store.history import Polled
from limner.web.answers import json_answer, matches, owner_of, resources_of
from limner.web.bodies import ImageRequest, body_of, read_json
from limner.web.characters import exists as character_exists
from limner.web.once import once_of, response_of
from limner.web.paging import cursor_of, limit_of, make_cursor
from limner.web.waiting import held, wait_of

POLL_SECONDS = 1
"""How long a poller should wait while something is in flight."""


async def create(request: Request) -> Response:
    """`POST /api/characters/{character_id}/image`: 202 when a generation begins, else 200."""
    character_id, owner = request.path_params["character_id"], owner_of(request)
    asking = resources_of(request).request
    sitter = await asking.sitter(character_id, owner)
    value = await read_json(request, optional=True)
    once = once_of(request, value, _accepted)
    body = body_of(value, ImageRequest)
    accepted = await asking(
        character_id,
        owner,
        generation.Request(body.prompt, body.provider, body.model, body.seed),
        sitter=sitter,
        once=once,
    )
    return response_of(_accepted(accepted))


async def status(request: Request) -> Response:
    """`GET /api/characters/{character_id}/image/status`: the polling fallback."""
    polled = await resources_of(request).history.poll(
        request.path_params["character_id"], owner_of(request)
    )
    headers = {"Cache-Control": "no-cache"}
    seconds = wait_of(request)
    if seconds is not None:
        polled, used_seconds = await held(request, polled, seconds, partial(_is_news, request))
        headers["Preference-Applied"] = f"wait={used_seconds}"
    headers["ETag"] = _etag(polled)
    if _is_in_flight(polled):
        headers["Retry-After"] = str(POLL_SECONDS)
    if matches(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return json_answer(_polled_object(polled), headers=headers)


async def cancel(request: Request) -> Response:
    """`POST /api/characters/{character_id}/image/cancel`."""
    canceled = await resources_of(request).cancel.image(
        request.path_params["character_id"], owner_of(request)
    )
    return json_answer(status_object(canceled))


async def index(request: Request) -> Response:
    """`GET /api/characters/{character_id}/generations`: newest first."""
    await character_exists(request)
    count = limit_of(request)
    cursor = cursor_of(request, int)
    page = await resources_of(request).history.of_character(
        request.path_params["character_id"],
        owner_of(request),
        before=int(cursor[0]) if cursor else None,
        count=count + 1,
    )
    last = page[count - 1] if page[count:] else None
    return json_answer(
        {
            "items": [status_object(transition) for transition in page[:count]],
            "next": make_cursor(last.seq) if last else None,
        }
    )


async def show(request: Request) -> Response:
    """`GET /api/generations/{task_id}`: with all its transitions."""
    transitions = await resources_of(request).history.of_generation(
        request.path_params["task_id"], owner_of(request)
    )
    value = status_object(transitions[-1])
    value["transitions"] = [status_object(transition) for transition in transitions]
    return json_answer(value)


async def exists(request: Request) -> None:
    """Raise `NotFoundError` unless the asker has this generation."""
    await show(request)


def _accepted(accepted: generation.Accepted) -> Answer:
    transition = accepted.transition
    return Answer(
        202 if accepted.begun else 200,
        f"/api/characters/{transition.character_id}/image/status",
        encode(status_object(transition)),
    )


def _is_news(request: Request, polled: Polled) -> bool:
    """Whether it is what one who would rather wait is waiting for."""
    if "if-none-match" in request.headers:
        return not matches(request, _etag(polled))
    return not _is_in_flight(polled)


def _is_in_flight(polled: Polled) -> bool:
    return polled.transition is not None and not polled.transition.status.is_final


def _etag(polled: Polled) -> str:
    return f'"{polled.transition.seq}"' if polled.transition else '"none"'


def _polled_object(polled: Polled) -> JsonObject:
    if polled.transition is None:
        return never_drawn(polled.character_id, polled.plot_id)
    return status_object(polled.transition)
