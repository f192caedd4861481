"""Ids, as RFC 9562 has them."""

import time
from uuid import RFC_4122, UUID

from limner.domain.ids import new_id

COUNT = 1000


def test_an_id_is_a_uuid_of_version_7_that_says_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = [UUID(new_id()) for _ in range(COUNT)]
    after = time.time_ns() // 1_000_000
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    assert all(before <= one.int >> 80 <= after for one in made)
    assert all(str(one) == str(one).lower() for one in made)


def test_ids_sort_by_the_time_at_which_they_were_made_and_differ() -> None:
    made = []
    for _ in range(COUNT):
        began = time.time_ns()
        made.append(new_id())
        while time.time_ns() < began + 1000:  # longer than the 244 ns that an id tells apart
            pass
    assert made == sorted(made)
    assert len({one[-16:] for one in made}) == COUNT
