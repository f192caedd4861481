"""Plots over HTTP."""

from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from limner.domain.idempotency import Answer
from limner.domain.plot import Plot
from limner.domain.transition import rfc3339
from limner.encoding import encode
from limner.web.answers import json_answer, matches, owner_of, plot_object, resources_of
from limner.web.bodies import NewPlot, PlotChange, body_of, read_body, read_json
from limner.web.once import once_of, response_of
from limner.web.paging import cursor_of, foreign_cursor, limit_of, make_cursor


async def create(request: Request) -> Response:
    """`POST /api/plots`."""
    value = await read_json(request)
    once = once_of(request, value, _created)
    body = body_of(value, NewPlot)
    plot = await resources_of(request).plots.add(
        owner_of(request), title=body.title, style=body.style, once=once
    )
    return response_of(_created(plot))


async def index(request: Request) -> Response:
    """`GET /api/plots`: newest first."""
    count = limit_of(request)
    plots = await resources_of(request).plots.page(
        owner_of(request), before=_before(request), count=count + 1
    )
    more = plots[count:]
    last = plots[count - 1] if more else None
    return json_answer(
        {
            "items": [plot_object(plot) for plot in plots[:count]],
            "next": make_cursor(rfc3339(last.created_at), last.id) if last else None,
        }
    )


async def show(request: Request) -> Response:
    """`GET /api/plots/{plot_id}`: 304 for who has it as it is, which a poller mostly does."""
    resources, owner = resources_of(request), owner_of(request)
    plot_id = request.path_params["plot_id"]
    # in this order: who streams from the plot's number on gets whatever the characters lack
    plot = await resources.plots.get(plot_id, owner)
    characters = await resources.characters.of_plot(plot_id, owner)
    answer = json_answer(
        plot_object(plot, characters), headers={"Cache-Control": "private, no-cache"}
    )
    # of the bytes: no number of the plot's counts all that is in them, as names and deletions
    answer.headers["ETag"] = f'"{sha256(answer.body).hexdigest()[:32]}"'
    if not matches(request, answer.headers["ETag"]):
        return answer
    kept = {name: answer.headers[name] for name in ("Cache-Control", "ETag")}
    return Response(status_code=304, headers=kept)


async def change(request: Request) -> Response:
    """`PATCH /api/plots/{plot_id}`."""
    resources, owner = resources_of(request), owner_of(request)
    plot_id = request.path_params["plot_id"]
    await resources.plots.get(plot_id, owner)
    body = await read_body(request, PlotChange)
    plot = await resources.plots.change(plot_id, owner, title=body.title, style=body.style)
    await resources.announcer.plot_changed(plot_id)
    return json_answer(plot_object(plot, await resources.characters.of_plot(plot_id, owner)))


async def remove(request: Request) -> Response:
    """`DELETE /api/plots/{plot_id}`."""
    await resources_of(request).cancel.plot(request.path_params["plot_id"], owner_of(request))
    return Response(status_code=204)


async def exists(request: Request) -> None:
    """Raise `NotFoundError` unless the asker has this plot."""
    await resources_of(request).history.plot_seq(request.path_params["plot_id"], owner_of(request))


def _created(plot: Plot) -> Answer:
    return Answer(201, f"/api/plots/{plot.id}", encode(plot_object(plot, [])))


def _before(request: Request) -> tuple[datetime, str] | None:
    values = cursor_of(request, str, str)
    if values is None:
        return None
    try:
        moment = datetime.fromisoformat(str(values[0])).astimezone(UTC)
        return moment, str(UUID(str(values[1])))
    except (ValueError, OverflowError):
        raise foreign_cursor() from None
