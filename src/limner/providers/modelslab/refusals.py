"""What ModelsLab's refusals mean. It says most of it in words, inside answers of HTTP 200."""

import re
from http import HTTPStatus
from typing import Final

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.providers.http import Answer
from limner.providers.modelslab.replies import Reply, read_reply, retry_after

SPAM_SECONDS: Final = 30.0
"""For so long it takes a second order of the same words for spam."""
_SPAM: Final = re.compile(r"spam|same request multiple", re.IGNORECASE)
_MEANINGS: Final = [
    (ErrorCode.CONTENT_POLICY, r"\bnsfw|content[ _-]polic|\bmoderat|\binappropriate|\bunsafe\b"),
    (
        ErrorCode.CONTENT_POLICY,
        r"\bexplicit\b|\bsafety (?!checker)|\bsensitive content|\bbanned word",
    ),
    (
        ErrorCode.CONTENT_POLICY,
        r"\bprohibited (content|word)|\bviolat\w+ .*(polic|guideline|terms)",
    ),
    (ErrorCode.PROVIDER_RATE_LIMITED, r"rate limit|too many requests|queued requests"),
    (ErrorCode.PROVIDER_RATE_LIMITED, r"\bspam\b|same request multiple"),
    (ErrorCode.PROVIDER_UNAUTHORIZED, r"\b(invalid|incorrect|wrong|unknown|missing) api[ _-]?key"),
    (
        ErrorCode.PROVIDER_UNAUTHORIZED,
        r"\bapi[ _-]?key\b.*\b(invalid|incorrect|required|missing)\b",
    ),
    (ErrorCode.PROVIDER_UNAUTHORIZED, r"\bapi[ _-]?key\b.*\b(expired|revoked|not)\b"),
    (ErrorCode.PROVIDER_UNAUTHORIZED, r"\bkey (field )?is required|\bunauthori[sz]ed|\bunauthent"),
    (ErrorCode.PROVIDER_QUOTA, r"\bcredits?\b|\b(insufficient|account|wallet) (balance|funds)\b"),
    (ErrorCode.PROVIDER_QUOTA, r"\bsubscri\w+|\bpremium\b|\bpayment\b|\bbilling\b|\bquota\b"),
    (ErrorCode.PROVIDER_QUOTA, r"\byour (current )?plan\b"),
    (ErrorCode.PROVIDER_MODEL_UNAVAILABLE, r"\b(invalid|unknown|no such) model"),
    (
        ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
        r"\bmodel( id)?( is|:)? invalid|\bmodel\b.*\b(not found|not exist|no longer)\b",
    ),
    (ErrorCode.PROVIDER_MODEL_UNAVAILABLE, r"\bmodel\b.*\b(retired|removed|disabled|deprecated)\b"),
    (ErrorCode.PROVIDER_MODEL_UNAVAILABLE, r"\bmodel\b.*\bnot supported\b"),
    (ErrorCode.PROVIDER_UNAVAILABLE, r"try again|internal server|server error|temporarily"),
    (ErrorCode.PROVIDER_UNAVAILABLE, r"timed? ?out|overload|\bbusy\b|maintenance|\bloading\b"),
    (ErrorCode.PROVIDER_UNAVAILABLE, r"something went wrong"),
    (ErrorCode.PROVIDER_MODEL_UNAVAILABLE, r"\bmodel\b.*\b(not available|unavailable)\b"),
    (ErrorCode.PROVIDER_UNAVAILABLE, r"unavailable"),
]
"""In this order: words that ask to try again stand in many answers, and say little."""
_BY_STATUS: Final[dict[int, ErrorCode]] = {
    HTTPStatus.UNAUTHORIZED: ErrorCode.PROVIDER_UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED: ErrorCode.PROVIDER_QUOTA,
    HTTPStatus.TOO_MANY_REQUESTS: ErrorCode.PROVIDER_RATE_LIMITED,
    HTTPStatus.SERVICE_UNAVAILABLE: ErrorCode.PROVIDER_UNAVAILABLE,
}
"""Statuses that mean the same whatever the words are."""
_BY_STATUS_AT_LAST: Final[dict[int, ErrorCode]] = {
    HTTPStatus.FORBIDDEN: ErrorCode.PROVIDER_QUOTA,
    HTTPStatus.NOT_FOUND: ErrorCode.PROVIDER_UNAVAILABLE,
    HTTPStatus.METHOD_NOT_ALLOWED: ErrorCode.PROVIDER_UNAVAILABLE,
}
"""Statuses that mean this where the words mean nothing that is known here."""
_PERHAPS: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT})
"""Refusals by their numbers, which gateways also give for what they have passed on: without a word
of ModelsLab's own, in JSON or not, they tell nothing."""
_SERVER_ERRORS: Final = 500
_BY_FIELD: Final = {
    "key": ErrorCode.PROVIDER_UNAUTHORIZED,
    "model_id": ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
}
_SENTENCES: Final = {
    ErrorCode.CONTENT_POLICY: "ModelsLab does not draw this: it is against its content policy.",
    ErrorCode.PROVIDER_REJECTED: "ModelsLab refused the order as it stands.",
    ErrorCode.PROVIDER_UNAUTHORIZED: (
        "ModelsLab does not accept the key in LIMNER_MODELSLAB_API_KEY."
    ),
    ErrorCode.PROVIDER_QUOTA: (
        "The ModelsLab account has no credit left, or its plan does not include this."
    ),
    ErrorCode.PROVIDER_RATE_LIMITED: "ModelsLab takes no more orders of this account for now.",
    ErrorCode.PROVIDER_UNAVAILABLE: "ModelsLab could not draw the image this time.",
}
_MODEL_CHARACTERS: Final = 80


def code_of(reply: Reply) -> ErrorCode:
    """What a failed reply means."""
    if (certain := _BY_STATUS.get(reply.http_status)) is not None:
        return certain
    for field, code in _BY_FIELD.items():
        if field in reply.fields:
            return code
    meant = _meaning(reply.words) or _meaning(reply.tips)
    if reply.http_status >= _SERVER_ERRORS and meant is not ErrorCode.CONTENT_POLICY:
        return ErrorCode.PROVIDER_UNAVAILABLE
    if meant is not None:
        return meant
    if reply.is_over:
        return ErrorCode.PROVIDER_UNAVAILABLE
    return _BY_STATUS_AT_LAST.get(reply.http_status, ErrorCode.PROVIDER_REJECTED)


def _meaning(words: str) -> ErrorCode | None:
    for code, pattern in _MEANINGS:
        if re.search(pattern, words, re.IGNORECASE):
            return code
    return None


def refusal(reply: Reply, model: str) -> RefusedError:
    """A failed reply as the error that it is."""
    code = code_of(reply)
    wait_seconds = reply.retry_after_seconds
    if code is ErrorCode.PROVIDER_RATE_LIMITED and _SPAM.search(f"{reply.words} {reply.tips}"):
        wait_seconds = max(wait_seconds or 0.0, SPAM_SECONDS)
    return RefusedError(
        code, sentence(code, model), detail=reply.told, retry_after_seconds=wait_seconds
    )


def sentence(code: ErrorCode, model: str) -> str:
    """What a person is told, in our words."""
    if code is ErrorCode.PROVIDER_MODEL_UNAVAILABLE:
        return (
            f"ModelsLab has no model {model[:_MODEL_CHARACTERS]} to offer."
            " Another can be named in LIMNER_MODELSLAB_MODEL."
        )
    return _SENTENCES[code]


def read_order_answer(answer: Answer, *, model: str, key: str) -> Reply:
    """What became of an order that was just sent: it is done, or it will be.

    Raises:
        RefusedError: ModelsLab did not take it; or what answered was not ModelsLab.
        DrawingError: `provider_unavailable`, nothing in the answer tells.
    """
    reply = read_reply(answer, key)
    if reply is not None and not reply.is_failed:
        return reply
    status = answer.status
    is_unclear = status in _PERHAPS and not (reply is not None and reply.has_status)
    if reply is not None and not is_unclear:
        raise refusal(reply, model)
    if status in _BY_STATUS:
        code = _BY_STATUS[status]
        raise RefusedError(
            code,
            sentence(code, model),
            detail=answer.told(key),
            retry_after_seconds=retry_after(answer),
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < _SERVER_ERRORS and not is_unclear:
        raise RefusedError(
            ErrorCode.PROVIDER_UNAVAILABLE,
            "What answers at LIMNER_MODELSLAB_BASE_URL takes no orders.",
            detail=answer.told(key),
        )
    raise DrawingError(
        ErrorCode.PROVIDER_UNAVAILABLE,
        "ModelsLab's answer could not be understood, and it may have taken the order.",
        detail=answer.told(key),
    )
