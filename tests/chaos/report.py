"""What a run has shown, for a person."""

from collections import Counter, defaultdict

from rich.console import Console
from rich.table import Table

from chaos.check_readers import check_held, check_readers
from chaos.check_tables import check_tables
from chaos.delays import check_delays, delays, overlapping
from chaos.findings import Finding
from chaos.run import Outcome

SHOWN = 10
"""So many findings are spelt out."""
FINAL = {"completed", "failed", "canceled"}


def findings_of(outcome: Outcome) -> list[Finding]:
    """All that was lost, or went wrong."""
    records, truth = outcome.records, outcome.truth
    return [
        *check_tables(truth, records.asks),
        *check_readers(truth, records.connections, records.looks),
        *check_held(truth, records.connections),
        *check_delays(list(delays(truth, records.connections)), records.blows),
        *(Finding("misbehaved", mishap) for mishap in records.mishaps),
        *(
            Finding("misbehaved", f"{blow.kind} ({blow.victim}) was never whole again.")
            for blow in records.blows
            if blow.ended is None
        ),
    ]


def show(outcome: Outcome, findings: list[Finding], console: Console) -> None:
    """Print what was survived, what was counted, and what is wrong."""
    _show_blows(outcome, console)
    _show_counts(outcome, findings, console)
    for line in outcome.tracebacks[:SHOWN]:
        console.print(f"A traceback: {line[:1000]}", soft_wrap=True)
    for finding in findings[:SHOWN]:
        console.print(f"{finding.kind}: {finding.sentence}", soft_wrap=True)
    if len(findings) > SHOWN:
        console.print(f"… and {len(findings) - SHOWN} more.")


def _show_blows(outcome: Outcome, console: Console) -> None:
    table = Table("fault", "survived", "longest, s", title="Faults")
    by_kind = defaultdict(list)
    for blow in outcome.records.blows:
        by_kind[blow.kind].append((blow.ended or float("inf")) - blow.began)
    for kind, seconds in sorted(by_kind.items()):
        table.add_row(kind, str(len(seconds)), f"{max(seconds):.1f}")
    table.add_section()
    table.add_row("all", str(len(outcome.records.blows)), "")
    console.print(table)


def _show_counts(outcome: Outcome, findings: list[Finding], console: Console) -> None:
    records, truth = outcome.records, outcome.truth
    table = Table("", "count", title="What came of it")
    statuses = Counter(generation.status for generation in truth.generations.values())
    final = sum(truth.generations[each].status in FINAL for each in _known(outcome))
    attempts = sum(move.status == "generating" for moves in truth.moves.values() for move in moves)
    pictures = [len(each) for each in truth.pictures.values()]
    draws = [ask for ask in records.asks if ask.deed == "draw"]
    lost_answers = sum(ask.status in {None, 503} for ask in draws)
    told = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    sightings = sum(len(connection.sightings) for connection in records.connections)
    wrong: Counter[str] = Counter()
    for finding in findings:
        wrong[finding.kind] += finding.count
    for name, value in {
        "generations accepted": len(outcome.accepted),
        "   final": final,
        "generations in the table": f"{len(truth.generations)} ({told})",
        "requests for an image": len(draws),
        "   whose answer was lost or 503": lost_answers,
        "transitions": sum(truth.seqs.values()),
        "attempts": attempts,
        "pictures drawn": f"{sum(pictures)}, at most {max(pictures, default=0)} for one",
        "connections of readers": len(records.connections),
        "status events they got": sightings,
        "polls": len(records.looks),
        "ids missing": wrong["missing"],
        "ids doubled": wrong["doubled"],
        "ids out of order": wrong["out of order"],
        "generations not final": wrong["not final"],
        "untrue": wrong["untrue"],
        "late": wrong["late"],
        "processes that misbehaved": wrong["misbehaved"],
        "tracebacks logged": len(outcome.tracebacks),
        "longest behind": _longest(outcome),
        "final after the last fault": f"{outcome.calm_seconds:.1f} s",
    }.items():
        table.add_row(name, str(value))
    console.print(table)


def _known(outcome: Outcome) -> set[str]:
    return outcome.accepted & outcome.truth.generations.keys()


def _longest(outcome: Outcome) -> str:
    """The longest time a connected reader was behind, and what was broken meanwhile."""
    all_delays = list(delays(outcome.truth, outcome.records.connections))
    if not all_delays:
        return "nobody was connected"
    longest = max(all_delays, key=lambda delay: delay.seconds)
    ordered = sorted(delay.seconds for delay in all_delays)
    blows = overlapping(longest, outcome.records.blows)
    meanwhile = ", ".join(blow.kind for blow in blows) or "nothing was broken"
    median, p99 = ordered[len(ordered) // 2], ordered[int(0.99 * len(ordered))]
    return (
        f"{longest.seconds:.1f} s ({meanwhile}); half of all events within"
        f" {1000 * median:.0f} ms, 99 % within {p99:.1f} s"
    )
