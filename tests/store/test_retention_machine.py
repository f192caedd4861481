"""Random lives of an album: whoever shows, deletes, claims and sweeps, what is shown is there."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from limner.domain.generation import Taken
from limner.store.database import Database, open_database
from store.album import Album, drawing_of, names
from store.story import Story, fresh

PLOTS = 2
PEOPLE = 2
DRAWINGS = [drawing_of(f"face {each}", thumbnail=f"small {each // 2}") for each in range(4)]
"""Two and two have one thumbnail."""

Answer = TypeVar("Answer")
Deed = tuple[str, int, int, int]


class AlbumMachine(RuleBasedStateMachine):
    """Some plots with people in them, whose places are taken by others when they are deleted."""

    def __init__(self, loop: asyncio.AbstractEventLoop, album: Album) -> None:
        super().__init__()
        self._loop = loop
        self._album = album
        self._stories: list[Story] = []
        self._people: dict[tuple[int, int], str] = {}
        self._shown: dict[str, set[int]] = {}
        self._kept: list[tuple[Taken, int]] = []

    def _run(self, work: Coroutine[object, object, Answer]) -> Answer:
        return self._loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        for plot in range(PLOTS):
            self._stories.append(self._run(Story.begun(self._album.database)))
            for place in range(PEOPLE):
                self._people[plot, place] = self._run(self._stories[plot].somebody())

    @rule(
        deeds=st.lists(
            st.tuples(
                st.sampled_from(
                    [*["show"] * 4, "keep", "complete", "time", "remove", "remove plot", "sweep"]
                ),
                st.integers(0, PLOTS - 1),
                st.integers(0, PEOPLE - 1),
                st.integers(0, len(DRAWINGS) - 1),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda deed: deed[1:3],  # two who do the same to one are for other tests
        )
    )
    def live(self, deeds: list[Deed]) -> None:
        """Several deeds at once, while somebody sweeps."""

        async def all_of_them() -> None:
            await asyncio.gather(self._album.sweep(), *(self._do(deed) for deed in deeds))

        if {"remove plot", "time"} & {deed for deed, *_ in deeds}:
            # nobody acts in a plot that is being removed, and what is just claimed lasts
            deeds = deeds[:1]
        self._run(all_of_them())

    async def _do(self, deed: Deed) -> None:
        what, plot, place, which = deed
        story, person = self._stories[plot], self._people[plot, place]
        match what:
            case "show":
                await self._album.show(story, DRAWINGS[which], character_id=person)
                self._shown.setdefault(person, set()).add(which)
            case "keep":
                other = await self._stories[plot].somebody()
                taken = await story.take((await story.ask(other)).transition.task_id)
                await self._album.keep(DRAWINGS[which])
                self._kept.append((taken, which))
            case "complete" if self._kept:
                await self._complete(*self._kept.pop())
            case "time":
                await self._album.time_passes()
            case "remove":
                await story.ledger.remove_character(person, story.owner)
                self._shown.pop(person, None)
                self._people[plot, place] = await story.somebody()
            case "remove plot":
                await self._remove_plot(plot)

    async def _complete(self, taken: Taken, which: int) -> None:
        """By somebody whose claim may have run out: it is told, or the image is there."""
        told = await self._stories[0].ledger.complete(
            taken.transition.task_id,
            DRAWINGS[which].image,
            token=taken.token,
            model="square",
            move=fresh(),
        )
        if told is not None:
            self._shown.setdefault(told.character_id, set()).add(which)

    async def _remove_plot(self, plot: int) -> None:
        story = self._stories[plot]
        rows = await self._album.rows("SELECT id FROM characters WHERE plot_id = $1", story.plot_id)
        await story.plots.remove(story.plot_id, story.owner)
        for row in rows:
            self._shown.pop(row["id"], None)
        self._stories[plot] = await Story.begun(self._album.database)
        for place in range(PEOPLE):
            self._people[plot, place] = await self._stories[plot].somebody()

    def _all_shown(self) -> set[str]:
        which = set().union(*self._shown.values())
        return names(*(DRAWINGS[each] for each in which))

    @invariant()
    def what_is_shown_is_there(self) -> None:
        assert self._all_shown() <= self._album.files

    def teardown(self) -> None:
        """In the end, nothing else is there."""
        self._run(self._album.swept())
        assert self._album.files == self._all_shown()
        (row,) = self._run(
            self._album.rows("SELECT count(*) AS rows FROM plots WHERE deleted_at IS NOT NULL")
        )
        assert row["rows"] == 0


def test_whatever_happens_what_is_shown_is_there_and_in_the_end_nothing_else(
    database_url: str, tmp_path: Path
) -> None:
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    opening = stack.enter_async_context(open_database(database_url, connections=8))
    database = loop.run_until_complete(opening)
    lives = count()

    def another() -> AlbumMachine:
        loop.run_until_complete(_emptied(database))
        return AlbumMachine(loop, Album(database, tmp_path / str(next(lives))))

    try:
        run_state_machine_as_test(
            another,  # type: ignore[arg-type]  # any factory will do
            settings=settings(
                max_examples=15,
                stateful_step_count=20,
                deadline=None,
                database=None,
                phases=[Phase.generate],  # to shrink a life takes minutes
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()


async def _emptied(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("DELETE FROM plots; DELETE FROM images")
