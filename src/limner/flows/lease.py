"""Keeping leases while working, and stopping the work when one is lost.

A lease is renewed by the clock, and at once when a message says that its drawing may be unwanted.
The message is not believed, only the renewal is: it finds the lease gone, or it was a renewal too
many. Progress is not listened to: of that every worker would hear all that every other one says.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from limner import log
from limner.bus.channels import STATUS_PREFIX
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

_CANCELED = b'"canceled"'

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
        self._held: dict[str, set[asyncio.Event]] = {}
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

        with self._holding(taken.transition.plot_id, since) as doubt:
            renewing = asyncio.create_task(renew(doubt), name=f"lease {taken.transition.task_id}")
            try:
                yield
            except asyncio.CancelledError:
                if is_lost and work.uncancel() == 0:
                    raise LeaseLostError("It was canceled, or another worker has it now.") from None
                raise
            finally:
                # a driver may lose a cancellation, and who renews for ever draws for ever
                while not renewing.done():
                    renewing.cancel()
                    await asyncio.wait([renewing], timeout=CANCEL_SECONDS)

    def on_message(self, channel: str, message: bytes) -> None:
        """Doubt the leases that a message from Redis may be about.

        Every worker gets every message of all plots, so this only looks for a word in it. A word
        that means something else there costs a renewal.
        """
        if _CANCELED in message:
            self._doubt(channel.removeprefix(STATUS_PREFIX))

    def on_gap(self) -> None:
        """Doubt all leases: messages may have been missed."""
        self._gap_at = asyncio.get_running_loop().time()
        for plot_id in self._held:
            self._doubt_held(plot_id)

    def _doubt(self, plot_id: str) -> None:
        self._told.pop(plot_id, None)  # the newest goes to the end
        self._told[plot_id] = asyncio.get_running_loop().time()
        if len(self._told) > RECENT:
            del self._told[next(iter(self._told))]
        self._doubt_held(plot_id)

    def _doubt_held(self, plot_id: str) -> None:
        for doubt in self._held.get(plot_id, ()):
            doubt.set()

    @contextmanager
    def _holding(self, plot_id: str, since: float) -> Iterator[asyncio.Event]:
        doubt = asyncio.Event()
        held = self._held.setdefault(plot_id, set())
        held.add(doubt)
        if max(self._gap_at, self._told.get(plot_id, 0.0)) >= since:
            doubt.set()
        try:
            yield doubt
        finally:
            held.discard(doubt)
            if not held:
                del self._held[plot_id]

    async def _renew_until_lost(self, taken: Taken, doubt: asyncio.Event) -> None:
        task_id = taken.transition.task_id
        interval_seconds = self._lease_seconds / RENEWALS_IN_A_LEASE
        wait_seconds = interval_seconds
        while True:
            try:
                async with asyncio.timeout(wait_seconds):
                    await doubt.wait()
            except TimeoutError:
                pass
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
