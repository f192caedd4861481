"""The migrations that ship."""

import re
from pathlib import Path

from limner.store.migrate import migrations
from limner.store.statements import sql_folder


def test_numbers_begin_at_one_and_leave_none_out() -> None:
    numbers = [migration.number for migration in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_file_of_the_folder_is_a_migration_with_four_digits_and_a_name() -> None:
    names = [path.name for path in (sql_folder() / "migrations").iterdir()]
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", name) for name in names)
    assert len(names) == len(migrations())


def test_a_checksum_tells_one_changed_letter(tmp_path: Path) -> None:
    path = tmp_path / "0001_first.sql"
    path.write_text("SELECT 1;", encoding="utf-8")
    (before,) = migrations(tmp_path)
    path.write_text("SELECT 2;", encoding="utf-8")
    (after,) = migrations(tmp_path)
    assert before.checksum != after.checksum
