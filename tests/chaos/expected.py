"""What a stream has to be, by the contract alone: a snapshot or a replay, and then all."""

from dataclasses import dataclass
from functools import cached_property

from chaos.records import Connection
from chaos.truth import Move, Truth


@dataclass(frozen=True)
class Stream:
    """All that a stream could ever tell."""

    moves: tuple[Move, ...]
    """In order; of one character alone, if it is a character's stream."""
    removed: frozenset[str]
    """Characters that a snapshot may leave out: they were removed, at some time."""
    newest_of_plot: int

    @classmethod
    def of(cls, truth: Truth, connection: Connection) -> "Stream":
        """The stream that somebody connected to."""
        moves = truth.moves.get(connection.plot_id, [])
        own = [move for move in moves if connection.character_id in {None, move.character_id}]
        newest = truth.seqs.get(connection.plot_id, 0)
        return cls(tuple(own), frozenset(truth.removed), newest)

    @cached_property
    def _ids(self) -> list[int]:
        return [move.seq for move in self.moves]

    def compare(self, after: int, ids: list[int]) -> tuple[list[int], list[int]]:
        """What is missing below the newest that came, and what should not have come at all.

        Args:
            after: the Last-Event-ID that was sent.
            ids: what came.
        """
        last = max(ids, default=0)
        wanted = {seq for seq in self._ids if after < seq <= last}
        return sorted(wanted - set(ids)), sorted(set(ids) - set(self._ids))

    def compare_snapshot(self, committed: int, ids: list[int]) -> tuple[list[int], list[int]]:
        """The same for a connection that sent none: what came must fit to a snapshot.

        When that was taken is not known, only that it was after `committed` had been; so what came
        is compared with every one that is possible, and the one that it fits best is believed.
        """
        if not ids:
            return [], []
        faults = (
            self._with_snapshot(seq, set(ids), max(ids))
            for seq in range(committed, self.newest_of_plot + 1)
        )
        return min(faults, key=lambda fault: len(fault[0]) + len(fault[1]), default=([], []))

    def first_missing(self, after: int | None, ids: list[int]) -> list[int]:
        """What the newest connection still lacked at the very end."""
        held = max([after or 0, *ids])
        optional = self.removed if after is None else frozenset()
        return [
            move.seq for move in self.moves if move.seq > held and move.character_id not in optional
        ]

    def _with_snapshot(self, seq: int, ids: set[int], last: int) -> tuple[list[int], list[int]]:
        newest: dict[str, int] = {}
        optional = set()
        for move in self.moves:
            if move.seq <= seq:
                newest[move.character_id] = move.seq
        for character_id in self.removed & newest.keys():
            optional.add(newest.pop(character_id))
        wanted = {each for each in self._ids if seq < each <= last}
        wanted |= {each for each in newest.values() if each <= last}
        return sorted(wanted - ids), sorted(ids - wanted - optional)
