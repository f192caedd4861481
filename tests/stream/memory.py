"""A past that the test makes up, and followers who know what they should be given."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from limner.bus.events import Event, HintEvent, StatusEvent
from limner.bus.hub import Hub
from limner.bus.topic import Topic
from limner.domain.errors import DatabaseUnavailableError
from limner.domain.estimate import Estimate
from limner.domain.status import Status
from limner.domain.transition import Transition, status_object
from limner.encoding import encode

PLOT = "0f0f0f0f-0000-4000-8000-000000000000"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def transition(seq: int) -> Transition:
    """The transition with a number: with an odd one somebody waits in the queue, else is drawn."""
    return Transition(
        plot_id=PLOT,
        seq=seq,
        character_id="somebody",
        character_name="Somebody",
        task_id="something",
        status=Status.PENDING if seq % 2 else Status.GENERATING,
        previous=None,
        at=NOW,
        attempt=0,
        max_attempts=3,
        provider="blank",
        model="square",
        prompt="",
        queued_at=NOW,
        started_at=None,
        estimate=Estimate(0, 0),
        image=None,
        error=None,
        error_code=None,
        last_error=None,
    )


@dataclass
class Memory:
    """A `Past` that answers what was true when it was asked, once the test lets it."""

    newest: int = 0
    is_there: bool = True
    is_away: bool = False
    deleted: set[str] = field(default_factory=set)
    swept: list[int] = field(default_factory=list)
    """Of how many plots it was asked whether they have strayed, each time."""
    slow_turns: int = 0
    """Turns of the event loop between what is read and its arrival."""

    async def replay(
        self,
        plot_id: str,  # noqa: ARG002 - there is one
        *,
        after: int,
        count: int,
    ) -> list[Transition]:
        last = min(self.newest, after + count)
        await self._arrive()
        return [transition(seq) for seq in range(after + 1, last + 1)]

    async def strayed(self, heads: dict[str, int]) -> dict[str, int | None]:
        self.swept.append(len(heads))
        newest = self.newest if self.is_there else None
        answer = {plot_id: newest for plot_id, head in heads.items() if head != newest}
        await self._arrive()
        return answer

    async def gone(self, character_ids: list[str]) -> set[str]:
        answer = self.deleted & set(character_ids)
        await self._arrive()
        return answer

    async def _arrive(self) -> None:
        for _ in range(self.slow_turns):
            await asyncio.sleep(0)
        if self.is_away:
            raise DatabaseUnavailableError("The database is away.")


@dataclass(eq=False)
class Follower:
    """Checks that what it is given continues what it has."""

    seen: int
    character_id: str | None = None
    has_ended: bool = False
    got: list[int] = field(default_factory=list)
    placed: int | None = None
    """The number as of which it was last told a place in the queue."""
    was_misled: bool = False
    """Whether that was ever another than its own."""

    def deliver(self, event: Event) -> None:
        if not isinstance(event, StatusEvent):
            self.placed = int(event.data)
            assert self.placed == self.seen, (
                "neither of a past that it knows nor of what it does not"
            )
        elif event.seq > self.seen:  # as every reader does: it may have read further than the topic
            assert event.seq == self.seen + 1
            self.seen = event.seq
            self.got.append(event.seq)

    def end(self) -> None:
        self.has_ended = True


@asynccontextmanager
async def at_work(past: Memory, *, pause_seconds: float = 0) -> AsyncIterator[Hub]:
    """A hub whose sweeps come when the test calls for them, or every two seconds."""
    hub = Hub(past, pause_seconds=pause_seconds)
    task = asyncio.create_task(hub.run(), name="hub")
    await asyncio.sleep(0)
    try:
        yield hub
        assert not task.done(), "whatever happened, it goes on"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextmanager
def watched(hub: Hub, plot_id: str = PLOT) -> Iterator[Topic]:
    """A plot's topic, watched for as long as the block runs."""
    topic = hub.watch(plot_id)
    try:
        yield topic
    finally:
        hub.unwatch(topic)


async def settle() -> None:
    """Let everything happen that can happen by itself."""
    for _ in range(40):
        await asyncio.sleep(0)


def published(seq: int) -> tuple[str, bytes]:
    return f"limner:plot:{PLOT}", encode(status_object(transition(seq)))


def places(seq: int) -> dict[str, HintEvent]:
    """Who waits in the queue as of a number."""
    hint = HintEvent("progress", "somebody", str(seq).encode())
    return {"somebody": hint} if seq % 2 else {}


async def bring_in(hub: Hub, past: Memory, topic: Topic, follower: Follower) -> None:
    """As `Follow` does: read, join, and read on while the topic is too far ahead."""
    while not hub.join(topic, follower, follower.seen):
        for missed in await past.replay(PLOT, after=follower.seen, count=500):
            follower.deliver(StatusEvent.of(missed))
