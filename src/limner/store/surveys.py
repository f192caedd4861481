"""Looking at the whole queue. Nothing here writes."""

import asyncpg

from limner.domain.errors import ErrorCode
from limner.domain.estimate import Estimate
from limner.domain.status import Status
from limner.domain.survey import WINDOW_SECONDS, Counts, Entry, Phase, Survey
from limner.store.database import Database
from limner.store.statements import statements


class Surveys:
    """The queue as a whole, whoever's generations are in it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def newest(self, *, count: int) -> Survey:
        """The queue now, in one read, with at most so many generations in each of its lists.

        Raises:
            DatabaseUnavailableError: Postgres did not answer in time.
        """
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "survey", connection, count=count, window_seconds=WINDOW_SECONDS
            )
        first = rows[0]
        entries = [_entry_of(row) for row in rows if row["id"]]
        return Survey(
            first["at"],
            Counts(
                pending=first["pending"],
                generating=first["generating"],
                late=first["late"],
                completed=first["completed"],
                failed=first["failed"],
                canceled=first["canceled"],
            ),
            pending=tuple(entry for entry in entries if entry.status is Status.PENDING),
            generating=tuple(entry for entry in entries if entry.status is Status.GENERATING),
            finished=tuple(entry for entry in entries if entry.status.is_final),
        )


def _entry_of(row: asyncpg.Record) -> Entry:
    past = zip(row["statuses"] or (), row["attempts"] or (), row["seconds"] or (), strict=True)
    return Entry(
        task_id=row["id"],
        character_id=row["character_id"],
        plot_id=row["plot_id"],
        character_name=row["character_name"],
        title=row["title"],
        status=Status(row["status"]),
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        provider=row["provider"],
        model=row["model"],
        queued_at=row["queued_at"],
        since=row["since"],
        late_since=row["late_since"],
        estimate=Estimate(row["estimate_low_seconds"], row["estimate_high_seconds"]),
        past=tuple(
            Phase(Status(status), attempt, max(0.0, seconds)) for status, attempt, seconds in past
        ),
        error=row["error"],
        error_code=ErrorCode(row["error_code"]) if row["error_code"] else None,
        last_error=row["last_error"],
        thumbnail_url=f"/api/images/{row['thumbnail']}" if row["thumbnail"] else None,
    )
