import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from limner.domain.errors import StartError
from limner.embedded import PostgresServer, ValkeyServer, hold
from limner.embedded.sockets import socket_path

HOLDER = """
import sys
from pathlib import Path
from limner.embedded import hold

with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


def test_a_folder_is_held_by_one(folder: Path) -> None:
    with held_by_another(folder) as holder:
        with pytest.raises(StartError, match=rf"in use by another limner \(pid {holder.pid}\)"):
            hold(folder).__enter__()
        holder.kill()
        holder.wait(3)
        with hold(folder):
            assert (folder / "lock").read_text() == f"{os.getpid()}\n"
    with hold(folder):
        pass


def test_a_child_does_not_inherit_the_hold(folder: Path) -> None:
    with hold(folder):
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False)
    with child, hold(folder):
        assert child.poll() is None
        child.kill()


def test_a_new_folder_shows_nobody_what_is_in_it(folder: Path) -> None:
    with hold(folder):
        assert folder.stat().st_mode & 0o066 == 0


def test_a_file_in_the_place_of_the_folder_is_named(folder: Path) -> None:
    folder.write_text("")
    for place in (folder, folder / "below"):
        with pytest.raises(StartError, match=r"data.* there is a file where a folder should be"):
            hold(place).__enter__()


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(StartError, match=r"Limner can't use /proc/limner \(.*LIMNER_DATA_DIR"):
        hold(Path("/proc/limner")).__enter__()


def test_a_folder_that_everybody_can_change_is_refused(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o1777)
    with pytest.raises(StartError, match="can be changed by everybody"):
        hold(folder).__enter__()


def test_a_link_in_the_place_of_the_lock_is_not_followed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (folder / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StartError):
        hold(folder).__enter__()
    assert not (tmp_path / "elsewhere").exists()


def test_a_socket_is_in_its_folder_if_clients_can_be_told_of_it() -> None:
    for name in ("limner", 'Zoë\'s "été" $H %41 a\\b?c#d'):
        place = Path("/srv", name, "postgres")
        assert socket_path(place, "socket") == place / "socket"
    for name in ("a, b", "x" * 120, "\udcff"):
        away = socket_path(Path("/srv", name), "socket")
        assert len(os.fsencode(away)) <= 107
        assert away == socket_path(Path("/srv", name), "socket")
        assert away != socket_path(Path("/srv", name, "other"), "socket")


async def test_a_strange_socket_folder_is_refused(tmp_path: Path) -> None:
    valkey = ValkeyServer(tmp_path / ("x" * 120))
    private = valkey.socket.parent
    private.symlink_to(tmp_path)
    try:
        with pytest.raises(StartError, match="there is a"):
            await valkey.start()
    finally:
        private.unlink()


async def test_something_else_in_the_place_of_the_database_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "novel.txt").write_text("It was a dark and stormy night.")
    if os.geteuid() == 0:
        os.chown(folder / "postgres", 65534, 65534)
    with pytest.raises(StartError, match="is not a database folder of Postgres"):
        await PostgresServer(folder).start()
    assert (folder / "postgres" / "novel.txt").exists()
