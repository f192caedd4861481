"""A machine that moves generations at random and knows what should come of it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from limner.domain.errors import NotFoundError
from limner.domain.generation import Taken
from limner.domain.status import Status, is_allowed
from limner.domain.transition import Transition
from limner.store.database import Database
from store.story import MINUTES, OWNER, Story, fresh

PEOPLE = 3

Answer = TypeVar("Answer")
Write = Callable[[Story, Taken], Awaitable[object]]


@dataclass(eq=False)
class Person:
    """A character as it should be."""

    id: str
    drawings: "list[Drawing]" = field(default_factory=list)

    @property
    def flying(self) -> "Drawing | None":
        return next((each for each in self.drawings if not each.status.is_final), None)


@dataclass(eq=False)
class Drawing:
    """A generation as it should be."""

    task_id: str
    is_late: bool
    max_attempts: int
    status: Status = Status.PENDING
    attempt: int = 0
    taken: Taken | None = None
    """The newest take; its token holds the lease while it generates."""


async def renew(story: Story, taken: Taken) -> object:
    task_id = taken.transition.task_id
    return await story.leases.renew(task_id, token=taken.token, lease_seconds=MINUTES) or None


ENDS: list[tuple[Write, Status]] = [
    (Story.complete, Status.COMPLETED),
    (Story.fail, Status.FAILED),
    (Story.give_back, Status.PENDING),
    (renew, Status.GENERATING),
]
"""What the holder of a lease may write, and where to."""


DEEDS = [*("take", "write") * 3, "ask", "cancel", "expire", "race", "remove"]


class LedgerMachine(RuleBasedStateMachine):
    """Drives one plot in a real Postgres. Every step's answer and all rows are foretold."""

    def __init__(self, loop: asyncio.AbstractEventLoop, database: Database) -> None:
        super().__init__()
        self._loop = loop
        self._story = self._run(Story.begun(database))
        self._drawings: dict[str, Drawing] = {}
        self._crowd: list[Person] = []

    def _run(self, work: Coroutine[object, object, Answer]) -> Answer:
        return self._loop.run_until_complete(work)

    @initialize(max_attempts=st.tuples(*[st.integers(1, 3)] * PEOPLE))
    def begin(self, max_attempts: tuple[int, ...]) -> None:
        for count in max_attempts:
            self._crowd.append(Person(self._run(self._story.somebody())))
            self.ask(self._crowd[-1], count, is_late=False)

    @rule(
        deed=st.sampled_from(DEEDS),
        which=st.integers(0, PEOPLE - 1),
        newest=st.sampled_from([True, True, True, False]),
        end=st.sampled_from(ENDS),
        is_stale=st.sampled_from([False, False, False, True]),
        max_attempts=st.integers(1, 3),
        is_late=st.sampled_from([False, False, True]),
    )
    def live(  # noqa: PLR0913 - all that any deed may need, drawn at once
        self,
        *,
        deed: str,
        which: int,
        newest: bool,
        end: tuple[Write, Status],
        is_stale: bool,
        max_attempts: int,
        is_late: bool,
    ) -> None:
        """One deed. It is one rule: of several, Hypothesis would leave most out of most lives."""
        person = self._crowd[which]
        drawing = person.drawings[-1 if newest else 0]
        match deed:
            case "ask":
                self.ask(person, max_attempts, is_late=is_late)
            case "take":
                self.take(drawing)
            case "write":
                self.write(drawing, end, is_stale=is_stale)
            case "cancel":
                self.cancel(drawing)
            case "expire":
                self.expire(drawing)
            case "race":
                self.race(drawing)
            case _:
                self.remove(which)

    def ask(self, person: Person, max_attempts: int, *, is_late: bool) -> None:
        asking = self._story.ask(
            person.id, max_attempts=max_attempts, deadline_seconds=0 if is_late else MINUTES
        )
        accepted = self._run(asking)
        task_id = accepted.transition.task_id
        assert accepted.begun is (person.flying is None)
        if person.flying:
            assert task_id == person.flying.task_id
            return
        drawing = Drawing(task_id, is_late=is_late, max_attempts=max_attempts)
        person.drawings.append(drawing)
        self._drawings[task_id] = drawing

    def take(self, drawing: Drawing) -> None:
        token = fresh()
        taking = self._story.ledger.take(drawing.task_id, token=token, lease_seconds=MINUTES)
        taken = self._run(taking)
        may = drawing.status is Status.PENDING and not drawing.is_late
        assert (taken is not None) is may
        if taken:
            drawing.attempt += 1
            drawing.status, drawing.taken = Status.GENERATING, taken

    def write(self, drawing: Drawing, end: tuple[Write, Status], *, is_stale: bool) -> None:
        if drawing.taken is None:
            return
        do, status = end
        taken = replace(drawing.taken, token=fresh()) if is_stale else drawing.taken
        done = self._run(_coroutine(do(self._story, taken)))
        may = drawing.status is Status.GENERATING and not is_stale
        if status is Status.PENDING:
            may = may and drawing.attempt < drawing.max_attempts
        assert (done is not None) is may
        if done:
            drawing.status = status

    def cancel(self, drawing: Drawing) -> None:
        move = fresh()
        done = self._run(self._story.ledger.cancel(drawing.task_id, move=move))
        assert (done is not None) is not drawing.status.is_final
        if done:
            drawing.status = Status.CANCELED
            assert self._run(self._story.ledger.cancel(drawing.task_id, move=move)) == done

    def expire(self, drawing: Drawing) -> None:
        expiring = self._story.ledger.expire(drawing.task_id, error="Too late.", move=fresh())
        done = self._run(expiring)
        assert (done is not None) is (drawing.status is Status.PENDING and drawing.is_late)
        if done:
            drawing.status = Status.FAILED

    def remove(self, which: int) -> None:
        """Somebody leaves, and somebody new comes."""
        person = self._crowd[which]
        _, canceled = self._run(self._story.ledger.remove_character(person.id, OWNER))
        assert (canceled is not None) is (person.flying is not None)
        if person.flying:
            person.flying.status = Status.CANCELED
        with pytest.raises(NotFoundError):
            self._run(self._story.ask(person.id))
        self._crowd[which] = Person(self._run(self._story.somebody()))
        self.ask(self._crowd[which], 2, is_late=False)

    def race(self, drawing: Drawing) -> None:
        """Two ends and a cancellation meet; one of them stands."""
        if drawing.taken is None or drawing.status is not Status.GENERATING:
            return
        taken = drawing.taken

        async def all_of_them() -> tuple[Transition | None, ...]:
            return await asyncio.gather(
                self._story.complete(taken),
                self._story.fail(taken),
                self._story.ledger.cancel(drawing.task_id, move=fresh()),
            )

        (winner,) = [done for done in self._run(all_of_them()) if done is not None]
        drawing.status = winner.status

    @invariant()
    def the_rows_are_as_foretold(self) -> None:
        rows = self._run(
            self._story.rows(
                "SELECT id, status, attempt, seq FROM generations WHERE plot_id = $1",
                self._story.plot_id,
            )
        )
        assert {row["id"]: (row["status"], row["attempt"]) for row in rows} == {
            drawing.task_id: (drawing.status, drawing.attempt)
            for drawing in self._drawings.values()
        }

    @invariant()
    def the_history_keeps_the_law(self) -> None:
        told = self._run(self._story.told())
        assert [each.seq for each in told] == list(range(1, len(told) + 1))
        stands: dict[str, Transition] = {}
        flying: dict[str, str] = {}
        for each in told:
            before = stands.get(each.task_id)
            assert each.previous == (before.status if before else None)
            assert is_allowed(each.previous, each.status)
            assert flying.setdefault(each.character_id, each.task_id) == each.task_id
            if each.status.is_final:
                del flying[each.character_id]
            stands[each.task_id] = each
        assert {task_id: each.status for task_id, each in stands.items()} == {
            drawing.task_id: drawing.status for drawing in self._drawings.values()
        }


async def _coroutine(work: Awaitable[Answer]) -> Answer:
    return await work
