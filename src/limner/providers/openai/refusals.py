"""The one map from what a server says to our errors."""

from collections.abc import Callable
from typing import Final

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.providers.openai.complaints import Complaint
from limner.providers.openai.forms import parameter_named

_CONFLICT: Final = 409
_TOO_MANY: Final = 429
_SERVER_ERRORS: Final = 500
_UNAVAILABLE: Final = 503
_PICKY: Final = frozenset({400, 422, 500})
"""With these, servers refuse parameters; 500 comes from LocalAI."""
_OTHERWISE: Final = frozenset({ErrorCode.PROVIDER_REJECTED, ErrorCode.PROVIDER_UNAVAILABLE})
_TIMEOUTS: Final = frozenset({408, 504, 524})
"""524 is Cloudflare's."""
_TIMEOUT_WORDS: Final = frozenset({"timeout", "timeout_error", "request_timeout"})
"""Types and codes of the same, where an error comes without its number, as inside a stream."""

_POLICY: Final = frozenset({"moderation_blocked", "content_policy_violation", "content_filter"})
_POLICY_WORDS: Final = (*_POLICY, "safety system", "content policy", "content management policy")
"""As they stand in messages: gateways pass these on and drop the code."""
_QUOTA: Final = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
)
_RATE: Final = frozenset({"rate_limit_exceeded", "rate_limit_error"})

_SENTENCES: Final = {
    ErrorCode.CONTENT_POLICY: "The provider does not draw what these words ask for.",
    ErrorCode.PROVIDER_QUOTA: "The account at the provider has nothing left to draw with.",
    ErrorCode.PROVIDER_UNAUTHORIZED: (
        "The provider does not let this account draw: LIMNER_OPENAI_API_KEY is missing or wrong, "
        "or may not do this."
    ),
    ErrorCode.PROVIDER_MODEL_UNAVAILABLE: (
        "The provider does not offer the model {model}: see LIMNER_OPENAI_MODEL, "
        "and LIMNER_OPENAI_BASE_URL for where it was looked for."
    ),
    ErrorCode.PROVIDER_RATE_LIMITED: "The provider takes no more orders for the moment.",
    ErrorCode.PROVIDER_UNAVAILABLE: "The provider is in trouble and has refused the order.",
    ErrorCode.PROVIDER_REJECTED: "The provider rejects the order as it stands.",
}
_MOVED: Final = (
    "The provider's address leads elsewhere: LIMNER_OPENAI_BASE_URL has to name where it is now."
)
_UNCLEAR: Final = {
    ErrorCode.PROVIDER_UNAVAILABLE: (
        "The provider failed and does not say what became of the order."
    ),
    ErrorCode.PROVIDER_TIMEOUT: (
        "The provider took too long and does not say what became of the order."
    ),
}


class UnwantedParameterError(RefusedError):
    """The order was refused for a parameter that it can do without.

    Args:
        parameter: its name.
        refusal: what is raised if the order has no such parameter.
    """

    def __init__(self, parameter: str, refusal: RefusedError) -> None:
        super().__init__(
            refusal.code,
            str(refusal),
            detail=refusal.detail,
            retry_after_seconds=refusal.retry_after_seconds,
        )
        self.parameter = parameter


def error_of(complaint: Complaint, model: str) -> DrawingError:
    """The error that tells of a complaint: a RefusedError if the order was certainly not taken."""
    if complaint.status in range(300, 400):
        return RefusedError(ErrorCode.PROVIDER_UNAVAILABLE, _MOVED, detail=complaint.told)
    if not _is_refusal(complaint):
        is_late = _is_late(complaint)
        code = ErrorCode.PROVIDER_TIMEOUT if is_late else ErrorCode.PROVIDER_UNAVAILABLE
        return DrawingError(code, _UNCLEAR[code], detail=complaint.told)
    code = next((code for code, holds in _TABLE if holds(complaint)), None) or _otherwise(complaint)
    refusal = RefusedError(
        code,
        _SENTENCES[code].format(model=model),
        detail=complaint.told,
        retry_after_seconds=complaint.pause_seconds if code.retryable else None,
    )
    parameter = parameter_named(complaint.message, complaint.param)
    if parameter and complaint.status in _PICKY and code in _OTHERWISE:
        return UnwantedParameterError(parameter, refusal)
    return refusal


def _is_refusal(complaint: Complaint) -> bool:
    """Whether it is certain that nothing is drawn and nothing is paid.

    What is between here and the provider answers 502 and the like by itself, and 408 and 409,
    about an order that may be with the provider by then. Those that speak as the provider does
    give its form to their time-outs, too; so of a time-out the form proves nothing.
    """
    status = complaint.status
    if status in {_TOO_MANY, _UNAVAILABLE}:
        return True
    if _is_late(complaint):
        return False
    return complaint.is_own or (400 <= status < _SERVER_ERRORS and status != _CONFLICT)  # noqa: PLR2004 - RFC 9110 §15.5


def _is_late(complaint: Complaint) -> bool:
    return complaint.status in _TIMEOUTS or not _TIMEOUT_WORDS.isdisjoint(
        (complaint.code.lower(), complaint.type.lower())
    )


def _is_about_model(complaint: Complaint) -> bool:
    if complaint.code == "model_not_found" or complaint.status == 404:  # noqa: PLR2004 - nothing there
        return True
    is_model = complaint.param == "model" or "model" in complaint.message
    # 403: the account may not use this one; 400: names outside of a list of values
    return (complaint.status == 403 and is_model) or complaint.param == "model"  # noqa: PLR2004


_TABLE: Final[tuple[tuple[ErrorCode, Callable[[Complaint], bool]], ...]] = (
    (
        ErrorCode.CONTENT_POLICY,
        lambda it: (
            it.code in _POLICY or any(words in it.message.lower() for words in _POLICY_WORDS)
        ),
    ),
    (
        ErrorCode.PROVIDER_QUOTA,
        lambda it: it.status == 402 or not _QUOTA.isdisjoint((it.code, it.type)),  # noqa: PLR2004
    ),
    (
        ErrorCode.PROVIDER_UNAUTHORIZED,
        lambda it: it.status == 401 or it.code == "invalid_api_key",  # noqa: PLR2004
    ),
    (ErrorCode.PROVIDER_MODEL_UNAVAILABLE, _is_about_model),
    (ErrorCode.PROVIDER_UNAUTHORIZED, lambda it: it.status == 403),  # noqa: PLR2004
    # what no waiting helps against is no rate
    (
        ErrorCode.PROVIDER_QUOTA,
        lambda it: it.status == _TOO_MANY and it.should_retry is False,
    ),
    (
        ErrorCode.PROVIDER_RATE_LIMITED,
        lambda it: it.status == _TOO_MANY or not _RATE.isdisjoint((it.code, it.type)),
    ),
)
"""From the most to the least telling; the first that holds counts."""


def _otherwise(complaint: Complaint) -> ErrorCode:
    """Whether trying again may help: as the server says, else as its own client takes it."""
    is_passing = complaint.should_retry
    if is_passing is None:
        is_passing = (
            complaint.status >= _SERVER_ERRORS
            or complaint.status == _CONFLICT
            # inside a stream there is no status
            or (complaint.status == 0 and not complaint.type.startswith(_CALLERS))
        )
    return ErrorCode.PROVIDER_UNAVAILABLE if is_passing else ErrorCode.PROVIDER_REJECTED


_CALLERS: Final = ("invalid_request", "image_generation_user")
"""Types of errors that are the caller's."""
