"""Did the readers get all of it, once, in order, and was it true? From what each wrote down."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from chaos.expected import Stream
from chaos.findings import Finding
from chaos.records import Connection, Look
from chaos.truth import Truth, compact

WORDS = 12
"""So many numbers of a list are spelt out."""


class Witnesses:
    """By when somebody had received a number: then it was committed, whatever the clocks say."""

    def __init__(self, connections: list[Connection]) -> None:
        self._seen: dict[str, list[tuple[float, int]]] = {}
        sightings: dict[str, list[tuple[float, int]]] = {}
        for connection in connections:
            for sighting in connection.sightings:
                if sighting.id is not None and sighting.id.isdecimal():
                    for name in {connection.plot_id, _character(sighting.data)}:
                        sightings.setdefault(name, []).append((sighting.arrived, int(sighting.id)))
        for name, seen in sightings.items():
            newest = 0
            self._seen[name] = []
            for arrived, seq in sorted(seen):
                if seq > newest:
                    newest = seq
                    self._seen[name].append((arrived, seq))

    def newest(self, name: str, moment: float) -> int:
        """The newest number of a plot or a character that was known before a moment."""
        seen = self._seen.get(name, [])
        at = bisect_left(seen, (moment, 0))
        return seen[at - 1][1] if at else 0


def check_readers(truth: Truth, connections: list[Connection], looks: list[Look]) -> list[Finding]:
    """All that is wrong with what the readers got."""
    witnesses = Witnesses(connections)
    findings: list[Finding] = []
    for connection in connections:
        if connection.plot_id in truth.moves:
            findings += _of_connection(truth, connection, witnesses)
    findings += _over_reconnects(connections)
    findings += _of_looks(truth, looks, witnesses)
    return findings


def check_held(truth: Truth, connections: list[Connection]) -> list[Finding]:
    """Who did not get everything, although all had long been calm."""
    findings = []
    by_reader: dict[str, list[Connection]] = {}
    for connection in connections:
        by_reader.setdefault(connection.reader, []).append(connection)
    for own in by_reader.values():
        # Who was just coming back when all was closed is judged by what it had before.
        lacking = [_lacking(truth, connection) for connection in own[-2:]]
        if own[-1].character_id not in truth.removed and all(lacking):
            ids, missing = _ids(own[-1]), min(lacking, key=len)
            findings.append(
                Finding(
                    "missing",
                    f"{_who(own[-1])} never got {_list(missing)}: in the end it had"
                    f" {_list(ids[-WORDS:])}. Its connection: {own[-1].ending}.",
                    len(missing),
                )
            )
    return findings


def _lacking(truth: Truth, connection: Connection) -> list[int]:
    return Stream.of(truth, connection).first_missing(connection.after, _ids(connection))


def _of_connection(truth: Truth, connection: Connection, witnesses: Witnesses) -> Iterator[Finding]:
    who = _who(connection)
    if not _is_expected(truth, connection):
        yield Finding(
            "misbehaved", f"{who} was answered {connection.status}, which ends an EventSource."
        )
    name = connection.character_id or connection.plot_id
    if connection.status == 204 and (connection.after or 0) < (
        known := witnesses.newest(name, connection.opened)
    ):
        yield Finding("missing", f"{who} was answered 204 when {known} was known already.")
    yield from _untrue(truth, connection)
    ids = _ids(connection)
    before = connection.after or 0
    for received in ids:
        if received == before:
            yield Finding("doubled", f"{who} got {received} twice. It got: {_list(ids)}.")
        elif received < before:
            yield Finding(
                "out of order", f"{who} got {received} after {before}. It got: {_list(ids)}."
            )
        before = received
    stream = Stream.of(truth, connection)
    if connection.after is not None:
        missing, unknown = stream.compare(connection.after, ids)
        snapshot = ""
    else:
        committed = witnesses.newest(connection.plot_id, connection.opened)
        missing, unknown = stream.compare_snapshot(committed, ids)
        snapshot = f" (with a snapshot at {committed} or later)"
    if missing:
        first = missing[0]
        had = max((seq for seq in ids if seq < first), default=connection.after)
        then = [seq for seq in ids if seq > first][:1]
        yield Finding(
            "missing",
            f"{who}{snapshot} was not sent {_list(missing)}: it had {had}, and then came"
            f" {then[0] if then else 'nothing'}. It got: {_list(ids)}.",
            len(missing),
        )
    if unknown:
        yield Finding("untrue", f"{who}{snapshot} was sent {_list(unknown)}, which it should not.")


def _untrue(truth: Truth, connection: Connection) -> Iterator[Finding]:
    for sighting in connection.sightings:
        if sighting.id is None or not sighting.id.isdecimal():
            yield Finding("untrue", f"{_who(connection)} got an event without an id.")
            continue
        seq = int(sighting.id)
        told = truth.told.get((connection.plot_id, seq))
        if told is None and _character(sighting.data) in truth.removed:
            continue
        if told != sighting.data:
            yield Finding(
                "untrue",
                f"{_who(connection)} was told {sighting.data} as {seq}; what is true: {told}",
            )


def _is_expected(truth: Truth, connection: Connection) -> bool:
    match connection.status:
        case None | 200:
            return True
        case 204:
            return connection.character_id is not None and connection.after is not None
        case 404:
            return connection.character_id in truth.removed
        case _:
            return False


def _over_reconnects(connections: list[Connection]) -> Iterator[Finding]:
    """A reader that says where it was gets nothing again on its next connection."""
    seen: dict[str, int] = {}
    for connection in connections:
        if connection.after is not None:
            again = [seq for seq in _ids(connection) if seq <= seen.get(connection.reader, 0)]
            if again:
                yield Finding(
                    "doubled",
                    f"{_who(connection)} got {_list(again)} again.",
                    len(again),
                )
        ids = _ids(connection)
        seen[connection.reader] = max([seen.get(connection.reader, 0), *ids])


def _of_looks(truth: Truth, looks: list[Look], witnesses: Witnesses) -> Iterator[Finding]:
    by_reader: dict[str, list[Look]] = {}
    for look in looks:
        by_reader.setdefault(look.reader, []).append(look)
    for own in by_reader.values():
        good = [look for look in own if look.status == 200]
        for look in own:
            if look.status not in {200, 304, 503} and look.character_id not in truth.removed:
                yield Finding("misbehaved", f"{look.reader} was answered {look.status}.")
        for look in good:
            status = json.loads(look.body)
            seq = status["seq"] or 0
            told = truth.told.get((status["plot_id"], seq))
            if seq and told != compact(status) and look.character_id not in truth.removed:
                yield Finding("untrue", f"{look.reader} was told {look.body}; true is: {told}")
            if seq < (known := witnesses.newest(look.character_id, look.opened)):
                yield Finding("untrue", f"{look.reader} was told of {seq} after {known}.")
        for earlier, later in pairwise(good):
            first, then = (json.loads(look.body)["seq"] or 0 for look in (earlier, later))
            if then < first:
                yield Finding("out of order", f"{earlier.reader} was told {then} after {first}.")


def _character(data: str) -> str:
    return str(json.loads(data)["character_id"])


def _ids(connection: Connection) -> list[int]:
    found = connection.sightings
    return [int(each.id) for each in found if each.id is not None and each.id.isdecimal()]


def _who(connection: Connection) -> str:
    of = f"plot {connection.plot_id}"
    if connection.character_id is not None:
        of += f", character {connection.character_id},"
    came = "" if connection.after is None else f" after {connection.after}"
    return f"{connection.reader} ({of}{came})"


def _list(ids: list[int]) -> str:
    told = ", ".join(map(str, ids[:WORDS]))
    return f"{told}, … {ids[-1]}" if len(ids) > WORDS else told or "nothing"
