"""The one map from errors to HTTP: every error is an RFC 9457 problem with a stable code."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from limner import log
from limner.domain.errors import (
    DatabaseUnavailableError,
    InvalidRequestError,
    NotFoundError,
    NotInFlightError,
    StorageUnavailableError,
)
from limner.domain.idempotency import KeyInProgressError, KeyMismatchError
from limner.domain.transition import JsonObject
from limner.encoding import encode

RETRY_SECONDS = 2
"""How long a client should wait for a part that is away."""
NOTHING_HERE = "There is nothing at this address."

_log = log.get()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem, as it appears to a client."""

    status: int
    code: str
    title: str


NOT_FOUND = Kind(404, "not_found", "There is no such thing")
METHOD_NOT_ALLOWED = Kind(405, "method_not_allowed", "This can't be done here")
NOT_IN_FLIGHT = Kind(409, "not_in_flight", "There is nothing to cancel")
UNSATISFIABLE = Kind(416, "range_not_satisfiable", "There are no such bytes")
BAD_REQUEST = Kind(400, "bad_request", "This is not HTTP")
TOO_LARGE = Kind(413, "body_too_large", "The body is too large")
UNSUPPORTED_TYPE = Kind(415, "unsupported_media_type", "The body is not JSON by its type")
BAD_JSON = Kind(400, "bad_json", "The body is not JSON")
BAD_KEY = Kind(400, "bad_idempotency_key", "The key of the request can't be used")
KEY_MISMATCH = Kind(422, "idempotency_mismatch", "The key belongs to another request")
KEY_IN_PROGRESS = Kind(409, "idempotency_in_progress", "The first request is not answered yet")
INVALID = Kind(422, "invalid_request", "The request can't be accepted")
MISDIRECTED = Kind(421, "misdirected_request", "This server is not the one asked for")
DATABASE_UNAVAILABLE = Kind(503, "database_unavailable", "The database is away")
STORAGE_UNAVAILABLE = Kind(503, "storage_unavailable", "The image store is away")
INTERNAL = Kind(500, "internal", "Something broke inside")


class ProblemError(Exception):
    """What an endpoint raises to answer with a problem.

    Args:
        kind: which problem.
        detail: this case of it, in one sentence.
        headers: what else the answer must say.
    """

    def __init__(
        self, kind: Kind, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.headers = dict(headers or {})


def problem(
    kind: Kind,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: list[JsonObject] | None = None,
) -> Response:
    """The answer that tells of a problem."""
    body: JsonObject = {
        "type": "about:blank",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": kind.code,
    }
    if errors is not None:
        body["errors"] = errors
    return Response(
        encode(body),
        kind.status,
        {"Cache-Control": "no-store", **(headers or {})},
        media_type="application/problem+json",
    )


async def on_problem(_request: Request, error: Exception) -> Response:
    """Answer with the problem an endpoint raised."""
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it alone
    return problem(error.kind, str(error), headers=error.headers)


async def on_not_found(_request: Request, error: Exception) -> Response:
    """There is no such thing, or it belongs to somebody else."""
    return problem(NOT_FOUND, str(error))


async def on_not_in_flight(_request: Request, error: Exception) -> Response:
    """There is nothing to cancel."""
    return problem(NOT_IN_FLIGHT, str(error))


async def on_key_mismatch(_request: Request, error: Exception) -> Response:
    """The same key, and another body."""
    return problem(KEY_MISMATCH, str(error))


async def on_key_in_progress(_request: Request, error: Exception) -> Response:
    """The same request, before the first of them was answered."""
    return problem(KEY_IN_PROGRESS, str(error), headers={"Retry-After": str(RETRY_SECONDS)})


async def on_invalid(_request: Request, error: Exception) -> Response:
    """What was sent can't be accepted; each fault with a pointer to it."""
    assert isinstance(error, InvalidRequestError)  # noqa: S101 - registered for it alone
    errors: list[JsonObject] = [
        {"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults
    ]
    return problem(INVALID, str(error), errors=errors)


async def on_database_unavailable(_request: Request, error: Exception) -> Response:
    """Postgres is away: the client should come back."""
    _log.warning("Answered without the database", why=str(error))
    return problem(
        DATABASE_UNAVAILABLE,
        "The database is not available at the moment.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


async def on_storage_unavailable(_request: Request, error: Exception) -> Response:
    """The image store is away: the client should come back."""
    _log.error("The image store did not answer", why=str(error))
    return problem(
        STORAGE_UNAVAILABLE,
        "The image store is not available at the moment.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """What Starlette itself raises: no such route."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    if error.status_code == METHOD_NOT_ALLOWED.status:
        return problem(METHOD_NOT_ALLOWED, "This method is not known.", headers=error.headers)
    return problem(NOT_FOUND, NOTHING_HERE)


async def on_disconnect(_request: Request, _error: Exception) -> Response:
    """The client left before it had sent its body: nobody reads this, and nothing is broken."""
    return problem(BAD_REQUEST, "The body did not arrive.")


async def on_anything_else(request: Request, error: Exception) -> Response:
    """A defect of ours: a sentence to the user; the server logs the traceback behind it."""
    _log.error("An endpoint broke", method=request.method, path=request.url.path, exc_info=error)
    return problem(INTERNAL, "Something broke inside; the log of the server says what.")


HANDLERS = {
    ProblemError: on_problem,
    NotFoundError: on_not_found,
    NotInFlightError: on_not_in_flight,
    KeyMismatchError: on_key_mismatch,
    KeyInProgressError: on_key_in_progress,
    InvalidRequestError: on_invalid,
    DatabaseUnavailableError: on_database_unavailable,
    StorageUnavailableError: on_storage_unavailable,
    HTTPException: on_http_exception,
    ClientDisconnect: on_disconnect,
    Exception: on_anything_else,
}
