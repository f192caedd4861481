"""Finding what nobody is looking after any more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from limner.store.database import AWAY, Database
from limner.store.statements import Connection, statements

SWEEP_SECONDS: Final = 60.0
"""The longest that one recovery may hold its lock."""
COUNT: Final = 500
"""Rows read at once."""
_LOCK: Final = 0x72656376  # "recv"
_START: Final = (datetime.min.replace(tzinfo=UTC), "00000000-0000-0000-0000-000000000000")


@dataclass(frozen=True, slots=True)
class Lapsed:
    """An attempt whose worker is silent."""

    task_id: str
    token: str
    """The lease that has run out: whoever takes it over must have seen it."""
    has_attempts_left: bool
    is_perhaps_paid: bool
    """An order was perhaps taken by a provider, which can't be asked for it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A generation that was handed to the queue a while ago."""

    task_id: str
    dispatch: int
    """How often it was handed over."""


class Recovery:
    """Reads what is to be recovered."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Whether it is this process's turn to recover, for as long as the block runs.

        The lock is that of an idle transaction, which Postgres ends after ten seconds: one that
        is frozen while it recovers must not keep all others from it. A turn that takes longer loses
        its lock, which costs nothing but double work.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        async with self._database.connection(patience_seconds=SWEEP_SECONDS) as connection:
            await connection.execute("BEGIN")
            row = await self._sql.the("try_recovery_lock", connection, lock_id=_LOCK)
            try:
                yield row["is_ours"]
            except Exception:
                await _roll_back(connection)
                raise
            await _roll_back(connection)

    async def lapsed(self) -> list[Lapsed]:
        """Attempts whose lease has run out, the longest silent first."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows("lapsed_leases", connection, count=COUNT)
        return [
            Lapsed(
                row["id"],
                row["lease_token"],
                row["attempt"] < row["max_attempts"],
                row["is_perhaps_paid"],
            )
            for row in rows
        ]

    async def overdue(self) -> list[str]:
        """The ids of generations whose deadline has passed."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows("overdue", connection, count=COUNT)
        return [row["id"] for row in rows]

    async def waiting(self, *, waiting_seconds: float) -> AsyncIterator[list[Waiting]]:
        """All generations that have waited so long since they were handed over, in portions."""
        after_at, after_id = _START
        while True:
            async with self._database.connection() as connection:
                rows = await self._sql.rows(
                    "long_waiting",
                    connection,
                    waiting_seconds=waiting_seconds,
                    after_at=after_at,
                    after_id=after_id,
                    count=COUNT,
                )
            if not rows:
                return
            yield [Waiting(row["id"], row["dispatch"]) for row in rows]
            after_at, after_id = rows[-1]["dispatched_at"], rows[-1]["id"]

    async def dispatch_again(self, waiting: Waiting) -> int | None:
        """Count another handing-over; None when it waits no more, or somebody else was first."""
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "dispatch_again",
                connection,
                generation_id=waiting.task_id,
                seen_dispatch=waiting.dispatch,
            )
        return None if row is None else int(row["dispatch"])


async def _roll_back(connection: Connection) -> None:
    with suppress(*AWAY):
        await connection.execute("ROLLBACK")
