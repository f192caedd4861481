"""The checker of readers: it lets pass what is right, and names what is wrong."""

from dataclasses import replace

import pytest

from chaos.check_readers import check_held, check_readers
from chaos.delays import check_delays, delays
from chaos.findings import Finding
from chaos.history import ADA, ALL, BEA, PLOT, connection, look, told, truth
from chaos.records import Blow, Connection, Sighting

RIGHT = {
    "all of it": connection(*ALL, after=0),
    "a part of it": connection(5, 6, 7, after=4),
    "nothing yet": connection(after=11),
    "a snapshot of everything": connection(8, 11),
    "a snapshot in the middle, and then all": connection(4, 6, 7, 8, 9, 10, 11),
    "a snapshot before there was anything": connection(*ALL),
    "half a snapshot": connection(4),
    "a character's": connection(3, 5, 6, 7, 8, after=0, of=BEA),
    "a character's snapshot": connection(4, 9, 10, 11, of=ADA),
}
WRONG = {
    "a hole": (
        connection(1, 2, 4, after=0),
        "missing",
        "was not sent 3: it had 2, and then came 4",
    ),
    "a hole at the beginning": (
        connection(7, 8, after=5),
        "missing",
        "6: it had 5, and then came 7",
    ),
    "twice the same": (connection(1, 2, 2, 3, after=0), "doubled", "got 2 twice"),
    "what it had": (connection(4, 5, after=4), "doubled", "got 4 twice"),
    "backwards": (connection(1, 3, 2, 4, after=0), "out of order", "got 2 after 3"),
    "a hole after a snapshot": (connection(4, 6, 8), "missing", "7"),
    "a snapshot too many": (connection(4, 8, 9, 11), "missing", "10"),
    "somebody else's": (
        connection(4, 5, after=0, of=ADA),
        "untrue",
        "was sent 5, which it should not",
    ),
    "a hole in a character's": (connection(3, 6, after=0, of=BEA), "missing", "not sent 5"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_connection_that_got_what_it_should_is_not_blamed(name: str) -> None:
    assert check_readers(truth(), [RIGHT[name]], []) == []


@pytest.mark.parametrize("name", WRONG)
def test_a_connection_that_got_anything_else_is(name: str) -> None:
    wrong, kind, words = WRONG[name]
    findings = check_readers(truth(), [wrong], [])
    assert [kind in finding.kind and words in finding.sentence for finding in findings].count(True)


def test_a_snapshot_older_than_what_others_knew_is_stale() -> None:
    early = connection(*ALL, after=0, reader="early")
    late = replace(connection(3, 4), opened=6.5, greeted=6.6)  # of second 4; by then there was 6
    (finding,) = check_readers(truth(), [early, late], [])
    assert "(with a snapshot at 6 or later) was sent 3, which it should not" in finding.sentence


def test_a_removed_character_may_be_left_out_of_a_snapshot_and_of_nothing_else() -> None:
    removed = truth()
    removed.removed.add(BEA)
    assert check_readers(removed, [connection(4, 9, 10, 11)], []) == []
    assert _kinds(check_readers(removed, [connection(6, 7, 9, after=5)], [])) == ["missing"]


def test_another_text_than_the_true_one_is_untrue() -> None:
    wrong = connection(after=0)
    wrong.sightings = [Sighting(1.1, "1", told(1).replace("pending", "completed"))]
    assert _kinds(check_readers(truth(), [wrong], [])) == ["untrue"]


def test_what_a_reader_had_before_it_reconnected_is_not_sent_again() -> None:
    first, again = connection(1, 2, 3, 4, after=0), connection(4, 5, after=3)
    assert "doubled" in _kinds(check_readers(truth(), [first, again], []))


@pytest.mark.parametrize(
    ("status", "kinds"), [(200, []), (503, ["misbehaved"]), (404, ["misbehaved"])]
)
def test_an_answer_that_ends_an_eventsource_is_blamed(status: int, kinds: list[str]) -> None:
    refused = replace(connection(after=3), status=status)
    assert _kinds(check_readers(truth(), [refused], [])) == kinds


def test_to_be_told_that_there_is_nothing_more_while_there_is_counts_as_missing() -> None:
    early = connection(*ALL, after=0, reader="early")
    sent_away = Connection("late", PLOT, ADA, 4, 9.5, status=204, closed=9.6)
    assert _kinds(check_readers(truth(), [early, sent_away], [])) == ["missing"]
    assert check_readers(truth(), [early, replace(sent_away, opened=8.5)], []) == []


def test_who_lacks_something_in_the_end_is_named() -> None:
    full, lacking = connection(*ALL, after=0), connection(1, 2, 3, after=0, reader="the last")
    (finding,) = check_held(truth(), [full, lacking])
    assert finding.sentence.startswith("the last (plot plot after 0) never got 4, 5")
    assert finding.count == 8


def test_a_poller_goes_neither_back_nor_behind_what_is_known() -> None:
    early = connection(*ALL, after=0)
    fine = [look(4, opened=5), look(11, opened=12)]
    assert check_readers(truth(), [early], fine) == []
    assert _kinds(check_readers(truth(), [], fine[::-1])) == ["out of order"]
    assert _kinds(check_readers(truth(), [early], [look(4, opened=12)])) == ["untrue"]


def test_who_is_behind_while_something_is_broken_is_excused_and_nobody_else() -> None:
    late = connection(1, after=0)
    late.sightings = [Sighting(11.0, "1", told(1))]
    behind = list(delays(truth(), [late]))
    assert [delay.seconds for delay in behind] == [10.0]
    assert [finding.kind for finding in check_delays(behind, [])] == ["late"]
    assert not list(check_delays(behind, [Blow("Postgres frozen", "Postgres", 2.0, 6.0)]))


def _kinds(findings: list[Finding]) -> list[str]:
    return [finding.kind for finding in findings]
