"""`limner doctor`: what it says of a Limner that is well, and of one that is not."""

import asyncio
import re
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from cli.command import ran
from cli.examined import examined
from cli.upped import settings_of, upped
from faults.skewed import SKEW
from limner.domain.finding import Mark
from stage.author import Author
from stage.process import Process

StartApi = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
StartWorker = Callable[..., AbstractAsyncContextManager[Process]]
TESTS = Path(__file__).parents[1]
HIDDEN = {
    "LIMNER_DATABASE_URL": "postgresql://ada:secret-1@127.0.0.1:1/limner?password=secret-2",
    "LIMNER_REDIS_URL": "redis://ada:secret-3@127.0.0.1:1",
    "LIMNER_PROVIDER": "modelslab,openai,automatic1111",
    "LIMNER_MODELSLAB_API_KEY": "secret-4",
    "LIMNER_MODELSLAB_BASE_URL": "http://127.0.0.1:1",
    "LIMNER_OPENAI_API_KEY": "secret-5",
    "LIMNER_OPENAI_BASE_URL": "http://127.0.0.1:1",
    "LIMNER_AUTOMATIC1111_URL": "http://ada:secret-6@127.0.0.1:1",
}
"""Nobody is there, and everything has a password."""


def left_in(folder: Path) -> list[Path]:
    """What has been put there."""
    return list(folder.rglob("*"))


async def test_all_is_well_where_all_is_there(
    api: StartApi, worker: StartWorker, env: dict[str, str], tmp_path: Path
) -> None:
    async with api() as (_, author), worker():
        port = author.address.rpartition(":")[2]
        found = await examined({**env, "LIMNER_PORT": port})
    assert found.bad == []
    assert found.code == 0
    assert found.parts == ["settings", "Postgres", "Redis", "workers", "images", "blank", "port"]
    assert author.address in found.of("port").words
    assert found.of("workers").words == "1 at work, nothing in the queue."
    assert found.of("Redis").words.startswith("Valkey 9.")
    assert "up to date" in found.of("Postgres").words
    assert left_in(tmp_path) == []


async def test_without_urls_it_looks_at_what_limner_up_has_or_could_have(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    before = await examined(settings_of(folder))
    assert (before.code, before.bad) == (0, [])
    assert before.parts == ["settings", "limner up", "images", "avatar", "port"]
    assert "Postgres and Valkey" in before.of("limner up").words
    assert left_in(tmp_path) == []
    async with upped(folder) as (process, author):
        port = author.address.rpartition(":")[2]
        found = await examined({**settings_of(folder), "LIMNER_PORT": port})
        assert (found.code, found.bad) == (0, [])
        assert f"pid {process.pid}" in found.of("limner up").words
        assert {"Postgres", "Redis", "workers"} < set(found.parts)
        assert await process.stop() == 0


async def test_a_data_folder_that_limner_up_could_not_use_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    blocked, shared = await asyncio.gather(
        *(
            examined({"LIMNER_DATA_DIR": str(folder), "LIMNER_PORT": "0"})
            for folder in (tmp_path / "file" / "data", tmp_path / "open")
        )
    )
    assert (blocked.code, shared.code) == (1, 1)
    assert "there is a file" in blocked.of("limner up").words
    assert "can be changed by everybody" in shared.of("limner up").words


async def test_a_report_for_people_has_a_line_for_each_part_and_one_on_what_to_do() -> None:
    told = await ran("doctor", env={**HIDDEN, "LIMNER_PORT": "0"})
    assert told.code == 1
    lines = told.out.splitlines()
    assert re.fullmatch(r"✓ ok      settings      \d+ set in the environment, 0 in .env.", lines[0])
    where = next(number for number, line in enumerate(lines) if "Postgres  " in line)
    assert lines[where].startswith("✗ wrong   Postgres      No way in at 127.0.0.1:1/limner: ")
    assert lines[where + 1].strip().startswith("Start Postgres, or set LIMNER_DATABASE_URL")
    assert lines[-1] == "5 wrong, 0 warnings."
    assert "\x1b" not in told.out
    assert "secret" not in told.out + told.err


async def test_where_no_sign_can_be_written_the_words_are(tmp_path: Path) -> None:
    told = await ran(
        "doctor", env={"PYTHONIOENCODING": "ascii", "LIMNER_DATA_DIR": str(tmp_path / "data")}
    )
    assert told.err == ""
    assert told.out.startswith("? ok      settings")


async def test_nothing_secret_is_told_of_those_who_are_not_there() -> None:
    found = await examined({**HIDDEN, "LIMNER_PORT": "0"})
    wrong = [finding.part for finding in found.findings if finding.mark == Mark.WRONG]
    assert wrong == ["Postgres", "Redis", "modelslab", "openai", "automatic1111"]
    assert found.code == 1


@pytest.mark.parametrize(
    "url", ["postgresql://ada:secret/pass@127.0.0.1/x", "postgresql://ada:1?secret@127.0.0.1/x"]
)
async def test_a_password_that_takes_a_url_apart_is_not_told(url: str) -> None:
    found = await examined({**HIDDEN, "LIMNER_DATABASE_URL": url, "LIMNER_PROVIDER": "blank"})
    assert found.of("Postgres").mark == Mark.WRONG


async def test_wrong_settings_are_all_named_and_nothing_else_is_looked_at() -> None:
    found = await examined({"LIMNER_PORT": "many", "LIMNER_LEASE_SECONDS": "soon"})
    assert found.code == 2
    words = found.of("settings").words
    assert "LIMNER_PORT is 'many'" in words
    assert "LIMNER_LEASE_SECONDS is 'soon'" in words


async def test_a_variable_that_there_is_not_is_told_with_the_one_that_was_meant(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("LIMNER_MODELLAB_API_KEY=secret\nLIMNER_PORT=0\nOTHER=1\n")
    env = {"LIMNER_PROVDER": "blank", "LIMNER_SHOE_SIZE": "43", "LIMNER_EMPTY": ""}
    found = await examined(env, folder=tmp_path)
    assert found.code == 0
    told = {finding.words.split()[3].rstrip(":"): finding.advice for finding in found.bad}
    assert told == {
        "LIMNER_PROVDER": "Did you mean LIMNER_PROVIDER?",
        "LIMNER_MODELLAB_API_KEY": "Did you mean LIMNER_MODELSLAB_API_KEY?",
        "LIMNER_SHOE_SIZE": "`limner --help` lists them all.",
    }
    assert "1 in .env" in found.findings[0].words


async def test_a_port_that_somebody_else_has_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = await examined({**HIDDEN, "LIMNER_PROVIDER": "blank", "LIMNER_PORT": port})
    assert found.of("port").mark == Mark.WRONG
    assert f"Port {port}" in found.of("port").words
    assert "LIMNER_PORT" in found.of("port").words


async def test_an_address_that_everybody_can_reach_is_wrong() -> None:
    found = await examined({**HIDDEN, "LIMNER_PROVIDER": "blank", "LIMNER_HOST": "192.0.2.1"})
    assert "LIMNER_HOST" in found.of("port").words


async def test_a_clock_that_is_wrong_is_told_of(env: dict[str, str]) -> None:
    found = await examined({**env, SKEW: "-3600", "PYTHONPATH": str(TESTS)}, module="faults.skewed")
    told = found.of("Postgres")
    assert told.mark == Mark.WARNING
    assert "differ by 3600 seconds" in told.words
