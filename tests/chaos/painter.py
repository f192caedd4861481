"""A worker whose provider has moods: it takes 0.2 to 3 s, and fails now and then.

Run as a program. It is Limner's own worker but for its provider, which keeps a journal: each
picture that it hands out is one line there, and no two are alike.
"""

import asyncio
import hashlib
import json
import os
import random
import struct
import sys
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner import log, resources
from limner.cli.commands import WRONG_USE
from limner.cli.family import die_with
from limner.domain.errors import DrawingError, ErrorCode, StartError
from limner.domain.progress import Progress, Stage
from limner.providers.base import Order, Picture, Provider, Ticket
from limner.providers.blank import BlankProvider
from limner.settings import Settings, load
from limner.worker.supervise import work

JOURNAL = "CHAOS_JOURNAL"
"""The variable that says where the journal is."""
BROKEN = "The provider is broken."
"""What it says when it breaks in a way that no provider should."""
DRAWING_SECONDS = (0.2, 3.0)
STEPS = 4
SIDE = 16
_MOODS = {"well": 88, "away": 7, "blotted": 2, "broken": 2, "refusing": 1}
"""How it feels, out of a hundred times."""


class MoodyProvider(BlankProvider):
    """Draws noise, which no two pictures share."""

    def __init__(self, journal: int) -> None:
        self._journal = journal

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """A square of noise, or one of the ways to have none."""
        began = time.time()
        (mood,) = random.choices(list(_MOODS), list(_MOODS.values()))  # noqa: S311 - a mood
        seconds = random.uniform(*DRAWING_SECONDS)  # noqa: S311 - the same
        for step in range(STEPS):
            await asyncio.sleep(seconds / STEPS)
            ticket.report(Progress(Stage.DRAWING, (step + 1) / STEPS, None))
        if mood == "away":
            raise DrawingError(ErrorCode.PROVIDER_UNAVAILABLE, "The provider is away.")
        if mood == "refusing":
            raise DrawingError(ErrorCode.CONTENT_POLICY, "The provider does not draw this.")
        if mood == "broken":
            raise RuntimeError(BROKEN)
        data = b"no picture" if mood == "blotted" else _noise()
        sha256 = hashlib.sha256(data).hexdigest()
        line = {"task_id": order.task_id, "sha256": sha256, "began": began}
        os.write(self._journal, f"{json.dumps(line)}\n".encode())
        return Picture(data, self.default_model)


def main() -> None:
    """Work until told to stop, or until who started it is gone.

    Exits with 2 when it can't start, as `limner worker` does.
    """
    die_with(os.getppid())
    resources.open_providers = _moody  # type: ignore[attr-defined] # a worker has no other seam
    settings = load()
    log.configure(settings.log_format, settings.log_level)
    try:
        asyncio.run(work(settings))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(WRONG_USE)


@asynccontextmanager
async def _moody(settings: Settings) -> AsyncIterator[dict[str, Provider]]:
    # appending: many workers write into it, each line at once
    journal = os.open(os.environ[JOURNAL], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        yield {"blank": MoodyProvider(journal)}
    finally:
        os.close(journal)


def _noise() -> bytes:
    """A PNG (RFC 2083) of chance; eight bits a channel, no alpha."""
    rows = b"".join(b"\0" + os.urandom(3 * SIDE) for _ in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


if __name__ == "__main__":
    main()
