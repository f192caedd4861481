"""What OpenAI's images API sends: pictures, answers, and the events of a stream."""

import base64
import functools
import io
import json
import time
from typing import Final

from aiohttp import web
from PIL import Image

from .openai_rules import Json

_USAGE: Final = {
    "total_tokens": 100,
    "input_tokens": 50,
    "output_tokens": 50,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
}
HEADERS: Final = {"x-request-id": "req_standin", "openai-version": "2020-10-01"}


@functools.cache
def portrait(words: str, side: int = 512, cell: int = 1) -> bytes:
    """A PNG that is another for other words; coarse, when it is not yet done."""
    light = Image.radial_gradient("L").resize((side // cell, side // cell)).resize((side, side), 0)
    tint = [sum(words.encode()) * step % 200 for step in (3, 5, 7)]
    image = Image.merge("RGB", [light.point([(t + v) % 256 for v in range(256)]) for t in tint])
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=1)
    return written.getvalue()


def picture64(words: str, cell: int = 1) -> str:
    """The same in base64."""
    return base64.b64encode(portrait(words, cell=cell)).decode()


def plain(**entry: str) -> Json:
    """The answer without a stream."""
    return {"created": int(time.time()), "data": [entry], "usage": _USAGE}


def _kind(form: Json, kind: str, **more: object) -> Json:
    return {
        "type": f"image_generation.{kind}",
        "created_at": int(time.time()),
        "size": form.get("size", "auto"),
        "quality": "high",
        "background": "opaque",
        "output_format": "png",
        **more,
    }


def partial(form: Json, index: int) -> Json:
    """A picture on the way."""
    picture = picture64(form["prompt"], cell=32 >> index)
    return _kind(form, "partial_image", b64_json=picture, partial_image_index=index)


def completed(form: Json, **entry: str) -> Json:
    """The picture."""
    found = entry or {"b64_json": picture64(form["prompt"])}
    return _kind(form, "completed", usage=_USAGE, **found)


def frame(value: Json | str, name: str | None = None) -> bytes:
    """An event as it is sent."""
    data = value if isinstance(value, str) else json.dumps(value)
    name = name if name is not None or isinstance(value, str) else str(value.get("type", ""))
    return (f"event: {name}\n" if name else "").encode() + f"data: {data}\n\n".encode()


def answer(
    status: int,
    body: Json | str,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
) -> web.Response:
    """An answer in one piece."""
    text = body if isinstance(body, str) else json.dumps(body)
    told = {**HEADERS, **(headers or {})}
    return web.Response(status=status, text=text, content_type=kind, headers=told)
