"""Whether `limner up` could bring its own servers, found out without starting them."""

import asyncio
import os
from pathlib import Path
from typing import Final

from limner.domain.errors import StartError
from limner.domain.finding import Finding, ok
from limner.embedded import cluster
from limner.embedded.account import postgres_account, valkey_account
from limner.embedded.binaries import postgres_program, valkey_program
from limner.embedded.folder import claim

PART: Final = "limner up"
ADVICE: Final = "See whether the disk of LIMNER_DATA_DIR is there."


async def check_embedded(folder: Path, *, postgres: bool, valkey: bool) -> list[Finding]:
    """That nothing is in the way of its servers on a data folder that no Limner holds.

    Args:
        folder: the data folder, made or not.
        postgres: whether it would bring a Postgres.
        valkey: whether it would bring a Valkey.

    Raises:
        StartError: something is.
    """
    await asyncio.to_thread(_has_place, folder)
    if postgres:
        await asyncio.to_thread(_postgres_has_place, folder)
        await _runs(await asyncio.to_thread(postgres_program, "initdb"))
        await _runs(await asyncio.to_thread(postgres_program, "postgres"))
    if valkey:
        await asyncio.to_thread(_valkey_has_place, folder)
        await _runs(await asyncio.to_thread(valkey_program))
    servers = " and ".join(["Postgres"] * postgres + ["Valkey"] * valkey)
    return [ok(PART, f"Does not run; it would bring {servers}, with the data in {folder}.")]


def _has_place(folder: Path) -> None:
    if folder.exists():
        claim(folder)
        return
    nearest = next(path for path in folder.absolute().parents if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise StartError(
            f"You may not make {folder} in {nearest}; choose another folder with LIMNER_DATA_DIR."
        )


def _postgres_has_place(folder: Path) -> None:
    place = folder.absolute() / "postgres"
    if folder.exists():
        postgres_account(place)
        cluster.is_there(place)


def _valkey_has_place(folder: Path) -> None:
    if folder.exists():
        valkey_account(folder.absolute() / "valkey")


async def _runs(program: Path) -> None:
    """See that a program fits to this machine and its C library."""
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise StartError(f"{program} can't be run: {error.strerror}.") from error
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        words = said.decode(errors="replace").strip().partition("\n")[0]
        raise StartError(f"{program} does not run on this machine: {words}.")
