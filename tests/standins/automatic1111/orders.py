"""What an order may say, and what may become of it."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Final

STEPS: Final = 50
"""The server's own, where an order does not say."""
SAMPLERS: Final = ("Euler a", "Euler", "DPM++ 2M")
CHECKPOINTS: Final = (
    {
        "title": "dreamy/castle.safetensors [6ce0161689]",
        "model_name": "dreamy_castle",
        "hash": "6ce0161689",
        "sha256": "6ce0161689" + "0" * 54,
        "filename": "/srv/models/Stable-diffusion/dreamy/castle.safetensors",
        "config": None,
    },
    {
        "title": "portrait.safetensors",
        "model_name": "portrait",
        "hash": None,
        "sha256": None,
        "filename": "/srv/models/Stable-diffusion/portrait.safetensors",
        "config": None,
    },
)
"""One whose hash is known, in a folder, and one that was never loaded."""
LOADED: Final = "portrait"

WORDS: Final = {
    "400": "refused as newer releases refuse a sampler",
    "401": "refused for its password",
    "403": "refused by a proxy",
    "404": "there is no such route",
    "429": "too many at once, Retry-After: 7",
    "502": "the gateway's own page",
    "503": "the server starts, Retry-After: 3",
    "504": "the gateway waits no longer, and the drawing goes on",
    "redirect": "it has moved",
    "sampler": "refused for its sampler",
    "script": "refused for its script",
    "validation": "refused for a value, as FastAPI does",
    "vanished": "refused for its checkpoint, as Forge does",
    "unlisted": "refused for its checkpoint, as other forks do",
    "echo": "a failure that repeats the password",
    "oom": "out of memory in the middle",
    "broken": "a failure in the middle",
    "bare": "a failure that nothing is said about",
    "hang": "drawn for ever",
    "slow": "drawn in 30 s",
    "crowd": "somebody else's job is drawn first",
    "twin": "somebody else's order of the same kind is drawn first",
    "reset": "the connection breaks in the middle, and the drawing goes on",
    "interrupted": "somebody interrupts it in the middle",
    "skipped": "somebody skips it in the middle",
    "prevented": "interrupted before it has begun: no picture",
    "next": "somebody interrupts it, and the next job has begun before anybody can ask",
    "then": "somebody interrupts the next job, right after it",
    "empty": "a success without a picture",
    "html": "a page with status 200",
    "garbled": "half of the JSON",
    "cut": "half of the answer, and the connection closes",
    "data-url": "the picture as a data: URL",
    "lines": "its base64 in lines",
    "letters": "letters that are no base64",
    "page": "base64 of a page",
    "jpeg": "a JPEG",
    "webp": "a WebP",
    "no-info": "nothing about how it was drawn",
    "odd-info": "info that is no JSON",
}
"""By word: what becomes of an order with it."""
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "prompt": (str,),
    "negative_prompt": (str,),
    "seed": (int,),
    "sampler_name": (str,),
    "scheduler": (str,),
    "steps": (int,),
    "cfg_scale": (int, float),
    "width": (int,),
    "height": (int,),
    "batch_size": (int,),
    "n_iter": (int,),
    "override_settings": (dict,),
    "override_settings_restore_afterwards": (bool,),
    "send_images": (bool,),
    "save_images": (bool,),
    "force_task_id": (str,),
}


class RefusalError(Exception):
    """An answer that is none of success.

    Args:
        status: of HTTP.
        body: JSON, or a page.
        headers: beside the usual.
    """

    def __init__(
        self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Txt2Img:
    """An order as it came."""

    body: dict[str, Any]
    words: frozenset[str]
    """What becomes of it."""
    middle: asyncio.Event = field(default_factory=asyncio.Event)
    """It is half drawn."""

    def whole(self, key: str, otherwise: int) -> int:
        """A whole number of it."""
        return int(self.body.get(key, otherwise))

    @property
    def checkpoint(self) -> str | None:
        """The one asked for."""
        settings: dict[str, str] = self.body.get("override_settings") or {}
        return settings.get("sd_model_checkpoint")


def read_order(body: object, scripted: frozenset[str]) -> Txt2Img:
    """An order, looked at as the server does.

    Args:
        body: the JSON that came.
        scripted: what becomes of it, beside what its prompt says.

    Raises:
        RefusalError: it is none.
    """
    if not isinstance(body, dict):
        raise _unprocessable([], "value is not a valid dict", "type_error.dict")
    for key, types in _TYPES.items():
        value = body.get(key)
        is_number = isinstance(value, bool) and bool not in types
        if value is not None and (is_number or not isinstance(value, types)):
            raise _unprocessable([key], f"value is not a valid {types[0].__name__}", "type_error")
    prompt = str(body.get("prompt", ""))
    order = Txt2Img(body, scripted | (set(re.findall(r"\[([a-z0-9-]+)\]", prompt)) & set(WORDS)))
    _refuse(order)
    return order


def refused(name: str, detail: str, errors: str = "") -> dict[str, Any]:
    """The server's own error object."""
    return {"error": name, "detail": detail, "body": "", "errors": errors}


def _refuse(order: Txt2Img) -> None:
    page = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"
    for word, refusal in {
        "400": RefusalError(400, refused("HTTPException", "Sampler not found")),
        "401": RefusalError(401, refused("HTTPException", "Incorrect username or password")),
        "403": RefusalError(403, page),
        "404": RefusalError(404, {"detail": "Not Found"}),
        "429": RefusalError(429, {"detail": "Too many requests"}, {"Retry-After": "7"}),
        "502": RefusalError(502, page),
        "503": RefusalError(503, page, {"Retry-After": "3"}),
        "redirect": RefusalError(301, "", {"Location": "https://example.org/"}),
        "vanished": RefusalError(500, refused("RuntimeError", "", "model 'x' not found")),
        "unlisted": RefusalError(404, refused("HTTPException", "Model not found")),
        "script": RefusalError(422, refused("HTTPException", "Script 'x' not found")),
    }.items():
        if word in order.words:
            raise refusal
    if "validation" in order.words:
        raise _unprocessable(["steps"], "value is not a valid integer", "type_error.integer")
    if "sampler" in order.words or order.body.get("sampler_name", "Euler") not in SAMPLERS:
        raise RefusalError(404, refused("HTTPException", "Sampler not found"))


def _unprocessable(where: list[str], words: str, kind: str) -> RefusalError:
    return RefusalError(422, {"detail": [{"loc": ["body", *where], "msg": words, "type": kind}]})
