"""The table of moves, spelled out by hand from the contract."""

from itertools import product

import pytest

from limner.domain.status import MOVES, Status, is_allowed

ALLOWED = {
    (None, "pending"),
    ("pending", "generating"),
    ("generating", "completed"),
    ("generating", "pending"),
    ("pending", "failed"),
    ("generating", "failed"),
    ("pending", "canceled"),
    ("generating", "canceled"),
}
EVERY_PAIR = list(product([None, *Status], Status))


@pytest.mark.parametrize(("previous", "status"), EVERY_PAIR)
def test_a_move_is_allowed_if_and_only_if_the_contract_names_it(
    previous: Status | None, status: Status
) -> None:
    assert is_allowed(previous, status) is ((previous, status) in ALLOWED)


def test_the_table_has_a_line_for_every_status_dead_ends_included() -> None:
    assert set(MOVES) == {None, *Status}


def test_nothing_follows_a_final_status_and_only_a_final_one() -> None:
    assert {status for status in Status if status.is_final} == {"completed", "failed", "canceled"}


def test_no_status_follows_itself() -> None:
    assert not any(is_allowed(status, status) for status in Status)
