# ruff: noqa: ASYNC240  # a test may wait for the disk
"""Root, and root beside other users. Only root can try it."""

import asyncio
import os
import pwd
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

import limner
from limner.domain.errors import StartError
from limner.embedded import PostgresServer, ValkeyServer, hold

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

QUICK = {"fsync": "off"}
USER = 1
"""The account `daemon`, which every Unix has."""
LIMNER = """
import asyncio, sys
from pathlib import Path
from limner.domain.errors import StartError
from limner.embedded import PostgresServer, ValkeyServer, hold

async def main(folder):
    with hold(folder):
        async with PostgresServer(folder, {"fsync": "off"}) as postgres:
            async with ValkeyServer(folder) as valkey:
                print(postgres.url, valkey.url, flush=True)

try:
    asyncio.run(main(Path(sys.argv[1])))
except StartError as error:
    print(error)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the user's that they can reach: pytest's own are closed to them."""
    with tempfile.TemporaryDirectory(prefix="limner-") as name:
        os.chown(name, USER, USER)
        yield Path(name)


def run_without(powers: str, folder: Path) -> str:
    """What a Limner of root's says that is without some capabilities (PR_CAPBSET_DROP)."""
    drop = f"import ctypes\nfor power in [{powers}]: ctypes.CDLL(None).prctl(24, power)\n"
    command = [sys.executable, "-c", drop + LIMNER, str(folder)]
    return subprocess.check_output(command, text=True, timeout=20)


def run_as_user(folder: Path) -> str:
    """What a Limner of the user's says. Its Python is the system's: root's own may be private."""
    roots = [str(Path(limner.__file__).parents[1]), sysconfig.get_path("purelib")]
    return subprocess.run(
        ["/usr/bin/python3", "-c", LIMNER, folder],
        user=USER,
        group=USER,
        extra_groups=[],
        env={"PYTHONPATH": ":".join(roots), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        text=True,
        capture_output=True,
        timeout=20,
        check=True,
    ).stdout


async def answers(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("SELECT current_user = 'limner'"))
    finally:
        await connection.close()


def status(pid: int | None) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def test_root_and_a_user_have_each_their_own_at_the_same_time(used: Path, home: Path) -> None:
    async with PostgresServer(used, QUICK) as postgres, ValkeyServer(used):
        assert str(home) in await asyncio.to_thread(run_as_user, home / "data")
        assert await answers(postgres.url)


async def test_root_runs_over_a_users_folder_as_the_user_and_leaves_it_usable(home: Path) -> None:
    folder = home / "data"
    home.chmod(0o755)
    first = await asyncio.to_thread(run_as_user, folder)
    with hold(folder):
        async with PostgresServer(folder, QUICK) as postgres, ValkeyServer(folder) as valkey:
            assert status(postgres.pid)["Uid"].split() == [str(USER)] * 4
            assert status(valkey.pid)["Uid"].split() == [str(USER)] * 4
            assert await answers(postgres.url)
    assert {path.stat().st_uid for path in folder.rglob("*")} == {USER}
    assert await asyncio.to_thread(run_as_user, folder) == first


async def test_a_user_is_refused_the_folder_of_root(home: Path) -> None:
    os.chown(home, 0, 0)
    home.chmod(0o755)
    folder = home / "data"
    with hold(folder):
        pass
    folder.chmod(0o755)
    said = await asyncio.to_thread(run_as_user, folder)
    assert said == (
        f"You may not write in {folder}; change its permissions, or choose another folder with"
        " LIMNER_DATA_DIR.\n"
    )


async def test_a_user_is_refused_the_folder_of_another_user(home: Path) -> None:
    os.chown(home, USER + 1, USER + 1)
    home.chmod(0o755)
    assert f"{home} belongs to account 2" in await asyncio.to_thread(run_as_user, home)


async def test_postgres_is_never_root_and_has_no_power_that_it_does_not_need(home: Path) -> None:
    os.chown(home, 0, 0)
    home.chmod(0o755)
    async with PostgresServer(home / "data", QUICK) as postgres:
        found = status(postgres.pid)
        assert found["Uid"].split() == [str(pwd.getpwnam("nobody").pw_uid)] * 4
        assert found["Groups"] == ""
        assert {int(found[f"Cap{kind}"], 16) for kind in ("Prm", "Eff", "Amb")} == {0}


async def test_a_closed_folder_above_stays_closed_and_is_no_obstacle(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with PostgresServer(closed / "data", QUICK) as postgres:
        assert await answers(postgres.url)
        found = status(postgres.pid)
        assert {int(found[f"Cap{kind}"], 16) for kind in ("Prm", "Eff", "Amb")} <= {1 << 1, 1 << 2}
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == 0


async def test_a_database_folder_that_root_copied_is_not_taken_for_the_servants(
    folder: Path,
) -> None:
    (folder / "postgres").mkdir(parents=True)
    with pytest.raises(StartError, match=r"chown -R nobody '/"):
        await PostgresServer(folder, QUICK).start()


@pytest.mark.parametrize("powers", ["2", "1, 2"])
async def test_a_root_without_its_powers_is_told_what_to_do(tmp_path: Path, powers: str) -> None:
    """CAP_DAC_OVERRIDE is 1; CAP_DAC_READ_SEARCH is 2, and Docker takes it away."""
    said = await asyncio.to_thread(run_without, powers, tmp_path / "data")
    if powers == "2":
        assert said.startswith("postgresql://")
    else:
        assert "which it runs as in place of root, can't reach" in said
