"""The checkpoints that an image server has, and by which words they are asked for."""

import json
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One of them."""

    title: str
    """The word for it that every server understands: `dreamy/castle.safetensors [1a2b3c4d5e]`."""
    names: frozenset[str]
    """All words for it, the title included."""


def read_checkpoints(body: bytes) -> list[Checkpoint] | None:
    """What `GET /sdapi/v1/sd-models` answered; None when it is no list of checkpoints."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, list):
        return None
    return [each for each in map(_read, told) if each is not None]


def named(checkpoints: list[Checkpoint], word: str) -> Checkpoint | None:
    """The one that a word means; letter for letter, as the servers themselves compare."""
    return next((each for each in checkpoints if word in each.names), None)


def _read(told: object) -> Checkpoint | None:
    if not isinstance(told, dict) or not isinstance(title := told.get("title"), str):
        return None
    words = {title, *(told.get(key) for key in ("model_name", "hash", "sha256"))}
    path = title.partition(" [")[0].replace("\\", "/")
    file = PurePosixPath(path)
    words |= {path, file.name, file.stem}
    return Checkpoint(title, frozenset(word for word in words if isinstance(word, str) and word))
