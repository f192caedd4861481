"""Random lives of a plot: no interleaving breaks the law."""

import asyncio
from contextlib import AsyncExitStack

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from limner.store.database import open_database
from store.machine import LedgerMachine


def test_no_order_of_events_breaks_the_table_of_moves_the_sequence_or_one_in_flight(
    database_url: str,
) -> None:
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    opening = stack.enter_async_context(open_database(database_url, connections=5))
    database = loop.run_until_complete(opening)
    try:
        run_state_machine_as_test(
            lambda: LedgerMachine(loop, database),  # type: ignore[arg-type]  # any factory will do
            settings=settings(
                max_examples=40,
                stateful_step_count=40,
                deadline=None,
                database=None,
                phases=[Phase.generate],  # to shrink a life takes minutes
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()
