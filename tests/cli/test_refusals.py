"""What can't start says why in one sentence, with exit code 2."""

import asyncio
import socket
from pathlib import Path

import asyncpg

from cli.command import ran, reason

WRONG = [
    ("LIMNER_PORT", "abc"),
    ("LIMNER_PORT", "70000"),
    ("LIMNER_LEASE_SECONDS", "-1"),
    ("LIMNER_DEADLINE_SECONDS", "nan"),
    ("LIMNER_MAX_ATTEMPTS", "0"),
    ("LIMNER_PROVIDER", "rembrandt"),
    ("LIMNER_LOG_LEVEL", "loud"),
]


HOSTS = ["0.0.0.0", "::", "192.0.2.1", "example.com"]  # noqa: S104  # refused
NOWHERE = {
    "LIMNER_DATABASE_URL": "postgresql://limner@127.0.0.1:1/limner",
    "LIMNER_REDIS_URL": "redis://127.0.0.1:1",
    "LIMNER_PORT": "0",
}


async def test_the_api_serves_loopback_addresses_only() -> None:
    answers = [ran("api", env={**NOWHERE, "LIMNER_HOST": host}) for host in HOSTS]
    for host, answer in zip(HOSTS, await asyncio.gather(*answers), strict=True):
        said = reason(answer)
        assert "LIMNER_HOST" in said
        assert host in said


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = reason(await ran("api", env={**NOWHERE, "LIMNER_PORT": port}))
    assert port in said
    assert "LIMNER_PORT" in said


async def test_without_a_database_nothing_starts() -> None:
    env = {"LIMNER_REDIS_URL": NOWHERE["LIMNER_REDIS_URL"], "LIMNER_PORT": "0"}
    answers = [ran(command, env=env) for command in ("api", "worker", "migrate")]
    for answer in await asyncio.gather(*answers):
        assert "LIMNER_DATABASE_URL" in reason(answer)


async def test_without_the_name_of_a_redis_nothing_starts(env: dict[str, str]) -> None:
    del env["LIMNER_REDIS_URL"]
    for answer in await asyncio.gather(*(ran(command, env=env) for command in ("api", "worker"))):
        assert "LIMNER_REDIS_URL" in reason(answer)


URLS = [NOWHERE["LIMNER_DATABASE_URL"], "postgresql://limner@/limner?host=/nowhere"]


async def test_a_postgres_that_does_not_answer_is_named() -> None:
    answers = [ran("api", env={**NOWHERE, "LIMNER_DATABASE_URL": url}) for url in URLS]
    answers += [ran("migrate", env=NOWHERE)]
    for answer in await asyncio.gather(*answers):
        assert "Postgres" in reason(answer)


async def test_a_url_that_can_not_be_read_is_answered_without_its_password() -> None:
    url = "postgresql://ada:secret/pass@localhost/limner"
    said = reason(await ran("api", env={**NOWHERE, "LIMNER_DATABASE_URL": url}))
    assert "%2F" in said
    assert "secret" not in said


async def test_a_database_that_is_newer_than_the_program_is_left_alone(
    env: dict[str, str], database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("INSERT INTO limner_migrations VALUES (9000, '9000_future', 'x')")
    await connection.close()
    answers = (ran(command, env=env) for command in ("api", "worker", "migrate"))
    for answer in await asyncio.gather(*answers):
        assert "newer than this program" in reason(answer)


async def test_a_database_that_was_never_migrated_names_the_command_for_it(
    env: dict[str, str], database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP TABLE limner_migrations")
    await connection.close()
    for answer in await asyncio.gather(*(ran(command, env=env) for command in ("api", "worker"))):
        assert "limner migrate" in reason(answer)


async def test_a_setting_with_a_wrong_value_is_named() -> None:
    answers = [ran("api", env={**NOWHERE, name: value}) for name, value in WRONG]
    for (name, value), answer in zip(WRONG, await asyncio.gather(*answers), strict=True):
        said = reason(answer)
        assert name in said
        assert value in said


async def test_a_data_folder_that_can_not_be_made_is_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    env = {"LIMNER_DATA_DIR": str(tmp_path / "file"), "LIMNER_PORT": "0"}
    said = reason(await ran("up", env=env))
    assert "LIMNER_DATA_DIR" in said


async def test_an_unknown_command_is_wrong_use() -> None:
    wrong = (["paint"], ["api", "--nonsense"], ["worker", "--grace-seconds", "-1"])
    for answer in await asyncio.gather(*(ran(*words, env={}) for words in wrong)):
        assert answer.code == 2
        assert "Traceback" not in answer.err
