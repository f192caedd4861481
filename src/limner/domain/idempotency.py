"""Doing once what is asked for several times: the key of a request, and its first answer.

After draft-ietf-httpapi-idempotency-key-header-07.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from limner.domain.errors import LimnerError

Made = TypeVar("Made")
"""What a request makes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client was told, to be told again in the same words."""

    status: int
    """The status code of HTTP."""
    location: str
    """Where what was made is to be found: a path."""
    body: bytes
    """JSON in UTF-8."""


@dataclass(frozen=True, slots=True)
class Once(Generic[Made]):
    """A request that is done once, however often it arrives."""

    owner: str
    method: str
    path: str
    key: str
    """1 to 255 characters of the client's choice; with the three above it names the request."""
    digest: bytes
    """SHA-256 of the body's JSON value: the same key with another body is another request."""
    answer: Callable[[Made], Answer]
    """What is answered to what was made. It is stored with it, in one transaction."""


class AnsweredBeforeError(LimnerError):
    """This request was done before, and nothing was done now.

    Args:
        answer: what was answered then.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__("This request was answered before.")
        self.answer = answer


class KeyMismatchError(LimnerError):
    """The key came with another body before."""


class KeyInProgressError(LimnerError):
    """The request with this key is still being answered."""
