"""Thousands of plots in a moment, each with a character that was drawn once; and their next moves.

The first is made by the ledger, the others are copies of its rows under new ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from bench.stage import Stage
from limner.domain.generation import Taken
from limner.domain.plot import LOCAL_OWNER
from limner.domain.status import Status
from limner.domain.transition import Transition, status_object
from limner.encoding import encode
from limner.store.history import Ask, History
from stream.hand import Hand

DESCRIPTION = (
    "A clerk of fifty who has worn the same grey coat for twenty winters, with ink on the left cuff"
    " and a key on a string around his neck; he looks past whoever speaks to him, as if somebody"
    " stood behind them in the corridor, and holds his hat in front of him with both hands."
)
"""As long as descriptions are: so a status object has the size that it has in life."""
FIRST_PLOT = """
INSERT INTO plots (id, owner, title, style) VALUES ($1, $2, 'The Corridor', 'ink and wash')
"""
FIRST_CHARACTER = """
INSERT INTO characters (id, plot_id, owner, name, description) VALUES ($1, $2, $3, 'Clerk', $4)
"""
COPIES = """
CREATE TEMPORARY TABLE copies ON COMMIT DROP AS
SELECT gen_random_uuid() AS plot_id, gen_random_uuid() AS character_id,
       gen_random_uuid() AS generation_id
LIMIT 0
"""
FILL_COPIES = """
INSERT INTO copies
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid() FROM generate_series(1, $1::int)
"""
COPY_PLOTS = """
INSERT INTO plots SELECT made.* FROM copies AS c CROSS JOIN plots AS p
CROSS JOIN LATERAL jsonb_populate_record(p, jsonb_build_object('id', c.plot_id)) AS made
"""
COPY_CHARACTERS = """
INSERT INTO characters SELECT made.* FROM copies AS c CROSS JOIN characters AS p
CROSS JOIN LATERAL jsonb_populate_record(
    p, jsonb_build_object('id', c.character_id, 'plot_id', c.plot_id)
) AS made
"""
COPY_GENERATIONS = """
INSERT INTO generations SELECT made.* FROM copies AS c CROSS JOIN generations AS p
CROSS JOIN LATERAL jsonb_populate_record(p, jsonb_build_object(
    'id', c.generation_id, 'character_id', c.character_id, 'plot_id', c.plot_id
)) AS made
"""
COPY_TRANSITIONS = """
INSERT INTO transitions SELECT made.* FROM copies AS c CROSS JOIN transitions AS p
CROSS JOIN LATERAL jsonb_populate_record(p, jsonb_build_object(
    'generation_id', c.generation_id, 'character_id', c.character_id, 'plot_id', c.plot_id,
    'move', gen_random_uuid()
)) AS made
"""
SNAPSHOTS = """
CREATE TABLE IF NOT EXISTS snapshots (plot_id text PRIMARY KEY, seq bigint, status text)
"""
COPY_SNAPSHOTS = """
INSERT INTO snapshots
SELECT c.plot_id, 3, replace(replace(replace($1, $2, c.plot_id::text), $3, c.character_id::text),
                             $4, c.generation_id::text)
FROM copies AS c
"""
STORED = """
WITH chosen AS (
    SELECT DISTINCT md5('plot' || 1 + floor(random() * many.plots)::bigint)::uuid AS id
    FROM (SELECT count(*) AS plots FROM plots) AS many, generate_series(1, 2 * $1::integer)
)

SELECT p.id::text AS plot_id, c.id::text AS character_id, p.seq
FROM chosen
INNER JOIN plots AS p ON chosen.id = p.id
CROSS JOIN LATERAL (SELECT id FROM characters WHERE plot_id = p.id ORDER BY id LIMIT 1) AS c
ORDER BY random()
LIMIT $1::integer
"""
LOOKED_AT_ONCE = 5
"""Plots."""
MOST_TRANSITIONS = 1000
"""Of a plot; there are fewer."""
IN_FLIGHT = "SELECT id::text FROM generations WHERE status IN ('pending', 'generating')"


@dataclass
class Story:
    """A plot with one character."""

    plot_id: str
    character_id: str
    seq: int = 3
    """The newest number: it was drawn once."""
    _pending: Transition | None = None
    _taken: Taken | None = None

    async def move(self, hand: Hand) -> Transition:
        """The next transition, committed and not told: pending, generating, completed."""
        if self._taken is not None:
            moved, self._taken = await hand.complete(self._taken), None
        elif self._pending is not None:
            self._taken, self._pending = await hand.take(self._pending.task_id), None
            moved = self._taken.transition
        else:
            moved = self._pending = await hand.accept(self.character_id)
        self.seq = moved.seq
        return moved


async def tell_stories(stage: Stage, number: int) -> list[Story]:
    """So many stories, and no other, in the stage's database; if it is filled, some of its own.

    Beside Limner's own tables there is one for the peers, `snapshots`: the status objects as they
    stand now, ready to be sent. No service has it so easy; it is in the peers' favor.
    """
    if stage.is_filled:
        return await _stored(stage, number)
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute("TRUNCATE plots CASCADE")
        await connection.execute(SNAPSHOTS)
        await connection.execute("TRUNCATE snapshots")
        plot_id, character_id = str(uuid4()), str(uuid4())
        await connection.execute(FIRST_PLOT, plot_id, LOCAL_OWNER)
        await connection.execute(FIRST_CHARACTER, character_id, plot_id, LOCAL_OWNER, DESCRIPTION)
        *_, completed = await stage.hand.draw(character_id)
        assert completed.status is Status.COMPLETED
        async with connection.transaction():
            # Without triggers and foreign keys: the copies are as right as their original.
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(COPIES)
            await connection.execute(FILL_COPIES, number)
            for statement in (
                COPY_PLOTS,
                COPY_CHARACTERS,
                COPY_GENERATIONS,
                COPY_TRANSITIONS,
            ):
                await connection.execute(statement)
            text = encode(status_object(completed)).decode()
            ids = plot_id, character_id, completed.task_id
            await connection.execute(COPY_SNAPSHOTS, text, *ids)
            rows = await connection.fetch("SELECT plot_id::text, character_id::text FROM copies")
        await connection.execute("DELETE FROM plots WHERE id = $1", plot_id)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    return [Story(*row) for row in rows]


async def _stored(stage: Stage, number: int) -> list[Story]:
    """Stories chosen at random among all that are stored; nothing is left in flight before."""
    async with stage.database.connection() as connection:
        in_flight = await connection.fetch(IN_FLIGHT)
    for row in in_flight:
        await stage.hand.ledger.cancel(row["id"], move=str(uuid4()))
    async with stage.database.connection() as connection:
        rows = await connection.fetch(STORED, number)
    assert len(rows) == number
    await look_at(stage, [row["plot_id"] for row in rows])
    return [Story(*row) for row in rows]


async def look_at(stage: Stage, plot_ids: Sequence[str]) -> None:
    """Read all that is in these plots, as their streams do: it is warm then, and all else is not.

    What is read otherwise has other ways to it: other indexes, which would be cold still.
    """
    history = History(stage.database)
    for first in range(0, len(plot_ids), LOOKED_AT_ONCE):
        some = plot_ids[first : first + LOOKED_AT_ONCE]
        asks = [Ask(plot_id, after) for plot_id in some for after in (None, 0)]
        await history.openings(asks, count=MOST_TRANSITIONS)
