"""What Postgres does for a statement when it has made its plan without knowing the values."""

import json
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest

from limner.store.database import open_database
from limner.store.history import Ask, History
from limner.store.statements import statements
from store.story import Admin, Story

WAITING = 60
TRIED = 5
"""So often Postgres makes a plan for the values, before it considers one for all."""


def nodes(plan: dict[str, object]) -> Iterator[dict[str, object]]:
    """Every step of a plan."""
    yield plan
    below = plan.get("Plans", [])
    assert isinstance(below, list)
    for each in below:
        yield from nodes(each)


async def test_many_watched_plots_are_expected_so_that_not_each_is_compared_with_all_who_wait(
    story: Story, database_url: str
) -> None:
    for _ in range(WAITING):
        await story.ask(await story.somebody())
    now = await story.now()
    assert now is not None
    watched = ",".join([f"{story.plot_id} {now.seq}", *(f"{uuid4()} 0" for _ in range(WAITING))])
    text = statements()._texts["queue_places"][0]  # noqa: SLF001 - as Postgres gets it
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE places (text) AS {text}")
        told = await connection.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE places ('{watched}')"
        )
    finally:
        await connection.close()
    steps = list(nodes(json.loads(told)[0]["Plan"]))
    assert steps[0]["Actual Rows"] == 2 * WAITING  # who waits, and who is gone
    expected = [step["Plan Rows"] for step in steps if step["Node Type"] == "Function Scan"]
    assert expected == [1000, 1000]
    assert not [step for step in steps if step.get("Rows Removed by Join Filter")]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("openings", "NULL, NULL"),
        ("strayed_plots", "NULL, NULL"),
        ("gone_characters", "NULL"),
        ("queue_places", "NULL"),
        ("plot_seq", "NULL, NULL"),
    ],
)
async def test_a_plan_that_was_made_when_there_was_nothing_reads_no_table_whole_later(
    database_url: str, admin: Admin, name: str, values: str
) -> None:
    await admin.execute("VACUUM (ANALYZE)")
    text = statements()._texts[name][0]  # noqa: SLF001 - as Postgres gets it
    async with (
        open_database(database_url, connections=1) as own,
        own.connection() as connection,
    ):
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE asked AS {text}")
        told = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked ({values})")
    tables = [step for step in nodes(json.loads(told)[0]["Plan"]) if "Relation Name" in step]
    assert tables
    assert not [step for step in tables if not ({"Index Cond", "Recheck Cond"} & step.keys())]


async def test_openings_are_planned_a_few_times_and_then_no_more(
    story: Story, database_url: str
) -> None:
    await story.ask(await story.somebody())
    async with open_database(database_url, connections=1) as own:
        for count in [1, *range(1, 10), 32, 1]:
            await History(own).openings([Ask(story.plot_id, None)] * count, count=10)
        async with own.connection() as connection:
            planned = await connection.fetchval(
                "SELECT max(custom_plans) FROM pg_prepared_statements"
            )
    assert planned == TRIED
