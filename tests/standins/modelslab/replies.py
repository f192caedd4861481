"""What ModelsLab says of an order that it has taken."""

import math
from typing import Any, Final

from .account import Drawing
from .demands import Json
from .refusals import MISSPELT

_TIP: Final = "Your image is processing in background, you can get this image using fetch API."


def success(drawing: Drawing, url: str) -> Json:
    """The picture is drawn."""
    words = drawing.words
    drawing.is_over = True
    body: Json = {
        "status": "success",
        "generationTime": 2.45,
        "id": drawing.id,
        "output": [f"{url}/generations/{drawing.id}.png"],
        "proxy_links": [f"{url}/cdn/{drawing.id}.png"],
        "meta": {"prompt": drawing.prompt, "model_id": drawing.model},
        "nsfw_content_detected": words.has("nsfw"),
        "webhook_status": "",
        "tip": "",
    }
    if words.has("empty"):
        body |= {"output": [], "proxy_links": []}
    if words.has("empty-string"):
        body |= {"output": "", "proxy_links": ""}
    if words.has("one-string"):
        body |= {"output": body["output"][0], "proxy_links": None}
    if words.has("no-id"):
        del body["id"]
    return body


def processing(drawing: Drawing, url: str) -> Json:
    """It is not there yet; `future_links` lead to nothing."""
    words = drawing.words
    number: int | str = f"abc{drawing.id}-def" if words.has("string-id") else drawing.id
    body: Json = {"status": words.value("called", "processing"), "id": number}
    body |= {"message": "Your request is being processed", **_eta(drawing)}
    if words.has("minimal"):
        return body
    named = words.value("fetch-result", f"{url}/api/v7/images/fetch/{number}")
    body |= {
        "tip": _TIP,
        "tip_1": _TIP,
        MISSPELT: body.pop("message"),
        "webhook_status": "",
        "fetch_result": named,
        "output": "" if words.has("empty-string") else [],
        "meta": {"prompt": drawing.prompt},
        "future_links": [f"{url}/future/{drawing.id}.png"],
    }
    if words.has("no-fetch-result"):
        del body["fetch_result"]
    if words.has("no-id"):
        del body["id"]
    return body


def _eta(drawing: Drawing) -> dict[str, Any]:
    words = drawing.words
    if words.has("no-eta"):
        return {}
    if words.has("eta-text"):
        return {"eta": words.value("eta-text")}
    told = words.number("eta", max(math.ceil(drawing.left_seconds * 10) / 10, 0))
    return {"eta": int(told) if told == int(told) else told}
