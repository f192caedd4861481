"""Image bytes over HTTP: immutable, with ETag and single ranges."""

import re

from starlette.requests import Request
from starlette.responses import Response

from limner.bus.publish import PREVIEW_SECONDS
from limner.domain.errors import NotFoundError
from limner.web import generations
from limner.web.answers import matches, owner_of, resources_of
from limner.web.problems import UNSATISFIABLE, ProblemError

FOREVER = "private, max-age=31536000, immutable"
PASSING = f"private, max-age={PREVIEW_SECONDS:.0f}, immutable"
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


async def show(request: Request) -> Response:
    """`GET /api/images/{sha256}.{ext}`."""
    resources = resources_of(request)
    name = f"{request.path_params['sha256']}.{request.path_params['extension']}"
    await exists(request)
    etag = f'"{request.path_params["sha256"]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": FOREVER,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    if matches(request, etag):
        return Response(status_code=304, headers=headers)
    data = await resources.images.get(name)
    media_type = _TYPES[request.path_params["extension"]]
    wanted = _wanted_range(request, etag, len(data))
    if wanted is None:
        return Response(data, 200, headers, media_type=media_type)
    start, stop = wanted
    if start >= stop:
        raise ProblemError(
            UNSATISFIABLE,
            f"This image has {len(data)} bytes.",
            headers={"Content-Range": f"bytes */{len(data)}"},
        )
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return Response(data[start:stop], 206, headers, media_type=media_type)


async def preview(request: Request) -> Response:
    """`GET /api/generations/{task_id}/previews/{sha256}.webp`: what is drawn there so far."""
    await generations.exists(request)
    task_id, name = request.path_params["task_id"], request.path_params["sha256"]
    picture = await resources_of(request).bus.preview_of(task_id, name)
    if picture is None:
        raise NotFoundError("This preview is not kept any more.")
    headers = {"Cache-Control": PASSING, "X-Content-Type-Options": "nosniff"}
    return Response(picture, 200, headers, media_type=_TYPES["webp"])


async def exists(request: Request) -> None:
    """Raise `NotFoundError` unless the asker may see this image."""
    name = f"{request.path_params['sha256']}.{request.path_params['extension']}"
    await resources_of(request).history.image(name, owner_of(request))


def _wanted_range(request: Request, etag: str, size_bytes: int) -> tuple[int, int] | None:
    """The one range asked for, as start and stop; None for the whole.

    A range that is not understood, or several at once, is answered with the whole, as RFC 9110
    allows; and it knows of ranges for `GET` alone. An empty result stands for one that lies
    outside.
    """
    if request.method != "GET":
        return None
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", "").lower())
    if match is None or request.headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if first:
        if last and int(last) < int(first):
            return None
        return int(first), min(int(last) + 1, size_bytes) if last else size_bytes
    if last:
        return max(size_bytes - int(last), 0), size_bytes if int(last) else 0
    return None
