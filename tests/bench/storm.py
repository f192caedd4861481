"""A thousand readers come back at once: how soon each is live again, and what it costs Postgres.

Run with `make bench`: it starts its own Postgres, Valkey and API on free ports, opens the streams,
kills the API and starts it again on the same port while transitions go on. The readers come back by
themselves, when they were told to. Postgres writes down each statement for this, which costs it
some of its time. Exit code 1: a number was missing, doubled or out of order.
"""

import asyncio
import re
import resource
import signal
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice, pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from limner.bus.publish import open_bus
from limner.embedded import PostgresServer, ValkeyServer
from limner.store.database import open_database
from limner.store.migrate import migrate
from limner.store.statements import sql_folder
from stage.author import Author, session_of
from stage.crowd import Crowd, Reader, crowd
from stage.process import Process, running
from stream.hand import Hand

STREAMS = 1000
PLOTS = 50
HISTORY = 8
"""Generations of each plot, of three transitions each, before anybody looks."""
SEEN = 3 * HISTORY
"""The number that each plot has come to by then."""
LIMIT_SECONDS = 120.0
LOGGED = {"log_statement": "all", "log_line_prefix": "%p "}
STATEMENT = re.compile(
    r"^(\d+) LOG:  (?:execute [^:]*|statement): (.*?)(?=^\d+ |\Z)", re.DOTALL | re.MULTILINE
)
VALUE = re.compile(r"(?<!:):[a-z]\w*|\$\d+")
NAMED = re.compile(r"^-- name: (\w+)\^?\n(?:--.*\n)*([^;]*);", re.MULTILINE)


@dataclass(frozen=True)
class Story:
    """A plot, the character that is drawn in it, and the number it has come to."""

    plot_id: str
    character_id: str


@dataclass(frozen=True)
class Stage:
    """What the storm is played on."""

    env: dict[str, str]
    hand: Hand
    hand_pid: int
    """The hand's backend, whose statements are not the storm's."""
    log: Path
    """Where Postgres writes down what it is asked."""


async def main() -> int:
    """Measure and print; the exit code."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    console = Console(width=90)
    async with asyncio.timeout(LIMIT_SECONDS), _stage() as stage, AsyncExitStack() as stack:
        first, address = await stack.enter_async_context(_serving(stage.env))
        stories = await _stories(stage.hand, address)
        plots = islice(cycle(story.plot_id for story in stories), STREAMS)
        paths = [f"/api/plots/{plot_id}/events" for plot_id in plots]
        gathered = await stack.enter_async_context(crowd(address, paths))
        opening = await _live(gathered, SEEN)
        first.send(signal.SIGKILL)
        await first.ended()
        await _draw(stage.hand, stories)
        again = {**stage.env, "LIMNER_PORT": address.rpartition(":")[2]}
        await stack.enter_async_context(_serving(again))
        began, mark = asyncio.get_running_loop().time(), stage.log.stat().st_size
        drawing = asyncio.create_task(_draw(stage.hand, stories), name="transitions")
        storm = await _live(gathered, SEEN + 3)
        said = stage.log.read_bytes()[mark:].decode(errors="replace")
        await drawing
        await _live(gathered, SEEN + 6)
    _print_times(console, opening, storm, began)
    _print_statements(console, said, stage.hand_pid)
    return _verdict(console, gathered.readers)


Arrival = tuple[float, float]
"""When a reader called, and when it had the number, by the event loop's clock in seconds."""


async def _live(gathered: Crowd, number: int) -> list[Arrival]:
    """Wait until every reader has a number."""

    async def arrival(reader: Reader) -> Arrival:
        at = await reader.reaches(number)
        return reader.called_at, at

    return await asyncio.gather(*(arrival(reader) for reader in gathered.readers))


def _print_times(
    console: Console, opening: list[Arrival], storm: list[Arrival], began: float
) -> None:
    table = Table("seconds", "median", "p95", "last", title=f"{STREAMS} streams, {PLOTS} plots")
    rows = {
        "first opening, all at once: from its call": [at - called for called, at in opening],
        "process listens again, to what it missed": [at - began for _, at in storm],
        "of which from its own call": [at - called for called, at in storm],
    }
    for name, values in rows.items():
        ordered = sorted(values)
        numbers = statistics.median(ordered), ordered[int(0.95 * len(ordered))], ordered[-1]
        table.add_row(name, *(f"{number:.2f}" for number in numbers))
    console.print(table)


def _print_statements(console: Console, said: str, hand_pid: int) -> None:
    counted = Counter(
        _name_of(text) for pid, text in STATEMENT.findall(said) if int(pid) != hand_pid
    )
    table = Table("statement", "times", "a stream", title="What coming back asks of Postgres")
    for name, count in [*counted.most_common(6), ("all", counted.total())]:
        table.add_row(name, str(count), f"{count / STREAMS:.2f}")
    console.print(table)


def _name_of(text: str) -> str:
    """The name that a statement has in `sql/queries`; its first words if it has none."""
    words = _plain(text)
    return _names().get(words, words[:40])


@cache
def _names() -> dict[str, str]:
    files = sorted((sql_folder() / "queries").glob("*.sql"))
    found = [pair for file in files for pair in NAMED.findall(file.read_text())]
    return {_plain(body): name for name, body in found}


def _plain(statement: str) -> str:
    """A statement without its values and line breaks."""
    return " ".join(VALUE.sub("?", statement).rstrip("; \n").split())


def _verdict(console: Console, readers: list[Reader]) -> int:
    due = set(range(SEEN, SEEN + 7))
    missing = sum(len(due - set(reader.ids)) for reader in readers)
    doubled = sum(len(reader.ids) - len(set(reader.ids)) for reader in readers)
    disordered = sum(b < a for reader in readers for a, b in pairwise(reader.ids))
    refused = Counter(reader.fault for reader in readers if reader.fault)
    away = sum(reader.sent_away for reader in readers)
    console.print(
        f"ids missing {missing}, doubled {doubled}, out of order {disordered};"
        f" streams sent away until later {away}, for good {refused.total()}"
    )
    return 1 if missing or doubled or disordered or refused else 0


@asynccontextmanager
async def _stage() -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            PostgresServer(folder, LOGGED) as postgres,
            ValkeyServer(folder) as valkey,
            open_bus(valkey.url) as bus,
        ):
            await migrate(postgres.url)
            async with open_database(postgres.url, connections=1) as database:
                async with database.connection() as connection:
                    pid = await connection.fetchval("SELECT pg_backend_pid()")
                env = {
                    "LIMNER_DATABASE_URL": postgres.url,
                    "LIMNER_REDIS_URL": valkey.url,
                    "LIMNER_DATA_DIR": name,
                    "LIMNER_PORT": "0",
                    "LIMNER_PROVIDER": "blank",
                    "LIMNER_MAX_STREAMS": str(2 * STREAMS),
                    "LIMNER_MAX_STREAMS_PER_OWNER": str(2 * STREAMS),
                }
                yield Stage(env, Hand(database, bus), int(pid), postgres.log_path)


@asynccontextmanager
async def _serving(env: dict[str, str]) -> AsyncIterator[tuple[Process, str]]:
    async with running("api", "--child", env=env) as process:
        yield process, str((await process.said("Serving"))["address"])


async def _stories(hand: Hand, address: str) -> list[Story]:
    stories = []
    async with session_of(address) as session:
        author = Author(session, address)
        for _ in range(PLOTS):
            plot_id = await author.plot()
            stories.append(Story(plot_id, await author.character(plot_id)))
    for _ in range(HISTORY):
        await _draw(hand, stories)
    return stories


async def _draw(hand: Hand, stories: Sequence[Story]) -> None:
    """A generation in each plot, told to whoever listens."""
    for story in stories:
        await hand.tell(*await hand.draw(story.character_id))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
