"""The words that say how an order is to go."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

_BRACKETS: Final = re.compile(r"\[([^\]]+)\]")
_WORD: Final = re.compile(r"([a-z0-9-]+)(?::(.*?))?(?:([*%])(\d+))?")


@dataclass(frozen=True, slots=True)
class Words:
    """Words with their values; of several that are the same, the first counts."""

    said: dict[str, re.Match[str]]

    @classmethod
    def of(cls, prompt: str, *others: Iterable[str]) -> Self:
        """Those in a prompt, and after them others."""
        said: dict[str, re.Match[str]] = {}
        for text in (*_BRACKETS.findall(prompt), *(word for each in others for word in each)):
            match = _WORD.fullmatch(text)
            if match is not None:
                said.setdefault(match[1], match)
        return cls(said)

    def has(self, word: str, before: int = 0) -> bool:
        """Whether a word holds now.

        Args:
            word: which.
            before: how often what it is about has been done.
        """
        if word not in self.said:
            return False
        match = self.said[word]
        if match[3] is None:
            return True
        return before < int(match[4]) if match[3] == "*" else before % int(match[4]) == 0

    def value(self, word: str, otherwise: str = "") -> str:
        """What is said after the colon."""
        return (self.said[word][2] if word in self.said else None) or otherwise

    def number(self, word: str, otherwise: float) -> float:
        """The same as a number."""
        return float(self.value(word, str(otherwise)))
