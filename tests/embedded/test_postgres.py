# ruff: noqa: ASYNC240  # a test may wait for the disk
import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from limner.domain.errors import StartError
from limner.embedded import PostgresServer
from limner.embedded.processes import servers_on

QUICK = {"fsync": "off"}


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_what_was_written_outlives_stop_and_start(used: Path) -> None:
    async with PostgresServer(used, QUICK) as postgres:
        url = postgres.url
        await ask(url, "CREATE TABLE kept AS SELECT 'Ada' AS name")
    assert servers_on(used / "postgres") == []
    async with PostgresServer(used, QUICK) as postgres:
        assert postgres.url == url
        assert await ask(url, "SELECT name FROM kept") == "Ada"
        await postgres.restart()
        assert await ask(url, "SELECT name FROM kept") == "Ada"


async def test_what_was_committed_outlives_a_kill(used: Path) -> None:
    async with PostgresServer(used) as postgres:
        await ask(postgres.url, "CREATE TABLE committed AS SELECT 'Ada' AS name")
        watch = asyncio.ensure_future(postgres.wait())
        await postgres.kill()
        assert await watch == -signal.SIGKILL
        assert postgres.pid is None
        await postgres.start()
        assert await ask(postgres.url, "SELECT name FROM committed") == "Ada"


async def test_a_server_that_ends_by_itself_is_noticed_and_says_why(used: Path) -> None:
    async with PostgresServer(used, QUICK) as postgres:
        assert postgres.pid
        with pytest.raises(StartError, match="running already"):
            await postgres.start()
        os.kill(postgres.pid, signal.SIGTERM)
        assert await asyncio.wait_for(postgres.wait(), 3) == 0
        assert "database system is shut down" in str(await postgres.failure())


async def test_it_is_the_same_everywhere_and_listens_on_a_private_socket_only(
    used: Path,
) -> None:
    async with PostgresServer(used, QUICK) as postgres:
        assert await ask(postgres.url, "SHOW listen_addresses") == ""
        assert postgres.socket.parent.stat().st_mode & 0o777 == 0o700
        assert await ask(postgres.url, "SHOW server_encoding") == "UTF8"
        assert await ask(postgres.url, "SHOW timezone") == "UTC"
        assert await ask(postgres.url, "SHOW data_checksums") == "on"
        assert await ask(postgres.url, "SELECT upper('é') || ('Z' < 'a')::text") == "Étrue"


@pytest.mark.parametrize("name", ['Zoë\'s "été" $H %41 a\\b?c#d', "x" * 120])
async def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    async with PostgresServer(tmp_path / name, QUICK) as postgres:
        assert len(os.fsencode(postgres.socket)) <= 107
        assert await ask(postgres.url, "SELECT current_database()") == "limner"
        private = postgres.socket.parent
        assert private.stat().st_mode & 0o777 == 0o700
    if not private.is_relative_to(tmp_path):
        private.rmdir()


async def test_locks_that_name_a_living_process_bar_no_start(used: Path) -> None:
    async with PostgresServer(used, QUICK) as postgres:
        lock = used / "postgres" / "postmaster.pid"
        left = lock.read_text()
        await postgres.kill()
        # As after a restart of a container: the pid is now that of something else.
        lock.write_text(left.replace(left.splitlines()[0], str(os.getpid()), 1))
        Path(f"{postgres.socket}.lock").write_text(f"{os.getpid()}\n")
        await postgres.start()
        assert await ask(postgres.url, "SELECT 1") == 1


async def test_a_first_start_that_is_cut_short_leaves_no_half_database(folder: Path) -> None:
    postgres = PostgresServer(folder, QUICK)
    start = asyncio.ensure_future(postgres.start())
    async with asyncio.timeout(3):
        while not (folder / "postgres.new" / "PG_VERSION").exists():  # noqa: ASYNC110  # a file
            await asyncio.sleep(0.001)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert sorted(path.name for path in folder.iterdir()) == ["postgres.lock", "postgres.log"]
    async with postgres:
        assert await ask(postgres.url, "SELECT 1") == 1


async def test_a_block_left_by_an_error_leaves_no_process(used: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with PostgresServer(used, QUICK):
            raise ZeroDivisionError
    assert servers_on(used / "postgres") == []


async def test_a_stop_that_is_cancelled_still_leaves_no_process(used: Path) -> None:
    async with PostgresServer(used, QUICK) as postgres:
        stop = asyncio.ensure_future(postgres.stop())
        await asyncio.sleep(0)
        stop.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stop
        assert postgres.pid is None


async def test_a_server_nobody_holds_any_more_is_ended_for_the_next(used: Path) -> None:
    async with PostgresServer(used, QUICK) as forgotten:
        await ask(forgotten.url, "CREATE TABLE forgotten AS SELECT 'Ada' AS name")
        async with PostgresServer(used, QUICK) as postgres:
            assert forgotten.pid is None
            assert await ask(postgres.url, "SELECT name FROM forgotten") == "Ada"


async def test_a_database_of_another_version_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    if os.geteuid() == 0:
        os.chown(folder / "postgres", 65534, 65534)
    with pytest.raises(StartError, match="made by Postgres 17, and this is Postgres 18"):
        await PostgresServer(folder).start()
    assert [path.name for path in (folder / "postgres").iterdir()] == ["PG_VERSION"]


async def test_a_server_that_dies_at_its_start_says_why(used: Path) -> None:
    with pytest.raises(StartError, match=r'FATAL: .*"shared_buffers".*postgres\.log'):
        await PostgresServer(used, {**QUICK, "shared_buffers": "a lot"}).start()
    assert servers_on(used / "postgres") == []


async def test_a_long_log_is_put_aside(used: Path) -> None:
    log = used / "postgres.log"
    with log.open("a") as file:
        file.write("x" * 4 * 2**20)
    async with PostgresServer(used, QUICK):
        assert log.stat().st_size < 2**20
    assert (used / "postgres.log.1").stat().st_size > 4 * 2**20
