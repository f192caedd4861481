"""Who sits for a portrait: all that a child process is told."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Sitter:
    """One order as the painter sees it."""

    character_id: str
    """Decides everything that the words leave open."""
    name: str
    description: str
    seed: int | None = None
    """Another number is another face for the same words; None is the character's own face."""

    def to_line(self) -> bytes:
        """One line of JSON, ASCII only, so a newline in a description can't end it."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Sitter":
        """The sitter that `to_line` wrote."""
        return cls(**json.loads(line))
