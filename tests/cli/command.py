"""Commands that end by themselves."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stage.process import BOUND_SECONDS, environment


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


async def ran(
    *words: str, env: Mapping[str, str], module: str = "limner.cli", folder: Path | None = None
) -> Ran:
    """`limner WORDS` with these settings, in a folder, to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *words),
        cwd=folder,
        env={**environment(env), "COLUMNS": "200", "TERM": "dumb"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(BOUND_SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


def reason(ran: Ran) -> str:
    """See that a command refused to start as it should; its sentence."""
    assert ran.code == 2, ran
    assert "Traceback" not in ran.err
    assert ran.err.startswith("limner: "), ran.err
    assert ran.err.count("\n") == 1, ran.err
    assert ran.out == ""
    return ran.err.removeprefix("limner: ").rstrip()
