"""What ModelsLab answers, read with patience: its fields come in several spellings and types."""

import re
import time
from dataclasses import dataclass
from typing import Final

from limner.domain.transition import JsonObject
from limner.providers.http import Answer
from limner.providers.modelslab.handle import Handle

_FAILED: Final = frozenset({"error", "failed"})
_DONE: Final = "success"
_TAKEN: Final = frozenset({"processing", _DONE})
_CLIENT_ERRORS: Final = 4
"""The hundreds of the statuses that refuse a request (RFC 9110 §15.5)."""
_MESSAGE: Final = ("message", "messege")  # codespell:ignore messege
_WORDS: Final = (*_MESSAGE, "error")
_TIPS: Final = ("tip", "tips")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")
_URL_CHARACTERS: Final = 2500
"""A signed URL has some hundred; a handle has room for three of these."""
_SANE_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer in ModelsLab's terms."""

    http_status: int
    has_status: bool
    """It has one of ModelsLab's own words for how it went; else only the number of HTTP says so,
    which may be that of a gateway, and gateways write JSON as well."""
    is_failed: bool
    """It says that there is no picture and will be none, or that it could not be asked."""
    is_over: bool
    """It says that the order itself has failed."""
    is_done: bool
    """It says that the picture is drawn."""
    handle: Handle
    """What it tells of the order; its links are of a picture that is there."""
    eta_seconds: float | None
    """Until the picture is there; None when it does not say."""
    is_indecent: bool
    """What was drawn is marked as nothing to be shown."""
    words: str
    """What it says, in its own words."""
    tips: str
    """What it says beside; often of something else."""
    fields: frozenset[str]
    """The parameters that it finds fault with."""
    retry_after_seconds: float | None
    told: str
    """What it says, for the log."""


def read_reply(answer: Answer, key: str) -> Reply | None:
    """What an answer says; None when it is not one of ModelsLab's, such as a gateway's page.

    Args:
        answer: to an order, or to the question after one.
        key: kept out of whatever is made of the answer.
    """
    body = answer.json_object()
    if body is None:
        return None
    said = str(body.get("status")).strip().lower()
    has_status = said in _FAILED | _TAKEN
    order_id, fetch_url = _id(body.get("id"), key), _url(body.get("fetch_result"), key)
    # an order that was taken is not lost over a word that is not known
    names_order = answer.is_ok and (order_id is not None or fetch_url is not None)
    if not (has_status or names_order or answer.status // 100 == _CLIENT_ERRORS):
        return None
    is_done = said == _DONE
    links = _links(body, key) if is_done else ()  # `future_links` lead to nothing yet
    messages = [body.get(name) for name in _MESSAGE]
    return Reply(
        http_status=answer.status,
        has_status=has_status,
        is_failed=said in _FAILED or not (answer.is_ok or said in _TAKEN),
        is_over=said == "failed",
        is_done=is_done,
        handle=Handle(order_id, fetch_url, links),
        eta_seconds=seconds(body.get("eta")) or None,
        is_indecent=_is_true(body.get("nsfw_content_detected")),
        words=_flat([body.get(name) for name in _WORDS]),
        tips=_flat([body.get(name) for name in _TIPS]),
        fields=frozenset(field for each in messages if isinstance(each, dict) for field in each),
        retry_after_seconds=retry_after(answer),
        told=answer.told(key),
    )


def retry_after(answer: Answer) -> float | None:
    """In how many seconds it wants to be asked again: its body says so, or a header."""
    body = answer.json_object() or {}
    told = seconds(body.get("retry_after"))
    if told is None:
        told = answer.retry_after_seconds
    if told is None:
        # the moment at which it counts anew, as a Unix time
        reset = _number(answer.headers.get("X-RateLimit-Reset"))
        told = None if reset is None else seconds(reset - time.time())
    return told


def seconds(value: object) -> float | None:
    """A number of seconds, 0 or more, also one that is written as a string."""
    number = _number(value)  # which may be none, in the sense of IEEE 754, and then is in no range
    return number if number is not None and 0 <= number <= _SANE_SECONDS else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _id(value: object, key: str) -> str | None:
    """The order's number, which comes as a number or a string; it becomes part of a path."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    return text if _ID.fullmatch(text) and not _holds(text, key) else None


def _links(body: JsonObject, key: str) -> tuple[str, ...]:
    """Where the first picture lies, and where it lies as well."""
    found: list[str] = []
    for name in ("output", "proxy_links"):
        value = body.get(name)
        urls = value if isinstance(value, list) else [value]
        found += [url for each in urls[:1] if (url := _url(each, key)) is not None]
    return tuple(dict.fromkeys(found))


def _url(value: object, key: str) -> str | None:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        return None
    is_plain = value.isascii() and value.isprintable() and len(value) <= _URL_CHARACTERS
    return value if is_plain and not _holds(value, key) else None


def _holds(text: str, key: str) -> bool:
    return bool(key) and key in text


def _is_true(value: object) -> bool:
    if isinstance(value, list):
        return any(_is_true(each) for each in value)
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "yes"})


def _flat(value: object) -> str:
    """The words in a message, which may be an object with lists in it."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return " ".join(filter(None, map(_flat, value)))
    return value if isinstance(value, str) else ""
