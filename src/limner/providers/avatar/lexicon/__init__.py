"""The words Limner's portraits know: tables to be read and added to, one file for each use.

They are TOML rather than Python because they are lists, some of hundreds of words, in which nothing
is computed. `none` stands for the empty value, which rules something out.
"""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

_NONE = "none"


def values(table: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each trait, value and its words, of a table laid out in sections."""
    for trait, section in _load(table).items():
        for value, words in section.items():
            yield trait, "" if value == _NONE and trait != "neck" else value, words


def adjectives() -> Iterator[tuple[str, str, str, list[str]]]:
    """Each part of a person, trait, value and the adjectives for it."""
    for part, traits in _load("adjectives").items():
        for trait, section in traits.items():
            for value, words in section.items():
                yield part, trait, value, words


def lists(table: str) -> dict[str, list[str]]:
    """A table that is only names with their words."""
    return _load(table)


def kinds() -> Iterator[tuple[list[str], dict[str, str]]]:
    """The words for each kind of people, and the traits that it brings along."""
    for words, traits in _load("kinds").items():
        yield (
            words.split(", "),
            {
                trait: "" if value == _NONE and trait != "neck" else value
                for trait, value in traits.items()
            },
        )


def _load(table: str) -> dict[str, Any]:
    return tomllib.loads((files(__name__) / f"{table}.toml").read_text(encoding="utf-8"))
