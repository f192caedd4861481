"""What was measured: figures, their rounds, and the machine and command behind them."""

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

Key = tuple[str, str, str, str]
"""Measure, contender, case and unit: what the rounds have in common."""


@dataclass(frozen=True)
class Figure:
    """One number of one round."""

    measure: str
    """What was measured, such as `delivery`."""
    contender: str
    """Whose number it is, such as `Limner`."""
    case: str
    """Under which circumstances, and which statistic, such as `2,000 streams, p50`."""
    unit: str
    value: float

    @property
    def key(self) -> Key:
        return self.measure, self.contender, self.case, self.unit


@dataclass(frozen=True)
class Noted:
    """A figure and the round that it belongs to."""

    round: int
    """Counted from 1."""
    figure: Figure


@dataclass
class Results:
    """All figures of one run."""

    machine: dict[str, str]
    """What it ran on, by name."""
    command: str
    """What was typed."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of every program and package that took part."""
    absent: dict[str, str] = field(default_factory=dict)
    """Why a contender, or one of its cases (`contender, case`), is left out."""
    faults: list[str] = field(default_factory=list)
    """What went wrong: events that were lost, measures that broke."""
    noted: list[Noted] = field(default_factory=list)

    def note(self, round_number: int, figures: Iterable[Figure]) -> None:
        """Add the figures of one round."""
        self.noted += (Noted(round_number, figure) for figure in figures)

    def medians(self) -> dict[Key, float]:
        """The median over all rounds, in the order in which the figures first came."""
        values: dict[Key, list[float]] = defaultdict(list)
        for noted in self.noted:
            values[noted.figure.key].append(noted.figure.value)
        return {key: statistics.median(found) for key, found in values.items()}

    def median(self, measure: str, contender: str, case: str, unit: str) -> float | None:
        """One of the medians; None when nothing was measured."""
        return self.medians().get((measure, contender, case, unit))

    def rounds(self, measure: str, contender: str, case: str, unit: str) -> int:
        """How many rounds one of the medians is of."""
        key = measure, contender, case, unit
        return sum(noted.figure.key == key for noted in self.noted)

    def spread(self, key: Key) -> tuple[float, float]:
        """The lowest and the highest of the rounds."""
        found = [noted.figure.value for noted in self.noted if noted.figure.key == key]
        return min(found), max(found)

    def write(self, path: Path) -> None:
        """Put all of it into a JSON file."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Results":
        """What `write` has put there."""
        found = json.loads(path.read_text(encoding="utf-8"))
        noted = [Noted(one["round"], Figure(**one["figure"])) for one in found.pop("noted")]
        return cls(**found, noted=noted)


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which this share (0 to 1) of all values lies: the nearest rank.

    Raises:
        ValueError: there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("there is nothing to take a quantile of")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
