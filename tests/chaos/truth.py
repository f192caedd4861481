"""What is true in the end: the tables by plain SQL, and what Limner tells of them over HTTP."""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

ANSWER_SECONDS = 10.0
AT_ONCE = 10

_PLOTS = "SELECT id::text, seq FROM plots"
_REMOVED = "SELECT id::text FROM characters WHERE deleted_at IS NOT NULL"
_GENERATIONS = """
SELECT id::text AS task_id, plot_id::text, character_id::text, status, seq, first_seq, image
FROM generations
"""
_MOVES = """
SELECT
    plot_id::text, seq, generation_id::text AS task_id, character_id::text, previous, status,
    extract(epoch FROM at)::float8 AS at, attempt, image
FROM transitions ORDER BY plot_id, seq
"""
_UNFINISHED = """
SELECT count(*) FROM generations WHERE status NOT IN ('completed', 'failed', 'canceled')
"""


@dataclass(frozen=True, slots=True)
class Move:
    """A row of the transitions."""

    plot_id: str
    seq: int
    task_id: str
    character_id: str
    previous: str | None
    status: str
    at: float
    """Seconds since 1970."""
    attempt: int
    image: str | None


@dataclass(frozen=True, slots=True)
class Generation:
    """A row of the generations."""

    task_id: str
    plot_id: str
    character_id: str
    status: str
    seq: int
    first_seq: int
    image: str | None


@dataclass
class Truth:
    """All of it, after everything has come to rest."""

    seqs: dict[str, int]
    """Of each plot, its newest number."""
    moves: dict[str, list[Move]]
    """Of each plot, in order."""
    generations: dict[str, Generation]
    """By their ids."""
    removed: set[str]
    """The characters that were removed."""
    told: dict[tuple[str, int], str] = field(default_factory=dict)
    """The status object of each (plot, seq), as JSON, as `GET /api/generations/…` tells it."""
    untold: dict[str, str] = field(default_factory=dict)
    """Generations of which it tells nothing, and what it says instead."""
    images: dict[str, str] = field(default_factory=dict)
    """Of each image that could be fetched, by its generation: the SHA-256 of what came."""
    pictures: dict[str, dict[str, float]] = field(default_factory=dict)
    """What the painters handed out for each generation: by its SHA-256, when it was begun."""


async def newest_numbers(url: str) -> tuple[int, dict[str, int]]:
    """How many generations are not final, and the newest number of each plot and each character.

    Characters that were removed are left out: not every reader is told of them.
    """
    connection = await asyncpg.connect(url, timeout=ANSWER_SECONDS)
    try:
        unfinished = await connection.fetchval(_UNFINISHED, timeout=ANSWER_SECONDS)
        rows = await connection.fetch(
            "SELECT g.plot_id::text, g.character_id::text, max(g.seq) AS seq FROM generations AS g"
            " INNER JOIN characters AS c ON g.character_id = c.id WHERE c.deleted_at IS NULL"
            " GROUP BY 1, 2",
            timeout=ANSWER_SECONDS,
        )
    finally:
        connection.terminate()
    newest: dict[str, int] = {}
    for row in rows:
        for name in (row["plot_id"], row["character_id"]):
            newest[name] = max(newest.get(name, 0), row["seq"])
    return unfinished, newest


async def read_truth(url: str, session: aiohttp.ClientSession, address: str) -> Truth:
    """Read the tables, and ask one API about every generation and every image."""
    connection = await asyncpg.connect(url, timeout=ANSWER_SECONDS)
    try:
        plots, removed, generations, moves = [
            await connection.fetch(statement, timeout=ANSWER_SECONDS)
            for statement in (_PLOTS, _REMOVED, _GENERATIONS, _MOVES)
        ]
    finally:
        connection.terminate()
    truth = Truth(
        seqs={row["id"]: row["seq"] for row in plots},
        moves={row["id"]: [] for row in plots},
        generations={row["task_id"]: Generation(**row) for row in generations},
        removed={row["id"] for row in removed},
    )
    for row in moves:
        truth.moves[row["plot_id"]].append(Move(**row))
    turns = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for generation in truth.generations.values():
            group.create_task(_ask(truth, generation, session, address, turns))
    return truth


def read_journal(journal: Path) -> dict[str, dict[str, float]]:
    """What the painters handed out for each generation: by its SHA-256, when it was begun."""
    pictures: dict[str, dict[str, float]] = {}
    if journal.exists():
        for line in journal.read_text().splitlines():
            entry = json.loads(line)
            pictures.setdefault(entry["task_id"], {})[entry["sha256"]] = entry["began"]
    return pictures


async def _ask(
    truth: Truth,
    generation: Generation,
    session: aiohttp.ClientSession,
    address: str,
    turns: asyncio.Semaphore,
) -> None:
    async with turns, asyncio.timeout(ANSWER_SECONDS):
        url = f"{address}/api/generations/{generation.task_id}"
        async with session.get(url) as answer:
            body = await answer.text()
        if answer.status != 200:
            truth.untold[generation.task_id] = f"{answer.status}: {body}"
            return
        told: dict[str, Any] = json.loads(body)
        for status in told["transitions"]:
            truth.told[status["plot_id"], status["seq"]] = compact(status)
        if told["image_url"] is not None:
            async with session.get(address + told["image_url"]) as answer:
                data = await answer.read()
            if answer.status == 200:
                truth.images[generation.task_id] = hashlib.sha256(data).hexdigest()


def compact(value: object) -> str:
    """JSON without white space, the members in the order in which they came."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
