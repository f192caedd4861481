"""Whether Postgres will do: version, rights, schema, clock, and room for connections."""

from datetime import UTC, datetime
from typing import Final

import asyncpg

from limner.domain.address import address_of
from limner.domain.errors import DatabaseUnavailableError, SchemaError, StartError
from limner.domain.finding import Finding, ok, warning, wrong
from limner.store.database import first_line, open_database
from limner.store.migrate import check_schema
from limner.store.statements import statements

PART: Final = "Postgres"
ADVICE: Final = "Start Postgres, or set LIMNER_DATABASE_URL to where it is."
OLDEST: Final = 14
CLOCK_SECONDS: Final = 2.0
"""Clocks that are kept differ by less."""
CONNECTIONS: Final = 15
"""Those of one API process and one worker."""

_REFUSALS: Final = (
    (
        asyncpg.InvalidAuthorizationSpecificationError,  # a wrong password is one, too
        "Set LIMNER_DATABASE_URL to the user and password that Postgres knows.",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "Create that database, or set LIMNER_DATABASE_URL to the one that there is.",
    ),
    (
        asyncpg.TooManyConnectionsError,
        "Raise max_connections in Postgres, or run fewer processes.",
    ),
    (ValueError, "Correct LIMNER_DATABASE_URL."),
)
"""What to do about what the driver says; anything else means that nobody is there."""


async def check_postgres(url: str) -> list[Finding]:
    """What is wrong with the database, or that all is well.

    Raises:
        DatabaseUnavailableError: it went away meanwhile.
    """
    try:
        async with (
            open_database(url, connections=1) as database,
            database.connection() as connection,
        ):
            before = datetime.now(UTC)
            server = await statements().the("server_checkup", connection)
            after = datetime.now(UTC)
            denied = await statements().rows("tables_out_of_reach", connection)
    except StartError as error:
        return [_refusal(error.__cause__ or error, url)]
    except DatabaseUnavailableError as error:
        return [wrong(PART, str(error), ADVICE)]
    found = [
        *_about_version(server),
        *await _about_schema(url),
        *_about_rights(server, [row["name"] for row in denied]),
        *_about_room(server),
        *_about_clock(server["now"], before, after),
    ]
    left = f"{server['connections_left']} connections are left"
    where = address_of(url) or "LIMNER_DATABASE_URL"
    return found or [ok(PART, f"{server['version']} at {where}: the schema is up to date, {left}.")]


def _refusal(cause: BaseException, url: str) -> Finding:
    advice = next((words for kind, words in _REFUSALS if isinstance(cause, kind)), ADVICE)
    where = address_of(url) or "LIMNER_DATABASE_URL"
    return wrong(PART, f"No way in at {where}: {first_line(cause).rstrip('.')}.", advice)


def _about_version(server: asyncpg.Record) -> list[Finding]:
    if server["version_number"] >= OLDEST * 10000:
        return []
    words = f"This is Postgres {server['version']}, and Limner needs {OLDEST} or newer."
    return [wrong(PART, words, "Move the database to a newer Postgres.")]


async def _about_schema(url: str) -> list[Finding]:
    try:
        await check_schema(url)
    except (SchemaError, StartError) as error:
        return [wrong(PART, str(error))]
    return []


def _about_rights(server: asyncpg.Record, denied: list[str]) -> list[Finding]:
    if server["is_read_only"]:
        advice = "Set LIMNER_DATABASE_URL to the primary: this may be a standby."
        return [wrong(PART, "It takes no writes.", advice)]
    if not denied:
        return []
    words = f"This role may not read and write {', '.join(denied)}."
    return [wrong(PART, words, "Grant it that, or use the role that ran `limner migrate`.")]


def _about_room(server: asyncpg.Record) -> list[Finding]:
    left = server["connections_left"]
    if left >= CONNECTIONS:
        return []
    words = f"{left} connections are left; an API process and a worker take up to {CONNECTIONS}."
    return [warning(PART, words, "Raise max_connections, or the limit of the role or database.")]


def _about_clock(now: datetime, before: datetime, after: datetime) -> list[Finding]:
    """Its clock read between two looks at ours: between those it can't be told to differ."""
    ahead = max((now - after).total_seconds(), (before - now).total_seconds())
    if ahead <= CLOCK_SECONDS:
        return []
    words = f"Its clock and that of this machine differ by {ahead:.0f} seconds."
    return [warning(PART, words, "Let both be set by NTP.")]
