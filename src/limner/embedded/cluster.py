"""Making the database folder, so that there is a whole one or none."""

import asyncio
import os
import pwd
import shutil
import signal
from dataclasses import replace
from pathlib import Path

from limner.domain.errors import StartError
from limner.embedded.binaries import POSTGRES_MAJOR, postgres_program
from limner.embedded.child import Child
from limner.embedded.folder import make_private, remove, telling
from limner.embedded.tenancy import Tenancy

_STEP_SECONDS = 120.0
_STOPS = ((signal.SIGTERM, 2.0),)
_INITDB = (
    "--username=limner",
    # Who reaches the socket may do all; so it lies in a folder of one account's.
    "--auth=trust",
    "--encoding=UTF8",
    # The same order and the same letters on every machine, whatever its libc.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
    "--no-clean",
    "--no-sync",
)


async def ensure(tenancy: Tenancy, log_path: Path, *, durable: bool) -> None:
    """See that there is a database folder of our version, with the database `limner` in it.

    It is made beside its place and put there by one rename: a first start that is killed leaves
    nothing that the next one could take for a database.

    Args:
        tenancy: where it is to be, and whose.
        log_path: where the programs that make it write.
        durable: whether it is to outlive a crash of the machine from the first moment on.

    Raises:
        StartError: it can't be made, or what is there is something else.
    """
    place = tenancy.folder
    if await asyncio.to_thread(is_there, place):
        return
    fresh = replace(tenancy, folder=place.with_name(f"{place.name}.new"))
    where = ("-D", fresh.folder)
    await asyncio.to_thread(_clear, fresh)
    maker = Child("Postgres", log_path, _STOPS)
    initdb, postgres = await asyncio.to_thread(_programs)
    try:
        await _run(maker, fresh, initdb, *where, *_INITDB)
        # Single-user, because a server that clients could reach would be half made.
        single = (postgres, "--single", "-F", *where, "template1")
        await _run(maker, fresh, *single, order="CREATE DATABASE limner;\n")
        if durable:
            # Once, at the end, which is faster than after each step.
            await _run(maker, fresh, initdb, *where, "--sync-only")
        await asyncio.to_thread(_put, fresh.folder, place)
    finally:
        # What can't be removed now, because of a last process in it, the next start removes.
        await asyncio.to_thread(shutil.rmtree, fresh.folder, ignore_errors=True)


def is_there(place: Path) -> bool:
    """Whether there is a database folder of our version.

    Raises:
        StartError: what is there is something else.
    """
    with telling(place):
        if not place.exists() or not any(place.iterdir()):
            return False
        version = place / "PG_VERSION"
        found = version.read_text().strip() if version.exists() else ""
    if found == POSTGRES_MAJOR:
        return True
    if found:
        raise StartError(
            f"{place} was made by Postgres {found}, and this is Postgres {POSTGRES_MAJOR}; move it"
            f" away to start afresh, or dump it with Postgres {found} and load the dump."
        )
    raise StartError(f"{place} is not a database folder of Postgres; move it away.")


def _programs() -> tuple[Path, Path]:
    return postgres_program("initdb"), postgres_program("postgres")


def _clear(fresh: Tenancy) -> None:
    """An empty folder; and what initdb would say less clearly in a container with any `--user`."""
    try:
        pwd.getpwuid(fresh.account.uid)
    except KeyError:
        raise StartError(
            f"Account {fresh.account.uid} has no name on this machine, and Postgres wants one; add"
            " it to /etc/passwd, run Limner as another user, or give LIMNER_DATABASE_URL."
        ) from None
    remove(fresh.folder)
    make_private(fresh.folder, fresh.account)


async def _run(maker: Child, fresh: Tenancy, *command: str | Path, order: str = "") -> None:
    stdin = await asyncio.to_thread(_pipe, order)
    try:
        await maker.start(command, fresh, stdin=stdin)
        async with asyncio.timeout(_STEP_SECONDS):
            code = await maker.wait()
    except TimeoutError:
        raise await maker.failure(
            f"took over {_STEP_SECONDS:.0f} s to make {fresh.folder}"
        ) from None
    finally:
        os.close(stdin)
        await maker.stop()
    if code:
        raise await maker.failure("could not make its database folder")


def _pipe(text: str) -> int:
    """Something to read the text from; it is short, and fits into the pipe before anybody does."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as file:
        file.write(text)
    return reader


def _put(fresh: Path, place: Path) -> None:
    with telling(place):
        fresh.rename(place)
        parent = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)
