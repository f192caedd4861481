"""Limner's own API or worker, held at one step of a generation's life until it is told to go on.

Run as a program: `python -m faults.held api`, or `worker`. The step is named by a file that the
test writes (`HOLD_FILE`), and is met once: the process says "Held" and waits for a signal. Nothing
is replaced: Limner's own methods run, with a halt before, between or after them.
"""

import asyncio
import functools
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any

import uvloop
from structlog.contextvars import get_contextvars

from faults.hold import HOLD_FILE, Hold, after, before, put
from limner import log
from limner.bus import hub
from limner.bus.channels import STATUS_PREFIX
from limner.bus.hub import Hub
from limner.bus.publish import Bus
from limner.cli.family import die_with
from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.transition import Transition
from limner.flows import attempt, recover
from limner.flows.keep import KeepImage
from limner.flows.order_book import OrderBook
from limner.flows.request import RequestImage
from limner.images.folder import FolderStore
from limner.jobs.queue import Queue
from limner.providers.base import Order, Picture, Ticket
from limner.providers.blank import BlankProvider
from limner.settings import Settings, load
from limner.store.database import Database
from limner.store.ledger import Ledger
from limner.store.recovery import Recovery
from limner.store.statements import Connection

REFUSED = "Refused"
"""A character of this name is not drawn at the first attempt."""
REASON = "The provider is overloaded."
PNG = b"\x89PNG"

_move: ContextVar[str | None] = ContextVar("move", default=None)


def hold_ledger(hold: Hold) -> None:
    """Every move: before it begins, about to commit, and committed.

    A move is one statement, which commits by itself; here its transaction is an open one, so that
    it can be held before it does.
    """
    connected, transacted = Database.connection, Database.transaction

    @asynccontextmanager
    async def connection(database: Database, **patience: float) -> AsyncIterator[Connection]:
        move = _move.get()
        async with connected(database, **patience) as connection:
            if move is None:
                yield connection
                return
            await connection.execute("BEGIN")
            yield connection
            if await connection.fetchval("SELECT pg_current_xact_id_if_assigned() IS NOT NULL"):
                await hold.at(f"{move}: about to commit")
            await connection.execute("COMMIT")

    def transaction(database: Database) -> AbstractAsyncContextManager[Connection]:
        return transacted(database) if _move.get() is None else connection(database)

    def moving(name: str, word: Callable[[dict[str, Any]], str]) -> None:
        move = getattr(Ledger, name)

        @functools.wraps(move)
        async def moved(ledger: Ledger, *args: Any, **values: Any) -> Any:
            told = word(values)
            await hold.at(f"{told}: not begun")
            token = _move.set(told)
            try:
                outcome = await move(ledger, *args, **values)
            finally:
                _move.reset(token)
            if outcome is not None:
                await hold.at(f"{told}: committed")
            return outcome

        put(Ledger, name, moved)

    put(Database, "connection", connection)
    put(Database, "transaction", transaction)
    moving("accept", lambda _: "accept")
    moving("take", lambda _: "take")
    moving("complete", lambda _: "complete")
    moving("give_back", lambda told: "take back" if told.get("lapsed_only") else "give back")
    after(Recovery, "dispatch_again", hold, "dispatch: committed")


def hold_telling(hold: Hold) -> None:
    """What follows a commit: publishing, queueing, answering; and hearing of it elsewhere."""
    publish, hear = Bus.status, Hub.on_message

    async def status(bus: Bus, transition: Transition) -> bool:
        is_told = await publish(bus, transition)
        await hold.at(f"{transition.status}: published")
        return is_told

    def on_message(hub: Hub, channel: str, message: bytes) -> None:
        if channel.startswith(STATUS_PREFIX):
            hold.forever_at("stream: heard, not sent")
        hear(hub, channel, message)

    put(Bus, "status", status)
    put(Hub, "on_message", on_message)
    before(Queue, "put", hold, "queue: not yet")
    after(Queue, "put", hold, "queue: has it")
    after(RequestImage, "__call__", hold, "accept: not answered")


def hold_drawing(hold: Hold) -> None:
    """The drawing and storing of an image."""
    draw = BlankProvider.draw

    async def drawing(provider: BlankProvider, order: Order, ticket: Ticket) -> Picture:
        if order.name == REFUSED and get_contextvars()["attempt"] == 1:
            raise DrawingError(ErrorCode.PROVIDER_UNAVAILABLE, REASON)
        await hold.at("image: not drawn")
        return await draw(provider, order, ticket)

    class Halting(BufferedWriter):
        """A file that halts when half of a picture is in it."""

        def write(self, data: Any) -> int:
            half = len(data) // 2 if data.startswith(PNG) else 0
            written = super().write(data[:half])
            self.flush()
            if half:
                hold.thread_at("image: half written")
            return written + super().write(data[half:])

    def fdopen(descriptor: int, _mode: str) -> BufferedWriter:
        return Halting(FileIO(descriptor, "w"))

    put(BlankProvider, "draw", drawing)
    for verb in ("place", "keep", "refused"):
        before(OrderBook, verb, hold, f"order: {verb} not begun")
        after(OrderBook, verb, hold, f"order: {verb} written")
    before(KeepImage, "__call__", hold, "image: not claimed")
    before(FolderStore, "put", hold, "image: not stored")
    after(KeepImage, "__call__", hold, "image: stored")
    put(os, "fdopen", fdopen)  # an image is all that is written through it


def hasten() -> None:
    """Look more often for what was lost, so that a test need not wait."""
    hub.SWEEP_SECONDS = 0.2
    recover.SWEEP_SECONDS = 0.2
    recover.SCATTER_SECONDS = 0.1
    recover.WAITING_SECONDS = 0.5
    attempt.RETRY_SECONDS = (0.1,)  # type: ignore[assignment] # one for all attempts


async def work(settings: Settings) -> None:
    """A worker, which looks for its queue again and again."""
    from limner.worker import supervise  # noqa: PLC0415 - an API has no use for it

    supervise.BACKOFF_SECONDS = (0.1, 0.2)
    await supervise.work(settings)


async def serve(settings: Settings) -> None:
    """An API."""
    from limner.web import server  # noqa: PLC0415 - a worker has no use for it

    await server.serve(settings)


async def main(kind: str) -> None:
    """Serve, or work, until told to stop."""
    hold = Hold(Path(os.environ[HOLD_FILE]))
    hold.listen()
    for place in (hold_ledger, hold_telling, hold_drawing):
        place(hold)
    hasten()
    settings = load()
    log.configure(settings.log_format, settings.log_level)
    await (serve(settings) if kind == "api" else work(settings))


if __name__ == "__main__":
    die_with(os.getppid())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1]))
