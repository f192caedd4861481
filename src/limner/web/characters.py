"""Characters over HTTP."""

from starlette.requests import Request
from starlette.responses import Response

from limner.web.answers import character_object, json_answer, owner_of, resources_of
from limner.web.bodies import CharacterChange, NewCharacter, read_body
from limner.web.plots import exists as plot_exists


async def create(request: Request) -> Response:
    """`POST /api/plots/{plot_id}/characters`."""
    await plot_exists(request)
    body = await read_body(request, NewCharacter)
    resources = resources_of(request)
    plot_id = request.path_params["plot_id"]
    character = await resources.characters.add(
        plot_id, owner_of(request), name=body.name, description=body.description
    )
    await resources.announcer.plot_changed(plot_id)
    location = {"Location": f"/api/characters/{character.id}"}
    return json_answer(character_object(character), 201, location)


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
