"""Answers on the wire, good and bad."""

import base64
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, Final

from aiohttp import web

from .orders import RefusalError, Txt2Img

_PAGE: Final = "<!doctype html><title>Welcome</title>"


def refused_response(refusal: RefusalError) -> web.Response:
    """A refusal."""
    if isinstance(refusal.body, str):
        return web.Response(
            text=refusal.body,
            status=refusal.status,
            content_type="text/html",
            headers=refusal.headers,
        )
    return web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)


async def drawn_response(
    request: web.Request, order: Txt2Img, answer: dict[str, Any]
) -> web.StreamResponse:
    """What was drawn, unless its order's words say otherwise."""
    words = order.words
    answer = _altered(answer, words)
    response = web.json_response(answer)
    whole = response.body
    assert isinstance(whole, bytes)
    if "html" in words:
        return web.Response(text=_PAGE, content_type="text/html")
    if "garbled" in words:
        return web.Response(body=whole[: len(whole) // 2], content_type="application/json")
    if "cut" in words:
        torn = web.StreamResponse(headers={"Content-Length": str(len(whole))})
        await torn.prepare(request)
        await torn.write(whole[: len(whole) // 2])
        abort(request)
        return torn
    return response


def abort(request: web.Request) -> None:
    """Break the connection."""
    transport = request.transport
    if transport is not None:
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
        transport.abort()


def _altered(answer: dict[str, Any], words: frozenset[str]) -> dict[str, Any]:
    answer = dict(answer)
    image: str = answer["images"][0] if answer["images"] else ""
    for word, images in {
        "empty": [],
        "data-url": [f"data:image/png;base64,{image}"],
        "lines": ["\n".join(image[at : at + 76] for at in range(0, len(image), 76))],
        "letters": ["this is no base64!"],
        "page": [base64.b64encode(_PAGE.encode()).decode()],
    }.items():
        if word in words:
            answer["images"] = images
    if "no-info" in words:
        del answer["info"]
    if "odd-info" in words:
        answer["info"] = "Steps: 30, Sampler: Euler a"
    return answer
