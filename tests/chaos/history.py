"""A small history that is in order, for tests that put it out of order.

Ada is drawn (1, 2, 4), Bea's first attempt is lost (3, 5, 6, 7, 8), Ada is drawn again (9, 10, 11).
Number n is moved at second n.
"""

from chaos.records import Ask, Connection, Look, Sighting
from chaos.truth import Generation, Move, Truth, compact

PLOT, ADA, BEA = "plot", "ada", "bea"
_STORY = (
    ("ada-1", ADA, None, "pending", 0),
    ("ada-1", ADA, "pending", "generating", 1),
    ("bea-1", BEA, None, "pending", 0),
    ("ada-1", ADA, "generating", "completed", 1),
    ("bea-1", BEA, "pending", "generating", 1),
    ("bea-1", BEA, "generating", "pending", 1),
    ("bea-1", BEA, "pending", "generating", 2),
    ("bea-1", BEA, "generating", "completed", 2),
    ("ada-2", ADA, None, "pending", 0),
    ("ada-2", ADA, "pending", "generating", 1),
    ("ada-2", ADA, "generating", "completed", 1),
)
NEWEST = len(_STORY)
ALL = range(1, NEWEST + 1)


def truth() -> Truth:
    """What the tables say, and what is told of them."""
    moves = [
        Move(PLOT, seq, task, who, before, status, float(seq), attempt, _image(task, status))
        for seq, (task, who, before, status, attempt) in enumerate(_STORY, start=1)
    ]
    generations = {}
    for move in moves:
        first = next(each.seq for each in moves if each.task_id == move.task_id)
        generations[move.task_id] = Generation(
            move.task_id, PLOT, move.character_id, move.status, move.seq, first, move.image
        )
    return Truth(
        seqs={PLOT: NEWEST},
        moves={PLOT: moves},
        generations=generations,
        removed=set(),
        told={(PLOT, seq): told(seq) for seq in ALL},
        images={task: f"image of {task}" for task in generations},
        pictures={
            move.task_id: {
                f"image of {move.task_id}": move.at + 0.5
            }  # the last time, not the first
            for move in moves
            if move.status == "generating"
        },
    )


def told(seq: int) -> str:
    """The status object of a number, as JSON."""
    task, who, _, status, _ = _STORY[seq - 1]
    return compact(
        {"character_id": who, "plot_id": PLOT, "task_id": task, "status": status, "seq": seq}
    )


def asks() -> list[Ask]:
    """Each was accepted once."""
    return [Ask("draw", name.split("-")[0], 202, name) for name in ("ada-1", "bea-1", "ada-2")]


def connection(
    *ids: int, after: int | None = None, of: str | None = None, reader: str = "reader"
) -> Connection:
    """A reader that got these numbers, each a tenth of a second after it was moved."""
    sightings = [Sighting(seq + 0.1, str(seq), told(seq)) for seq in ids]
    return Connection(reader, PLOT, of, after, 0.0, 200, 0.05, 1000, sightings, 20.0)


def look(seq: int, *, opened: float) -> Look:
    """A poll that was told of this number."""
    character_id = _STORY[seq - 1][1]
    return Look("poller", character_id, opened, opened + 0.1, 200, told(seq))


def _image(task: str, status: str) -> str | None:
    return f"image of {task}" if status == "completed" else None
