"""What the image server means when it does not draw."""

import re
from typing import Final

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.providers.automatic1111.server import SETTING
from limner.providers.http import Answer

NO_API: Final = (
    f"The image server offers no API at the address in {SETTING}: it needs the option --api."
)
NOT_LET_IN: Final = (
    f"The image server wants another user and password than {SETTING} gives it: "
    "they are those of its option --api-auth, as http://user:password@…"
)
_NO_SUCH_ROUTE: Final = frozenset({"", "Not Found", "Method Not Allowed"})
"""What FastAPI says by itself, unlike the server's own 404 for a sampler or a model."""
_NO_SUCH_MODEL: Final = re.compile(r"\bmodel\b.*\bnot found", re.IGNORECASE)
_NO_MEMORY: Final = re.compile(r"out ?of ?memory", re.IGNORECASE)

_Meaning = tuple[ErrorCode, str]
_AWAY: Final = ErrorCode.PROVIDER_UNAVAILABLE
_BY_STATUS: Final[dict[int, _Meaning]] = {
    401: (ErrorCode.PROVIDER_UNAUTHORIZED, NOT_LET_IN),
    403: (ErrorCode.PROVIDER_UNAUTHORIZED, NOT_LET_IN),
    429: (ErrorCode.PROVIDER_RATE_LIMITED, "The image server is asked too often."),
    503: (_AWAY, "The image server is not available."),
}
_NOT_ACCEPTED: Final = (
    ErrorCode.PROVIDER_REJECTED,
    "The image server does not accept such an order.",
)


def no_such_model(model: str, detail: str) -> RefusedError:
    """A checkpoint was asked for that the server does not have."""
    return RefusedError(
        ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
        f"The image server in {SETTING} has no such checkpoint.",
        detail=f"{model}: {detail}",
    )


def refusal(answer: Answer, told: str, *, model: str | None) -> DrawingError:
    """The error that stands for an answer without success.

    It is a RefusedError unless the answer may be that of a gateway which waited no longer, while
    the server behind it goes on.

    Args:
        answer: what came.
        told: the same for the log, without secrets.
        model: the checkpoint that was asked for; None: whichever is loaded.
    """
    status, (error, words) = answer.status, _own_words(answer)
    if model is not None and status in {404, 500} and _NO_SUCH_MODEL.search(words):
        return no_such_model(model, told)
    if status in {404, 405} and not error and words in _NO_SUCH_ROUTE:
        code, sentence = _AWAY, NO_API
    elif status in _BY_STATUS:
        code, sentence = _BY_STATUS[status]
    elif _NO_MEMORY.search(f"{error} {words}"):
        code, sentence = _AWAY, "The image server ran out of memory."
    elif 400 <= status < 500:  # noqa: PLR2004 - RFC 9110 §15.5
        code, sentence = _NOT_ACCEPTED
    else:
        code, sentence = _AWAY, "The image server failed."
    is_its_word = bool(error) or status < 500 or status in _BY_STATUS  # noqa: PLR2004 - the same
    kind = RefusedError if is_its_word else DrawingError
    wait = answer.retry_after_seconds
    return kind(code, sentence, detail=told, retry_after_seconds=wait)


def _own_words(answer: Answer) -> tuple[str, str]:
    """The class of the error inside the server, and its words; empty where it tells of none."""
    told = answer.json_object() or {}
    error, detail, errors = (told.get(key) for key in ("error", "detail", "errors"))
    words = [each for each in (detail, errors) if isinstance(each, str)]
    return (error if isinstance(error, str) else ""), " ".join(words).strip()
