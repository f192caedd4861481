"""The named statements: Python calls all of them, and none that is not there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import limner.store
from limner.store.records import image_values
from limner.store.statements import sql_folder
from unit.samples import IMAGE

RUNNERS = {"row", "rows", "the", "run"}
"""How `Statements` runs one, the name coming first."""


@cache
def statements() -> dict[str, tuple[str, str]]:
    """Each statement's comment and text, by its name."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted((sql_folder() / "queries").glob("*.sql")):
        for part in path.read_text(encoding="utf-8").split("-- name: ")[1:]:
            header, *lines = part.splitlines()
            comment = [line.removeprefix("-- ") for line in lines if line.startswith("--")]
            text = "\n".join(line for line in lines if not line.startswith("--"))
            name = header.rstrip("^!")
            assert name not in found, f"{name} is there twice"
            found[name] = (" ".join(comment), text)
    return found


IMAGE_COLUMNS = set(image_values(IMAGE))


def calls() -> Iterator[tuple[str, set[str]]]:
    """Each statement that Python names, with the values it gives to it there."""
    for path in Path(limner.store.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=runner), args=[ast.Constant(value=str(name)), *_]
                ) if runner in RUNNERS:
                    yield name, _given(node)


def _given(call: ast.Call) -> set[str]:
    names = {word.arg for word in call.keywords}
    image = IMAGE_COLUMNS if None in names else set()  # **image_values(…)
    return {name for name in names if name} | image


@pytest.mark.parametrize("name", statements())
def test_a_statement_is_called_somewhere(name: str) -> None:
    assert name in {called for called, _ in calls()}


@pytest.mark.parametrize("name", statements())
def test_a_statement_has_a_sentence_that_says_what_it_does(name: str) -> None:
    comment, _ = statements()[name]
    assert re.fullmatch(r"\S.{15,}\.", comment)


@pytest.mark.parametrize(("name", "given"), list(calls()))
def test_a_call_names_a_statement_and_gives_it_the_values_it_takes(
    name: str, given: set[str]
) -> None:
    _, text = statements()[name]
    assert given == set(re.findall(r"(?<!:):([a-z_0-9]+)", text))


def test_python_holds_no_sql_but_that_of_the_migrations_and_the_connection() -> None:
    holders = {
        path.name
        for path in Path(limner.store.__file__).parent.glob("*.py")
        if re.search(r'"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE)\b', path.read_text())
    }
    assert holders == {"migrate.py", "database.py"}
