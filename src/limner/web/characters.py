"""Characters over HTTP."""

from starlette.requests import Request
from starlette.responses import Response

from limner.domain.character import Character
from limner.domain.idempotency import Answer
from limner.encoding import encode
from limner.web.answers import character_object, json_answer, owner_of, resources_of
from limner.web.bodies import CharacterChange, NewCharacter, body_of, read_body, read_json
from limner.web.once import once_of, response_of
from limner.web.plots import exists as plot_exists


async def create(request: Request) -> Response:
    """`POST /api/plots/{plot_id}/characters`."""
    await plot_exists(request)
    value = await read_json(request)
    once = once_of(request, value, _created)
    body = body_of(value, NewCharacter)
    resources = resources_of(request)
    plot_id = request.path_params["plot_id"]
    character = await resources.characters.add(
        plot_id, owner_of(request), name=body.name, description=body.description, once=once
    )
    await resources.announcer.plot_changed(plot_id)
    return response_of(_created(character))


async def show(request: Request) -> Response:
    """`GET /api/characters/{character_id}`."""
    character = await resources_of(request).characters.get(
        request.path_params["character_id"], owner_of(request)
    )
    return json_answer(character_object(character))


async def change(request: Request) -> Response:
    """`PATCH /api/characters/{character_id}`."""
    await exists(request)
    body = await read_body(request, CharacterChange)
    resources = resources_of(request)
    character = await resources.characters.change(
        request.path_params["character_id"],
        owner_of(request),
        name=body.name,
        description=body.description,
    )
    await resources.announcer.plot_changed(character.plot_id)
    return json_answer(character_object(character))


async def remove(request: Request) -> Response:
    """`DELETE /api/characters/{character_id}`."""
    await resources_of(request).cancel.character(
        request.path_params["character_id"], owner_of(request)
    )
    return Response(status_code=204)


async def exists(request: Request) -> None:
    """Raise `NotFoundError` unless the asker has this character."""
    await resources_of(request).history.plot_of(
        request.path_params["character_id"], owner_of(request)
    )


def _created(character: Character) -> Answer:
    return Answer(201, f"/api/characters/{character.id}", encode(character_object(character)))
