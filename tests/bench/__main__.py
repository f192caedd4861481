"""Measures Limner beside what people would use in its place, and prints what was found.

Run with `make bench`; `make bench BENCH="--only fanout --rounds 1"` measures a part. Exit code 1: a
measure broke, or an event was lost. A target that is missed is a finding, not a failure.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.console import Console

from bench import growth, machine, storm
from bench.audience import LostError
from bench.figures import Figure, Results
from bench.patience import within
from bench.peers import PYTHON, MissingPeerError, Peers, fetch
from bench.program import STORM, Turn, chosen
from bench.stage import Stage, open_stage
from bench.tables import number, print_results

ROUNDS = 5
TURN_SECONDS = 240.0
PICTURE_SECONDS = 60.0
LOSSES = {"missing", "doubled"}
"""Cases that are to be 0."""
WIDTH = 150
TOLD = 6
"""So many figures of a turn are told as soon as it is over; the tables have all."""


async def main(words: argparse.Namespace) -> int:
    """Measure, print and write down; the exit code."""
    _end_when_told()
    console = Console(width=WIDTH, highlight=False)
    try:
        turns = chosen(words.only, words.who)
    except ValueError as error:
        console.print(str(error))
        return 2
    folder = words.out or Path(tempfile.mkdtemp(prefix="limner-bench-results-"))
    folder.mkdir(parents=True, exist_ok=True)
    peers = await fetch(console)
    results = Results(machine.described(), " ".join(["python -m bench", *sys.argv[1:]]))
    results.versions = peers.versions
    for round_number in range(1, words.rounds + 1 if turns else 1):
        async with open_stage() as stage:
            for turn in turns:
                if round_number == 1 or not turn.is_once:
                    await Round(round_number, stage, peers, results, console).take(turn)
        results.write(folder / "results.json")
    if growth.MEASURE in words.only or not (words.only or words.who):
        await growth.run(results, words.growth_rounds, console)
        results.write(folder / "results.json")
    if STORM in words.only and await storm.main() != 0:
        results.faults.append("storm: a number was missing, doubled or out of order")
    print_results(console, results)
    growth.print_ratios(console, results)
    results.write(folder / "results.json")
    await _draw(folder, results)
    console.print(f"Written to {folder}")
    return 1 if results.faults else 0


@dataclass(frozen=True)
class Round:
    """One time through all turns."""

    number: int
    stage: Stage
    peers: Peers
    results: Results
    console: Console

    async def take(self, turn: Turn) -> None:
        """One turn, and what it found or why it found nothing."""
        name = f"{turn.measure}, {turn.contender}"
        if turn.absent or turn.needs in self.peers.missing:
            self.results.absent[name] = turn.absent or self.peers.missing[turn.needs]
            return
        began = time.monotonic()
        try:
            async with within(TURN_SECONDS, "the turn is over"):
                figures = await turn.run(self.stage)
        except MissingPeerError as error:
            self.results.absent[name] = str(error)
        except Exception as error:  # noqa: BLE001 - told, written down, and the exit code says so
            self._fail(name, error)
        else:
            self.results.note(self.number, figures)
            lost = [one for one in figures if one.case in LOSSES and one.value]
            self.results.faults += (f"{name}: {one.value:.0f} {one.case}" for one in lost)
            self._tell(name, figures, time.monotonic() - began)

    def _fail(self, name: str, error: Exception) -> None:
        what = "lost" if isinstance(error, LostError) else type(error).__name__
        notes = "\n".join(["", *getattr(error, "__notes__", ())])
        fault = f"round {self.number}, {name}: {what}: {error}{notes}"
        self.results.faults.append(fault)
        self.console.print(fault, style="red", markup=False)

    def _tell(self, name: str, figures: Sequence[Figure], seconds: float) -> None:
        said = ", ".join(f"{one.case} {number(one.value)} {one.unit}" for one in figures[:TOLD])
        line = f"round {self.number}  {name}  ({seconds:.0f} s)  {said}"
        self.console.print(line, soft_wrap=True, markup=False)


async def _draw(folder: Path, results: Results) -> None:
    """Pictures, by the peers' matplotlib where it is there."""
    if not PYTHON.exists():
        results.absent["pictures"] = "matplotlib is not installed"
        return
    process = await asyncio.create_subprocess_exec(
        PYTHON, "-m", "bench.pictures", folder, cwd=Path(__file__).parents[1]
    )
    async with within(PICTURE_SECONDS, "the pictures are drawn"):
        if await process.wait() != 0:
            results.faults.append("the pictures could not be drawn")


def _end_when_told() -> None:
    """SIGTERM ends a run as Ctrl-C does: everything that was started is stopped before."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--growth-rounds", type=int, default=growth.ROUNDS)
    parser.add_argument("--only", type=_names, default=(), help="measures, such as fanout,pickup")
    parser.add_argument("--who", type=_names, default=(), help="contenders, such as limner,nchan")
    parser.add_argument("--out", type=Path, help="a folder for results.json and the pictures")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


if __name__ == "__main__":
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as Limner's processes
            sys.exit(runner.run(main(_words())))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
