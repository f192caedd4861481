"""Keeping a lease while working, and stopping the work when it is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner import log
from limner.domain.errors import DatabaseUnavailableError, LimnerError
from limner.store.leases import Leases

RENEWALS_IN_A_LEASE = 3

_log = log.get()


class LeaseLostError(LimnerError):
    """Somebody else decides about this generation now: it was canceled, or another took it."""


@asynccontextmanager
async def keeping(
    leases: Leases, task_id: str, *, token: str, lease_seconds: float
) -> AsyncIterator[None]:
    """Renew a lease while the block runs.

    Raises:
        LeaseLostError: the lease was lost, and the block cancelled.
    """
    work = asyncio.current_task()
    assert work is not None  # noqa: S101 - a context manager runs in a task
    is_lost = False

    async def renew() -> None:
        nonlocal is_lost
        while True:
            await asyncio.sleep(lease_seconds / RENEWALS_IN_A_LEASE)
            try:
                if await leases.renew(task_id, token=token, lease_seconds=lease_seconds):
                    continue
            except DatabaseUnavailableError as error:
                # nobody else can take it either while Postgres is away
                _log.warning("Could not renew a lease", task_id=task_id, why=str(error))
                continue
            is_lost = True
            work.cancel()
            return

    renewing = asyncio.create_task(renew(), name=f"lease {task_id}")
    try:
        yield
    except asyncio.CancelledError:
        if is_lost and work.uncancel() == 0:
            raise LeaseLostError("It was canceled, or another worker has it now.") from None
        raise
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
