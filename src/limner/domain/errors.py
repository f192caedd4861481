"""The few errors of Limner, each with a sentence for a person.

Drivers' errors are translated into these where the driver lives; `web/problems.py` is the one place
that turns them into HTTP.
"""

from dataclasses import dataclass
from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a generation failed: a stable word that says whether repeating may help."""

    CONTENT_POLICY = "content_policy"
    PROVIDER_REJECTED = "provider_rejected"
    PROVIDER_UNAUTHORIZED = "provider_unauthorized"
    PROVIDER_QUOTA = "provider_quota"
    PROVIDER_MODEL_UNAVAILABLE = "provider_model_unavailable"
    PROVIDER_RATE_LIMITED = "provider_rate_limited"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_TIMEOUT = "provider_timeout"
    INVALID_IMAGE = "invalid_image"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    WORKER_LOST = "worker_lost"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    INTERNAL = "internal"

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later; only such a failure uses up attempts."""
        return self not in _FOR_GOOD

    @property
    def is_about_provider(self) -> bool:
        """Whether another provider may well do what this one can't: it is about who was asked."""
        return self in _ABOUT_PROVIDER


_FOR_GOOD = frozenset(
    {
        ErrorCode.CONTENT_POLICY,
        ErrorCode.PROVIDER_REJECTED,
        ErrorCode.PROVIDER_UNAUTHORIZED,
        ErrorCode.PROVIDER_QUOTA,
        ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
    }
)
_ABOUT_PROVIDER = frozenset(
    {
        ErrorCode.PROVIDER_UNAUTHORIZED,
        ErrorCode.PROVIDER_QUOTA,
        ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
        ErrorCode.PROVIDER_UNAVAILABLE,
    }
)


class LimnerError(Exception):
    """Anything Limner itself raises. `str()` is one sentence that may be shown to a user."""


class DrawingError(LimnerError):
    """An attempt at a generation that ended without an image.

    Args:
        code: why, as a stable word.
        sentence: why, for a person; never a provider's own text.
        detail: what an operator should see in the log; keys already blanked out.
        retry_after_seconds: another try before this time is in vain, as the provider says; None
            when it does not say.
    """

    def __init__(
        self,
        code: ErrorCode,
        sentence: str,
        *,
        detail: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class RefusedError(DrawingError):
    """The provider's own word that it will not fill an order, or it was never reached with it.

    Nothing is paid for such an order, so it may be sent again. Any other DrawingError leaves open
    whether the order was taken.
    """


class OrderedAlreadyError(LimnerError):
    """Nothing may be ordered for a generation while an order for it is perhaps taken."""


class NotFoundError(LimnerError):
    """There is no such thing, or it belongs to somebody else: the two are not told apart."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what a caller sent."""

    pointer: str
    """Where, as a JSON pointer (RFC 6901) into the body: "" is the whole, "/name" a member."""
    detail: str
    """What is wrong there, in one sentence."""


class NotInFlightError(LimnerError):
    """There is nothing to cancel."""


class InvalidRequestError(LimnerError):
    """What a caller sent was understood and can't be accepted.

    Args:
        faults: each thing that is wrong, at least one.
    """

    def __init__(self, *faults: Fault) -> None:
        super().__init__(" ".join(fault.detail for fault in faults))
        self.faults = faults


class DatabaseUnavailableError(LimnerError):
    """Postgres did not answer, or not in time. Nothing is known of what it did."""


class DatabaseBusyError(DatabaseUnavailableError):
    """Postgres is there, and somebody kept a lock for longer than we wait."""


class SchemaError(LimnerError):
    """The database's schema and this program do not fit together."""


class StorageUnavailableError(LimnerError):
    """The place where images are kept refused to take or give one."""


class StartError(LimnerError):
    """The program can't start as it was told to. The sentence says what to change."""
