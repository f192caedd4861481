"""Choices that the words leave open: free, but always the same for the same character."""

import random
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

from limner.providers.avatar.sitter import Sitter

T = TypeVar("T")


class Chance:
    """Draws lots for one sitter.

    Each lot has a name and a generator of its own, so that a word added to the description changes
    what it speaks of and leaves the rest of the face as it was.
    """

    def __init__(self, sitter: Sitter) -> None:
        self._root = f"{sitter.character_id}\0{sitter.seed}"

    def lots(self, name: str) -> random.Random:
        """A generator for the lot of this name: the same in every process (`hash` is not)."""
        digest = blake2b(f"{self._root}\0{name}".encode(errors="replace"), digest_size=8).digest()
        return random.Random(int.from_bytes(digest))  # noqa: S311  # nothing is kept secret by it

    def pick(self, name: str, options: Sequence[T]) -> T:
        """One of the options."""
        return self.lots(name).choice(options)

    def happens(self, name: str, share: float) -> bool:
        """Yes, in that share of all characters."""
        return self.lots(name).random() < share
