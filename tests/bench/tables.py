"""Results as tables on the screen."""

from rich.console import Console
from rich.table import Table

from bench.figures import Key, Results
from bench.targets import verdicts

COLUMNS = 6
"""More cases than these are put into a second table."""


def print_results(console: Console, results: Results) -> None:
    """A table for each measure, then the targets, then what was left out or went wrong."""
    medians = results.medians()
    for measure in dict.fromkeys(key[0] for key in medians):
        keys = [key for key in medians if key[0] == measure]
        cases = list(dict.fromkeys((case, unit) for _, _, case, unit in keys))
        for start in range(0, len(cases), COLUMNS):
            part = set(cases[start : start + COLUMNS])
            _print_measure(console, measure, [key for key in keys if key[2:] in part], medians)
    _print_targets(console, results)
    for what, why in results.absent.items():
        console.print(f"Left out: {what}: {why}", highlight=False)
    for fault in results.faults:
        console.print(f"[red]Fault:[/] {fault}", highlight=False)


def _print_measure(
    console: Console, measure: str, keys: list[Key], medians: dict[Key, float]
) -> None:
    cases = list(dict.fromkeys((case, unit) for _, _, case, unit in keys))
    table = Table(title=measure, title_justify="left")
    table.add_column("")
    for case, unit in cases:
        table.add_column(f"{case}\n{unit}", justify="right")
    for contender in dict.fromkeys(key[1] for key in keys):
        found = [medians.get((measure, contender, *case)) for case in cases]
        table.add_row(contender, *("" if one is None else number(one) for one in found))
    console.print(table)


def _print_targets(console: Console, results: Results) -> None:
    table = Table(title="targets, by the medians of the rounds", title_justify="left")
    for column in ("what", "Limner", "beside", "its figure", "target", "reached", "rounds", ""):
        table.add_column(column, justify="right" if column not in {"what", "beside"} else "left")
    for verdict in verdicts(results):
        target = verdict.target
        sign, times = ("≥" if target.is_least else "≤"), (" ×" if target.peer else "")  # noqa: RUF001 - a factor
        table.add_row(
            target.words,
            f"{number(verdict.figure.value)} {verdict.figure.unit}",
            target.peer,
            "" if verdict.peer_value is None else number(verdict.peer_value),
            f"{sign} {target.bound:.3g}{times}",
            f"{number(verdict.reached)}{times}",
            str(verdict.rounds),
            "[green]holds[/]" if verdict.holds else "[red]missed[/]",
        )
    if table.row_count:
        console.print(table)


def number(value: float) -> str:
    """A figure with the digits that mean something."""
    magnitude = abs(value)
    if magnitude >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if magnitude >= 10 else f"{value:.3g}"
