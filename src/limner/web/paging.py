"""Pages of lists: a limit, and a cursor that only this server can read."""

import base64
import binascii
import json

from starlette.requests import Request

from limner.domain.errors import Fault, InvalidRequestError

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
BIGINT_LIMIT = 2**63
"""Postgres counts up to here."""


def limit_of(request: Request) -> int:
    """How many items a client wants on a page.

    Raises:
        InvalidRequestError: not a whole number from 1 to 100.
    """
    raw = request.query_params.get("limit")
    if raw is None:
        return DEFAULT_LIMIT
    if raw.isascii() and raw.isdigit() and len(raw) < 10 and 1 <= int(raw) <= MAX_LIMIT:  # noqa: PLR2004 - digits that int() takes at once
        return int(raw)
    raise InvalidRequestError(
        Fault("/limit", f"The limit is a whole number from 1 to {MAX_LIMIT}.")
    )


def cursor_of(request: Request, *kinds: type) -> list[str | int] | None:
    """Where the page before ended; None for the first page.

    Args:
        request: with or without `?cursor=`.
        kinds: the types of the values that the cursor was made of.

    Raises:
        InvalidRequestError: it is not a cursor of this list.
    """
    raw = request.query_params.get("cursor")
    if raw is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(raw.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError):
        values = None
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise foreign_cursor()
    if any(isinstance(value, int) and not 0 <= value < BIGINT_LIMIT for value in values):
        raise foreign_cursor()
    return values


def foreign_cursor() -> InvalidRequestError:
    """The error for a cursor that no page of the list can have ended with."""
    return InvalidRequestError(Fault("/cursor", "This cursor does not come from this list."))


def make_cursor(*values: str | int) -> str:
    """A cursor from which `cursor_of` gives these values back."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
