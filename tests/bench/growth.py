"""Limner's own figures when 100,000, 1 million and 10 million transitions are stored already.

The stories that are streamed and drawn are among the stored ones, chosen at random over all of them
for each measure, and were read once before, as by the page that shows them; so their pages are
warm, and those of all others are not. Postgres has a quarter of the machine's memory for its own
cache, as its documentation advises, and not the 64 MB of a neighbour on somebody's desk.
"""

import os
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from bench import resume
from bench.figures import Figure, Results
from bench.patience import within
from bench.queues import pickup, throughput
from bench.stage import Stage, open_stage
from bench.stores import store
from bench.streams import delivery, fanout, opening
from bench.streams.limner import LIMNER

MEASURE = "growth"
TIMES = (1, 10, 100)
ROUNDS = 1
CACHE_SHARE = 4
"""Into so many parts memory is divided, of which one is Postgres's."""
REQUESTS = 50
TURN_SECONDS = 300.0
MOST_RATIO = 1.2
SHOWN = (
    (delivery.MEASURE, "2,000 streams, p50"),
    (delivery.MEASURE, "2,000 streams, p99"),
    (fanout.MEASURE, "p50"),
    (fanout.MEASURE, "p99"),
    (opening.MEMORY, "a stream"),
    (opening.CONNECTS, "with snapshot"),
    (pickup.MEASURE, "p50"),
    (throughput.MEASURE, "rate"),
    (throughput.MEASURE, "worker's CPU"),
    (throughput.MEASURE, "Postgres's CPU"),
    (resume.MEASURE, "own plots, p50"),
    (resume.MEASURE, "own plots, last"),
    (resume.MEASURE, "own plots, Postgres CPU a stream"),
)
"""Of what the measures find, this."""


async def run(results: Results, rounds: int, console: Console) -> None:
    """Note the figures of all stores, in turn in each round; what breaks is noted as a fault."""
    for number in range(1, rounds + 1):
        for times in TIMES:
            folder = await store(times, console)
            opened = open_stage({"shared_buffers": f"{_cache_mib()}MB"}, filled=folder)
            try:
                async with within(TURN_SECONDS, "the turn is over"), opened as stage:
                    figures = await measure(stage, times)
            except Exception as error:  # noqa: BLE001 - told, written down, and the exit code says so
                results.faults.append(
                    f"round {number}, growth, {times}x: {type(error).__name__}: {error}"
                )
                console.print(results.faults[-1], style="red")
            else:
                results.note(number, figures)
                said = ", ".join(f"{one.case} {one.value:.3g} {one.unit}" for one in figures)
                console.print(f"round {number}  growth, {times}x  {said}", soft_wrap=True)


async def measure(stage: Stage, times: int) -> list[Figure]:
    """One turn of one store.

    Raises:
        LostError, RuntimeError, TimeoutError: something did not come to its end.
    """
    found = [
        *await delivery.measure(stage, LIMNER),
        *await fanout.measure(stage, LIMNER),
        *await opening.measure(stage, LIMNER),
        *await pickup.measure(stage, pickup.LIMNER, requests=REQUESTS),
        *await throughput.measure(stage, throughput.LIMNER),
        *await resume.measure(stage),
    ]
    return [
        Figure(MEASURE, f"{times}x", f"{one.measure}: {one.case}", one.unit, one.value)
        for one in found
        if (one.measure, one.case) in SHOWN
    ]


def print_ratios(console: Console, results: Results) -> None:
    """Each figure at 1x, and how it stands at 10x and 100x: 2 is twice as slow, or twice as much.

    Nothing is printed when growth was not measured.
    """
    title = (
        "growth: with ten and a hundred times as much stored;"
        f" Postgres has shared_buffers={_cache_mib()}MB, and what is measured was read once before"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for times in TIMES:
        table.add_column(f"{times}x", justify="right")
    for times in TIMES[1:]:
        table.add_column(f"{times}x : 1x", justify="right")
    for case, unit, values in _rows(results):
        ratios = [one / values[0] for one in values[1:]]
        worse = [1 / ratio if is_more_better(unit) else ratio for ratio in ratios]
        table.add_row(
            f"{case} ({unit})",
            *(f"{value:.3g}" for value in values),
            *(f"[{'red' if one > MOST_RATIO else 'green'}]{one:.2f}[/]" for one in worse),
        )
    if table.row_count:
        console.print(table)


def is_more_better(unit: str) -> bool:
    """Whether a figure of this unit is the better the more it is."""
    return unit == "1/s"


def _cache_mib() -> int:
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return memory_bytes // CACHE_SHARE // 2**20


def _rows(results: Results) -> Iterator[tuple[str, str, list[float]]]:
    """A case, its unit, and its medians in the order of `TIMES`."""
    medians = results.medians()
    for measured, contender, case, unit in medians:
        keys = [(MEASURE, f"{times}x", case, unit) for times in TIMES]
        if (measured, contender) == (MEASURE, f"{TIMES[0]}x") and all(
            key in medians for key in keys
        ):
            yield case, unit, [medians[key] for key in keys]
