"""Migrations: each once, in order, whole or not at all."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from limner.domain.errors import SchemaError, StartError
from limner.store.migrate import check_schema, migrate, migrations

SHIPPED = [migration.name for migration in migrations()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations that can be told from each other."""
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (n integer);", encoding="utf-8")
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (n integer);", encoding="utf-8")
    return tmp_path


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_they_are_applied_in_order_and_once(bare_url: str, folder: Path) -> None:
    assert await migrate(bare_url, folder) == ["0001_first", "0002_second"]
    assert await migrate(bare_url, folder) == []
    (folder / "0003_third.sql").write_text("ALTER TABLE second ADD m text;", encoding="utf-8")
    assert await migrate(bare_url, folder) == ["0003_third"]
    assert await ask(bare_url, "SELECT array_agg(number) FROM limner_migrations") == [1, 2, 3]


async def test_of_ten_programs_at_once_one_applies_them(bare_url: str) -> None:
    answers = await asyncio.gather(*(migrate(bare_url) for _ in range(10)))
    assert sorted(answers) == [[]] * 9 + [SHIPPED]
    await check_schema(bare_url)


async def test_a_changed_old_file_is_refused_and_nothing_else_applied(
    bare_url: str, folder: Path
) -> None:
    await migrate(bare_url, folder)
    (folder / "0001_first.sql").write_text("CREATE TABLE other (n integer);", encoding="utf-8")
    (folder / "0003_third.sql").write_text("CREATE TABLE third (n integer);", encoding="utf-8")
    with pytest.raises(SchemaError, match="0001_first was changed after it had been applied"):
        await migrate(bare_url, folder)
    assert await ask(bare_url, "SELECT to_regclass('third')") is None


async def test_a_newer_database_is_refused_by_both_in_a_sentence(bare_url: str) -> None:
    await migrate(bare_url)
    await ask(
        bare_url,
        "INSERT INTO limner_migrations (number, name, checksum) VALUES (9001, 'x', 'x')",
    )
    sentence = (
        r"^The database is newer than this program \(it has migration 9001\):"
        r" install the newer Limner\.$"
    )
    for refuse in (migrate, check_schema):
        with pytest.raises(SchemaError, match=sentence):
            await refuse(bare_url)


async def test_a_migration_that_fails_leaves_nothing_of_itself_and_all_before_it(
    bare_url: str, folder: Path
) -> None:
    (folder / "0002_second.sql").write_text(
        "CREATE TABLE second (n integer); INSERT INTO second VALUES ('no number');",
        encoding="utf-8",
    )
    with pytest.raises(SchemaError, match="0002_second could not be applied, and nothing of it"):
        await migrate(bare_url, folder)
    assert await ask(bare_url, "SELECT to_regclass('second')") is None
    assert await ask(bare_url, "SELECT to_regclass('first')::text") == "first"
    assert await ask(bare_url, "SELECT array_agg(number) FROM limner_migrations") == [1]
    (folder / "0002_second.sql").write_text("CREATE TABLE second (n integer);", encoding="utf-8")
    assert await migrate(bare_url, folder) == ["0002_second"]


async def test_a_migration_that_can_not_be_written_down_is_not_applied(
    bare_url: str, folder: Path
) -> None:
    (folder / "0002_second.sql").write_text(
        "CREATE TABLE second (n integer);"
        "ALTER TABLE limner_migrations ADD CONSTRAINT no_more CHECK (number < 2);",
        encoding="utf-8",
    )
    with pytest.raises(SchemaError, match="no_more"):
        await migrate(bare_url, folder)
    assert await ask(bare_url, "SELECT to_regclass('second')") is None


async def test_a_program_that_died_while_migrating_holds_nobody_up(
    bare_url: str, folder: Path
) -> None:
    (folder / "0002_second.sql").write_text("SELECT pg_sleep(60);", encoding="utf-8")
    dying = asyncio.ensure_future(migrate(bare_url, folder))
    sleeper = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    while (pid := await ask(bare_url, sleeper)) is None:
        assert not dying.done()
    await ask(bare_url, f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(StartError, match="terminating connection"):
        await dying
    (folder / "0002_second.sql").write_text("CREATE TABLE second (n integer);", encoding="utf-8")
    assert await migrate(bare_url, folder) == ["0002_second"]


async def test_an_empty_database_is_told_to_be_migrated(bare_url: str) -> None:
    with pytest.raises(SchemaError, match=r"lacks 0001_foundation.*: run `limner migrate` first\."):
        await check_schema(bare_url)


async def test_a_database_whose_journal_was_changed_is_refused(bare_url: str) -> None:
    await migrate(bare_url)
    await ask(bare_url, "UPDATE limner_migrations SET checksum = 'x' WHERE number = 1")
    with pytest.raises(SchemaError, match="0001_foundation was changed"):
        await check_schema(bare_url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://limner@/limner?host=/nowhere",
        "postgresql://localhost:1/limner",
        "mysql://localhost/limner",
        "",
    ],
)
async def test_a_database_that_can_not_be_reached_is_a_sentence(url: str) -> None:
    for refuse in (migrate, check_schema):
        with pytest.raises(StartError, match="Postgres can't be used: "):
            await refuse(url or "nonsense")


async def test_a_role_that_may_create_nothing_is_a_sentence(bare_url: str) -> None:
    await ask(bare_url, "CREATE ROLE stranger LOGIN")
    stranger = bare_url.replace("//limner@", "//stranger@")
    try:
        with pytest.raises(StartError, match="permission denied for schema public"):
            await migrate(stranger)
    finally:
        await ask(bare_url, "DROP ROLE stranger")
