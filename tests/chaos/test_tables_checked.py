"""The checker of tables: it lets pass what is right, and names what is wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.check_tables import check_tables
from chaos.history import ADA, BEA, PLOT, asks, truth
from chaos.records import Ask
from chaos.truth import Truth


def _changed(seq: int, **changes: object) -> Callable[[Truth], None]:
    def change(of: Truth) -> None:
        of.moves[PLOT][seq - 1] = replace(of.moves[PLOT][seq - 1], **changes)  # type: ignore[arg-type]

    return change


def _left_out(of: Truth) -> None:
    del of.moves[PLOT][4]


def _unfinished(of: Truth) -> None:
    del of.moves[PLOT][-1]
    of.seqs[PLOT] = 10
    of.generations["ada-2"] = replace(of.generations["ada-2"], status="generating", seq=10)


def _never_told(of: Truth) -> None:
    del of.told[PLOT, 5]


def _unfetched(of: Truth) -> None:
    del of.images["ada-1"]


def _another(of: Truth) -> None:
    of.images["ada-1"] = "another"


def _of_another(of: Truth) -> None:
    of.pictures["ada-1"] = of.pictures["bea-1"]


def _of_a_lost_attempt(of: Truth) -> None:
    of.pictures["bea-1"] = {"image of bea-1": 5.5}  # taken at 5, returned, taken again at 7


WRONG = {
    "a gap in the sequence": (_left_out, "untrue", "its transitions are"),
    "a generation without an end": (_unfinished, "not final", "never ended: it is generating"),
    "two in flight": (_changed(3, character_id=ADA), "untrue", "in flight"),
    "a move that there is not": (_changed(4, previous="pending"), "untrue", "is no move"),
    "an end before the end": (_changed(6, status="failed"), "untrue", "ended 2 times"),
    "a wrong attempt": (_changed(7, attempt=1), "untrue", "counts attempt 1 at 7"),
    "a transition untold": (_never_told, "untrue", "leaves out 5"),
    "an image that is not there": (_unfetched, "missing", "can't be fetched"),
    "an image with another's name": (_another, "untrue", "and is another"),
    "an image of a lost attempt": (_of_a_lost_attempt, "untrue", "begun 1.5 s before"),
    "an image of somebody else": (_of_another, "untrue", "none that was drawn for it"),
}
BROKEN_PROMISES = {
    "accepted and forgotten": (Ask("draw", ADA, 202, "ada-3"), "missing"),
    "begun twice": (Ask("draw", ADA, 202, "ada-1"), "untrue"),
    "canceled, they said": (Ask("cancel", ADA, 200, "ada-1"), "untrue"),
    "a broken answer": (Ask("draw", ADA, 500, detail="Internal"), "untrue"),
    "a character that is there": (Ask("draw", ADA, 404), "untrue"),
}


def test_tables_that_are_in_order_are_not_blamed() -> None:
    assert check_tables(truth(), asks()) == []


@pytest.mark.parametrize("name", WRONG)
def test_tables_that_are_not_are(name: str) -> None:
    change, kind, words = WRONG[name]
    wrong = truth()
    change(wrong)
    findings = check_tables(wrong, asks())
    assert [finding.kind == kind and words in finding.sentence for finding in findings].count(True)


@pytest.mark.parametrize("name", BROKEN_PROMISES)
def test_a_promise_that_was_not_kept_is_blamed(name: str) -> None:
    ask, kind = BROKEN_PROMISES[name]
    assert [finding.kind for finding in check_tables(truth(), [*asks(), ask])] == [kind]


def test_one_key_gets_one_answer() -> None:
    first = Ask("draw", ADA, 202, "ada-1", key="key")
    others = asks()[1:]
    assert check_tables(truth(), [first, first, *others]) == []
    (finding,) = check_tables(truth(), [first, replace(first, status=200), *others])
    assert "got several answers" in finding.sentence


def test_a_generation_that_nobody_was_told_of_needs_an_answer_that_was_lost() -> None:
    told = asks()[:2]
    assert [finding.kind for finding in check_tables(truth(), told)] == ["untrue"]
    assert check_tables(truth(), [*told, Ask("draw", ADA, None)]) == []


def test_refusals_that_are_meant_to_be_are_not_blamed() -> None:
    meant = [Ask("draw", ADA, 503), Ask("cancel", ADA, 409), Ask("draw", BEA, 200, "bea-1")]
    assert check_tables(truth(), [*asks(), *meant]) == []
