"""`python -m chaos`: exits with 1 if anything was lost."""

import argparse
import asyncio
import faulthandler
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from chaos.findings import Finding
from chaos.report import findings_of, show
from chaos.run import Outcome, Plan, play

GENERATIONS_PER_SECOND = 300 / 180
LAST_SECONDS = 30
"""How long it may take to end what is still running when time is up, before we are cut off."""


def main() -> int:
    """Read the words, play, judge, and say what came of it."""
    plan = _plan()
    console = Console(width=120, highlight=False)
    console.print(
        f"Chaos for {plan.seconds:g} s: {plan.generations} generations, {plan.readers} readers."
        f" To repeat it: CHAOS_SECONDS={plan.seconds:g} CHAOS_SEED={plan.seed}"
    )
    faulthandler.dump_traceback_later(plan.bound_seconds + LAST_SECONDS, exit=True)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.chmod(0o755)  # root's servers run under accounts of their own
    try:
        outcome = asyncio.run(_bounded(plan, folder, console))
    except TimeoutError:
        console.print(f"It hung: it was not over after {plan.bound_seconds:g} s. See {folder}")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Interrupted.")
        shutil.rmtree(folder, ignore_errors=True)
        return 1
    findings = findings_of(outcome)
    show(outcome, findings, console)
    verdict = "Something was lost." if findings else "Nothing was lost."
    console.print(f"{verdict} It took {time.monotonic() - began:.0f} s; the seed was {plan.seed}.")
    if findings:
        _keep(outcome, findings, folder)
        console.print(f"What everybody saw and every log is in {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _bounded(plan: Plan, folder: Path, console: Console) -> Outcome:
    """Play, but not for ever; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with asyncio.timeout(plan.bound_seconds):
        return await play(plan, folder, lambda line: console.print(line, soft_wrap=True))


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311 - a name
    parser.add_argument("--generations", type=int)
    parser.add_argument("--readers", type=int, default=100)
    parser.add_argument("--plots", type=int, default=12)
    words = parser.parse_args()
    generations = words.generations or round(words.seconds * GENERATIONS_PER_SECOND)
    return Plan(words.seed, words.seconds, generations, words.readers, words.plots)


def _keep(outcome: Outcome, findings: list[Finding], folder: Path) -> None:
    """Put down everything that a person needs to find out why."""
    (folder / "findings").write_text(
        "\n".join(f"{finding.kind}: {finding.sentence}" for finding in findings)
    )
    (folder / "records.json").write_text(json.dumps(asdict(outcome.records), indent=1))


if __name__ == "__main__":
    sys.exit(main())
