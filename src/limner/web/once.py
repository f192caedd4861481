"""`Idempotency-Key`: a request that may be sent again without being done again."""

import hashlib
import json
import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from limner.domain.idempotency import Answer, AnsweredBeforeError, Made, Once
from limner.web.answers import owner_of
from limner.web.problems import BAD_KEY, ProblemError

HEADER = "Idempotency-Key"
KEY_CHARACTERS = 255
_BARE = re.compile(r"[!#-~][ -~]*")
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
"""A string of RFC 9651, which knows two escapes."""


def once_of(request: Request, value: object, answer: Callable[[Made], Answer]) -> Once[Made] | None:
    """What names a request that may come again; None when its sender has given it no key.

    Args:
        request: which.
        value: its body as JSON has it.
        answer: what will be answered to what it makes.

    Raises:
        ProblemError: what should be a key is none.
    """
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    return Once(
        owner=owner_of(request),
        method=request.method,
        path=request.url.path,
        key=_key_of(given),
        digest=_digest(value),
        answer=answer,
    )


def response_of(answer: Answer) -> Response:
    """An answer as HTTP, the first time and each time after."""
    return Response(
        answer.body,
        answer.status,
        {"Cache-Control": "no-store", "Location": answer.location},
        media_type="application/json",
    )


async def on_answered_before(_request: Request, error: Exception) -> Response:
    """The request was done before: its answer, in the same words."""
    assert isinstance(error, AnsweredBeforeError)  # noqa: S101 - registered for it alone
    return response_of(error.answer)


def _key_of(given: list[str]) -> str:
    text = given[0].strip(" \t")
    quoted = _QUOTED.fullmatch(text)
    key = re.sub(r'\\(["\\])', r"\1", quoted[1]) if quoted else text
    if (
        len(given) > 1
        or not (quoted or _BARE.fullmatch(text))
        or not 1 <= len(key) <= KEY_CHARACTERS
    ):
        raise ProblemError(
            BAD_KEY,
            f"An {HEADER} is one key of 1 to {KEY_CHARACTERS} printable ASCII characters,"
            " bare or in double quotes.",
        )
    return key


def _digest(value: object) -> bytes:
    """The same for the same JSON value, in whatever order its members came."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
