"""Leases: how a worker keeps what it has taken."""

from limner.store.database import Database
from limner.store.statements import statements


class Leases:
    """Renews leases. Losing one is an answer, not an error."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def renew(self, task_id: str, *, token: str, lease_seconds: float) -> bool:
        """Whether the lease was still the caller's, and is for `lease_seconds` from now."""
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "renew", connection, generation_id=task_id, token=token, lease_seconds=lease_seconds
            )
        return row is not None
