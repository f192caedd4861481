"""A short run of it all, as `make chaos` does a long one."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from chaos.faults import FAULTS, plan_of

TESTS = Path(__file__).parents[1]
SECONDS = 7.0
BOUND_SECONDS = 150.0
WORDS = f"--seconds {SECONDS} --generations 40 --readers 20 --plots 4 --seed 7"


@pytest.mark.timeout(BOUND_SECONDS + 20)
async def test_nothing_is_lost_whatever_dies() -> None:
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chaos", *WORDS.split()),
        env={**os.environ, "PYTHONPATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(BOUND_SECONDS):
            output, _ = await run.communicate()
    except TimeoutError:
        run.terminate()
        output, _ = await run.communicate()
    told = output.decode()
    assert run.returncode == 0, told
    assert all(told.count(fault.kind) >= 2 for fault in FAULTS), told  # as it came, and at the end
    assert "Nothing was lost." in told


@pytest.mark.parametrize("seconds", [SECONDS, 20, 180])
def test_every_run_has_every_kind_of_fault(seconds: float) -> None:
    strikes = plan_of(1, seconds)
    assert {strike.fault for strike in strikes} == set(FAULTS)
    assert all(strike.at_seconds < seconds for strike in strikes)


def test_a_seed_makes_the_same_plan_again() -> None:
    assert plan_of(7, 180) == plan_of(7, 180)
    assert plan_of(7, 180) != plan_of(8, 180)
