"""One move of a generation, inside the transaction of whoever makes it."""

import asyncpg

from limner.domain.transition import Transition
from limner.store.records import transition_of
from limner.store.statements import Connection, statements


async def make_move(
    connection: Connection, name: str, task_id: str, *, move: str, **values: object
) -> Transition | None:
    """Lock the plot, compare-and-set the generation, append the transition.

    Args:
        connection: in a transaction, which is to be committed with it.
        name: the statement of `ledger.sql` that changes the generation.
        task_id: the generation.
        move: the writer's own name for this move: made already, it is found and not made again.
        values: what the statement takes.

    Returns:
        None when the generation was elsewhere, or is gone with its plot: nothing was changed.
    """
    sql = statements()
    if await sql.row("lock_plot_of_generation", connection, generation_id=task_id) is None:
        return None
    landed = await sql.row("status_of_move", connection, move=move)
    if landed is not None:
        return transition_of(landed)
    made = await sql.row(name, connection, generation_id=task_id, **values)
    return None if made is None else await append(connection, made, move=move)


async def append(connection: Connection, made: asyncpg.Record, *, move: str) -> Transition:
    """The transition that belongs to the change just made, under the plot's lock."""
    sql = statements()
    appended = await sql.the(
        "append",
        connection,
        generation_id=made["id"],
        move=move,
        previous=made["previous"],
        at=made["at"],
    )
    row = await sql.the("status_at", connection, plot_id=appended["plot_id"], seq=appended["seq"])
    return transition_of(row)
