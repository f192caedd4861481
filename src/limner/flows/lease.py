"""Keeping leases while working, and stopping the work when one is lost.

A lease is renewed by the clock, and at once when a message says that its drawing may be unwanted.
The message is not believed, only the renewal is: it finds the lease gone, or it was a renewal too
many.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import copy_context
from typing import Any

from limner import log
from limner.domain.errors import DatabaseUnavailableError, LimnerError
from limner.domain.generation import Taken
from limner.store.leases import Leases

RENEWALS_IN_A_LEASE = 3
RETRY_SECONDS = 2.0
"""After so long, at the most, a renewal that Postgres did not answer is tried again."""
CANCEL_SECONDS = 1.0
"""After so long a renewal that does not heed its cancellation is cancelled again."""
RECENT = 1000
"""Of so many plots it is remembered when they were last told of, for a lease just being taken."""

_log = log.get()


class LeaseLostError(LimnerError):
    """Somebody else decides about this generation now: it was canceled, or another took it."""


class LeaseKeeper:
    """Keeps the leases that this process holds.

    Args:
        leases: where they are renewed.
        lease_seconds: how long one lasts without a renewal.
    """

    def __init__(self, leases: Leases, *, lease_seconds: float) -> None:
        self._leases = leases
        self._lease_seconds = lease_seconds
        self._held: dict[str, set[_Renewal]] = {}
        self._told: dict[str, float] = {}
        self._gap_at = 0.0

    @asynccontextmanager
    async def keeping(self, taken: Taken, *, since: float) -> AsyncIterator[None]:
        """Renew the lease of what was taken while the block runs.

        Args:
            taken: it, with its token.
            since: when taking it began, by the event loop's clock: what was told of its plot
                between then and now is not missed.

        Raises:
            LeaseLostError: the lease was lost, and the block cancelled.
        """
        work = asyncio.current_task()
        assert work is not None  # noqa: S101 - a context manager runs in a task
        is_lost = False

        async def renew(doubt: asyncio.Event) -> None:
            nonlocal is_lost
            await self._renew_until_lost(taken, doubt)
            is_lost = True
            work.cancel()

        renewal = _Renewal(
            renew,
            name=f"lease {taken.transition.task_id}",
            after_seconds=self._lease_seconds / RENEWALS_IN_A_LEASE,
        )
        with self._holding(taken.transition.plot_id, since, renewal):
            try:
                yield
            except asyncio.CancelledError:
                if is_lost and work.uncancel() == 0:
                    raise LeaseLostError("It was canceled, or another worker has it now.") from None
                raise
            finally:
                await renewal.end()

    def on_canceled(self, plot_id: str) -> None:
        """Doubt the leases of a plot: something of it was canceled."""
        self._told.pop(plot_id, None)  # the newest goes to the end
        self._told[plot_id] = asyncio.get_running_loop().time()
        if len(self._told) > RECENT:
            del self._told[next(iter(self._told))]
        self._doubt_held(plot_id)

    def on_gap(self) -> None:
        """Doubt all leases: messages may have been missed."""
        self._gap_at = asyncio.get_running_loop().time()
        for plot_id in self._held:
            self._doubt_held(plot_id)

    def _doubt_held(self, plot_id: str) -> None:
        for renewal in self._held.get(plot_id, ()):
            renewal.doubt()

    @contextmanager
    def _holding(self, plot_id: str, since: float, renewal: "_Renewal") -> Iterator[None]:
        held = self._held.setdefault(plot_id, set())
        held.add(renewal)
        if max(self._gap_at, self._told.get(plot_id, 0.0)) >= since:
            renewal.doubt()
        try:
            yield
        finally:
            held.discard(renewal)
            if not held:
                del self._held[plot_id]

    async def _renew_until_lost(self, taken: Taken, doubt: asyncio.Event) -> None:
        task_id = taken.transition.task_id
        interval_seconds = self._lease_seconds / RENEWALS_IN_A_LEASE
        while True:
            doubt.clear()
            wait_seconds = interval_seconds
            try:
                if not await self._leases.renew(
                    task_id, token=taken.token, lease_seconds=self._lease_seconds
                ):
                    return
            except DatabaseUnavailableError as error:
                # nobody else can take it either while Postgres is away
                _log.warning("Could not renew a lease", task_id=task_id, why=str(error))
                wait_seconds = min(interval_seconds, RETRY_SECONDS)
            except Exception:  # noqa: BLE001 - the next renewal may work, and without any it is lost
                _log.exception("Renewing a lease broke", task_id=task_id)
                wait_seconds = min(interval_seconds, RETRY_SECONDS)
            try:
                async with asyncio.timeout(wait_seconds):
                    await doubt.wait()
            except TimeoutError:
                pass


class _Renewal:
    """The renewing of one lease. It begins by the clock, or when the lease is doubted.

    Most drawings that are quick are over by then, and need no task for it.

    Args:
        renew: renews when it begins, by the clock from then on, and when the event is set.
        name: of its task.
        after_seconds: when it begins if nobody doubts the lease.
    """

    def __init__(
        self,
        renew: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
        *,
        name: str,
        after_seconds: float,
    ) -> None:
        self._renew = renew
        self._name = name
        self._doubt = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._context = copy_context()
        self._clock = asyncio.get_running_loop().call_later(after_seconds, self._begin)

    def doubt(self) -> None:
        """Renew it now."""
        self._doubt.set()
        self._begin()

    async def end(self) -> None:
        """Renew it no more."""
        self._clock.cancel()
        # a driver may lose a cancellation, and who renews for ever draws for ever
        while self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CANCEL_SECONDS)

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(
                self._renew(self._doubt), name=self._name, context=self._context
            )
