"""How findings are told: a line each to a person, or JSON to a program."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from limner.domain.finding import Finding, Mark

_SIGNS: Final = {
    Mark.OK: ("✓", "green"),
    Mark.WARNING: ("!", "yellow"),
    Mark.WRONG: ("✗", "bold red"),
}
_MARK_WIDTH: Final = 9
_PART_WIDTH: Final = 13


class Report:
    """Tells each finding when it comes, and at the end how it stands."""

    def __init__(self) -> None:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr] # not every terminal has a ✓
        self._console = Console(highlight=False)

    def tell(self, finding: Finding) -> None:
        """A line, and one on what to do; whole where nobody sees them, wrapped on a terminal."""
        sign, style = _SIGNS[finding.mark]
        mark = Text(f"{sign} {finding.mark}", style)
        if self._console.is_terminal:
            self._wrapped(mark, finding)
        else:
            self._console.print(_line(mark, finding.part, finding.words), soft_wrap=True)
            if finding.advice:
                self._console.print(_line(Text(), "", finding.advice), soft_wrap=True)

    def close(self, findings: Sequence[Finding]) -> None:
        """How many of each there were."""
        counts = {mark: sum(finding.mark == mark for finding in findings) for mark in Mark}
        if counts[Mark.WRONG]:
            words = f"{counts[Mark.WRONG]} wrong, {_warnings(counts[Mark.WARNING])}."
        elif counts[Mark.WARNING]:
            words = f"Nothing is wrong; {_warnings(counts[Mark.WARNING])}."
        else:
            words = "All is well."
        self._console.print(f"\n{words}", markup=False)

    def _wrapped(self, mark: Text, finding: Finding) -> None:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=_MARK_WIDTH)
        table.add_column(width=_PART_WIDTH)
        table.add_column(overflow="fold")
        table.add_row(mark, Text(finding.part), Text(finding.words))
        if finding.advice:
            table.add_row("", "", Text(finding.advice, "bold"))
        self._console.print(Padding(table, 0))


def told_as_json(findings: Sequence[Finding]) -> str:
    """All findings as one JSON object."""
    is_well = all(finding.mark != Mark.WRONG for finding in findings)
    return json.dumps(
        {"ok": is_well, "findings": [asdict(finding) for finding in findings]},
        ensure_ascii=False,
        indent=2,
    )


def _line(mark: Text, part: str, words: str) -> Text:
    mark.pad_right(_MARK_WIDTH - len(mark))
    return Text.assemble(mark, f" {part:<{_PART_WIDTH}} {words}")


def _warnings(count: int) -> str:
    return f"{count} warning{'s' * (count != 1)}"
