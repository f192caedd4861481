"""What a server says when it does not draw: in the API's own form, or in any other."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from limner.domain.transition import JsonObject
from limner.providers.http import Answer, loggable
from limner.providers.openai.pauses import pause_seconds

_KEY: Final = re.compile(r"\bsk-[\w.*-]+")
"""Keys, and what is left of them when a server has blanked out their middle."""
_ERRORS: Final = range(400, 600)
_READ_BYTES: Final = 16 * 1024
"""Of words that are in no form at all so much is looked at."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a server says that there is no picture. Empty words: it does not say."""

    status: int
    """HTTP's; of an error inside an answer of success, the number that it has for a code."""
    is_own: bool
    """Whether it has the form that the API gives its errors: then it is from whoever would have
    drawn, and not from something on the way that does not know what became of the order."""
    type: str = ""
    code: str = ""
    param: str = ""
    message: str = ""
    should_retry: bool | None = None
    """What `x-should-retry` says."""
    pause_seconds: float | None = None
    """How long it wants to be left alone."""
    told: str = ""
    """All of it for the log, short and without keys."""


def complaint_of(answer: Answer, key: str | None) -> Complaint:
    """What an answer that brings no picture says.

    Args:
        answer: of any status.
        key: what must not be in the log.
    """
    value = answer.json_object()
    error = None if value is None else _error_in(value)
    if error is None:
        error = {"message": answer.body[:_READ_BYTES].decode(errors="replace")}
    return _complaint(
        error,
        status=answer.status,
        key=key,
        should_retry={"true": True, "false": False}.get(answer.headers.get("x-should-retry", "")),
        pause=pause_seconds(answer),
        where=request_told(answer.status, answer.headers),
    )


def complaint_in(value: JsonObject, key: str | None, *, where: str) -> Complaint:
    """What an error inside an answer of success says.

    Args:
        value: the answer, or the event of a stream, or an error itself.
        key: what must not be in the log.
        where: it was found, for the log.
    """
    return _complaint(_error_in(value) or value, status=0, key=key, where=where)


def request_told(status: int, headers: Mapping[str, str]) -> str:
    """Which request it was, for the log and for whoever asks the provider about it."""
    request_id = headers.get("x-request-id")
    return f"HTTP {status}" + (f", request {request_id}" if request_id else "")


def _complaint(  # noqa: PLR0913 - what is known from around the error, each by its name
    error: JsonObject,
    *,
    status: int,
    key: str | None,
    where: str,
    should_retry: bool | None = None,
    pause: float | None = None,
) -> Complaint:
    code = _word(error.get("code"))
    if status not in _ERRORS and code.isascii() and code.isdigit() and int(code[:4]) in _ERRORS:
        status = int(code)
    message = _word(error.get("message")) or json.dumps(error, ensure_ascii=False)
    kind = _word(error.get("type"))
    named = " / ".join(word for word in (kind, code, _word(error.get("param"))) if word)
    words = f"{where}: {named}: {message}" if named else f"{where}: {message}"
    return Complaint(
        status=status,
        is_own=isinstance(error.get("message"), str) and isinstance(error.get("type"), str),
        type=kind,
        code=code,
        param=_word(error.get("param")),
        message=message,
        should_retry=should_retry,
        pause_seconds=pause,
        told=loggable(_KEY.sub("***", words), key),
    )


def _error_in(value: JsonObject) -> JsonObject | None:
    """The error's object; made into one where a server has only words. None: there is none."""
    error = value.get("error")
    if isinstance(error, dict):
        return error
    if error:
        return {"message": _word(error) or json.dumps(error, ensure_ascii=False)}
    return None


def _word(value: object) -> str:
    """A word of an error: some servers give numbers for codes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
