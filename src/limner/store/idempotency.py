"""Transactions that are done once, however often they are asked for.

The answer is written in the transaction that it tells of, so there is never the one without the
other: a process that dies in between leaves nothing, and a commit whose answer was lost is found.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from limner.domain.idempotency import (
    Answer,
    AnsweredBeforeError,
    KeyInProgressError,
    KeyMismatchError,
    Made,
    Once,
)
from limner.store.database import Database
from limner.store.statements import Connection, statements

KEEP_SECONDS: Final = 24 * 60 * 60.0
"""How long an answer is given again."""
WAITING_SECONDS: Final = 5.0
"""How long to wait for the end of the first request."""
LOOK_SECONDS: Final = 0.05
"""How often to look whether it has ended; jittered."""

Answered = Callable[[Made], Awaitable[None]]
"""To be called with what was made, last in the transaction."""


@asynccontextmanager
async def transaction_once(
    database: Database, once: Once[Made] | None
) -> AsyncIterator[tuple[Connection, Answered[Made]]]:
    """A transaction for a request that may arrive several times, at once or one after the other.

    Who waits for another holds no connection meanwhile: the pool is small, and a client that sends
    the same request fifty times must not keep all others out.

    Args:
        database: where.
        once: the request; None for one without a key, which is done each time.

    Raises:
        AnsweredBeforeError: it was done before.
        KeyMismatchError: the key came with another body.
        KeyInProgressError: it was still being done after `WAITING_SECONDS`.
        DatabaseUnavailableError: Postgres did not answer in time.
    """
    if once is None:
        async with database.transaction() as connection:
            yield connection, _keep_nothing
        return
    until = asyncio.get_running_loop().time() + WAITING_SECONDS
    while True:
        async with database.transaction() as connection:
            if await _is_ours(connection, once):
                yield connection, _keeping(connection, once)
                return
        if asyncio.get_running_loop().time() >= until:
            raise KeyInProgressError("The first request with this key is still being answered.")
        await asyncio.sleep(LOOK_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter


async def _is_ours(connection: Connection, once: Once[Made]) -> bool:
    """Whether this transaction shall do it; False while another one is at it."""
    row = await statements().the(
        "lock_key",
        connection,
        owner=once.owner,
        method=once.method,
        path=once.path,
        key=once.key,
    )
    if not row["is_ours"]:
        return False
    if row["digest"] is None:
        return True
    if row["digest"] != once.digest:
        raise KeyMismatchError("This key came with another body before.")
    raise AnsweredBeforeError(Answer(row["status"], row["location"], row["body"]))


def _keeping(connection: Connection, once: Once[Made]) -> Answered[Made]:
    async def keep(made: Made) -> None:
        answer = once.answer(made)
        await statements().run(
            "keep_answer",
            connection,
            owner=once.owner,
            method=once.method,
            path=once.path,
            key=once.key,
            digest=once.digest,
            status=answer.status,
            location=answer.location,
            body=answer.body,
            keep_seconds=KEEP_SECONDS,
        )

    return keep


async def _keep_nothing(_made: object) -> None:
    """Without a key nobody can ask for the same again."""
