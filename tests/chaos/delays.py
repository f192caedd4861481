"""How long readers were behind, and whether something that was broken meanwhile excuses it."""

from collections.abc import Iterator
from dataclasses import dataclass

from chaos.findings import Finding
from chaos.records import Blow, Connection
from chaos.truth import Truth

REPAIR_SECONDS = 5.0
"""The promise: so long after Redis and Postgres answer again."""
BUSY_SECONDS = 2.0
"""How much longer it may take where a hundred readers and all servers share two cores."""


@dataclass(frozen=True, slots=True)
class Delay:
    """From a transition's `at` to its arrival at a reader that was connected all the while."""

    reader: str
    plot_id: str
    seq: int
    at: float
    arrived: float

    @property
    def seconds(self) -> float:
        return self.arrived - self.at


def delays(truth: Truth, connections: list[Connection]) -> Iterator[Delay]:
    """All of them."""
    at = {(move.plot_id, move.seq): move.at for moves in truth.moves.values() for move in moves}
    for connection in connections:
        if connection.greeted is None:
            continue
        for sighting in connection.sightings:
            if sighting.id is None or not sighting.id.isdecimal():
                continue
            moment = at.get((connection.plot_id, int(sighting.id)))
            if moment is not None and moment >= connection.greeted:
                yield Delay(
                    connection.reader,
                    connection.plot_id,
                    int(sighting.id),
                    moment,
                    sighting.arrived,
                )


def check_delays(all_delays: list[Delay], blows: list[Blow]) -> Iterator[Finding]:
    """Who was behind for longer than promised, while nothing was broken."""
    for delay in all_delays:
        if delay.seconds <= REPAIR_SECONDS + BUSY_SECONDS:
            continue
        whole_seconds = _whole_seconds(delay, blows)
        if whole_seconds > REPAIR_SECONDS + BUSY_SECONDS:
            yield Finding(
                "late",
                f"{delay.reader} got {delay.seq} of plot {delay.plot_id} {delay.seconds:.1f} s"
                f" after it was moved, {whole_seconds:.1f} s of which all was whole.",
            )


def overlapping(delay: Delay, blows: list[Blow]) -> list[Blow]:
    """What was broken at some time while a reader was behind."""
    return [
        blow
        for blow in blows
        if blow.began < delay.arrived and (blow.ended is None or blow.ended > delay.at)
    ]


def _whole_seconds(delay: Delay, blows: list[Blow]) -> float:
    """The longest time on end of a delay in which nothing was broken."""
    longest, since = 0.0, delay.at
    for blow in sorted(overlapping(delay, blows), key=lambda blow: blow.began):
        longest = max(longest, blow.began - since)
        since = max(since, delay.arrived if blow.ended is None else blow.ended)
    return max(longest, delay.arrived - since)
