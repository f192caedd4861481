"""What is measured, of whom, in which order: the turns of a round."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bench import growth, resume
from bench.figures import Figure
from bench.queues import pickup, throughput
from bench.queues.peer import PEERS
from bench.stage import Stage
from bench.streams import delivery, fanout, many, opening, polling, waiting
from bench.streams.alone import ALONE
from bench.streams.better_sse import BETTER_SSE
from bench.streams.contender import Contender
from bench.streams.limner import LIMNER
from bench.streams.nchan import NCHAN_NGINX
from bench.streams.sse_starlette import HUB, PUBSUB

STREAMS = (LIMNER, PUBSUB, HUB, BETTER_SSE, NCHAN_NGINX)
"""Those who serve streams."""
UNNAMED_OF_MANY = (LIMNER, NCHAN_NGINX)
"""Those who have 10,000 streams in every run."""
NOT_NAMED = "it takes long, and is taken only when it is named with --who"
WHERE = {
    "memory": "opening",
    "connects": "opening",
    "sustained": "many",
    "idle": "many",
    "fan-out": "fanout",
}
"""Measures that are taken together with others, by the name of the whole."""
STORM = "storm"
"""A measure that is taken only when it is named: a thousand readers come back at once."""


@dataclass(frozen=True)
class Turn:
    """One contender's turn at one measure."""

    measure: str
    """As `--only` names it."""
    contender: str
    needs: str
    """Which kind of peers; empty for none."""
    run: Callable[[Stage], Awaitable[list[Figure]]]
    is_once: bool = False
    """Taken in the first round alone, because it takes long."""
    absent: str = ""
    """Why this contender can't take this turn, if it can't."""
    is_named: bool = False
    """Taken only when the contender is named, because it takes long and no target is held to it."""


def turns() -> list[Turn]:
    """All turns of a round, the contenders of each measure one after the other."""
    return [
        *_of_streams("delivery", delivery.measure, STREAMS),
        *_of_streams("fanout", fanout.measure, (ALONE, *STREAMS)),
        *_of_streams("opening", opening.measure, STREAMS),
        Turn("delivery", polling.NAME, "", polling.measure, is_once=True),
        Turn("many", polling.NAME, "", polling.measure, absent=polling.WHY_NO_MORE),
        *_of_many(),
        *_of_waiting(),
        *_of_queues("pickup", pickup.measure, pickup.CONTENDERS),
        *_of_queues("throughput", throughput.measure, throughput.CONTENDERS),
        Turn(resume.MEASURE, LIMNER.name, "", resume.measure),
    ]


def chosen(only: Sequence[str], who: Sequence[str]) -> list[Turn]:
    """The turns of these measures and of contenders whose names hold one of these words.

    Raises:
        ValueError: there is no such measure.
    """
    every = turns()
    known = {turn.measure for turn in every} | {growth.MEASURE, STORM}
    names = {WHERE.get(name, name) for name in only} or known
    if unknown := names - known:
        raise ValueError(f"There is no measure {sorted(unknown)}; there are {sorted(known)}.")
    found = [turn for turn in every if turn.measure in names and _is_one_of(turn, who)]
    if who:
        return found
    return [
        replace(turn, absent=turn.absent or NOT_NAMED) if turn.is_named else turn for turn in found
    ]


def _is_one_of(turn: Turn, words: Iterable[str]) -> bool:
    found = [word.lower() in turn.contender.lower() for word in words]
    return any(found) or not found


def _of_streams(
    name: str,
    measure: Callable[[Stage, Contender], Awaitable[list[Figure]]],
    contenders: Iterable[Contender],
) -> Iterator[Turn]:
    for one in contenders:
        yield Turn(name, one.name, one.needs, partial(_measured, measure, one))


def _of_many() -> Iterator[Turn]:
    for one in STREAMS:
        absent = one.why_no_more if one.most_streams < many.STREAMS else ""
        is_unnamed = one in UNNAMED_OF_MANY
        measure = partial(many.measure, is_sustained=is_unnamed)
        yield Turn(
            "many",
            one.name,
            one.needs,
            partial(_measured, measure, one),
            is_once=True,
            absent=absent,
            is_named=not is_unnamed,
        )


def _of_waiting() -> Iterator[Turn]:
    for one in waiting.CONTENDERS:
        yield Turn("waiting", one, "", partial(waiting.measure, contender=one), is_once=True)


async def _measured(
    measure: Callable[[Stage, Contender], Awaitable[list[Figure]]], one: Contender, stage: Stage
) -> list[Figure]:
    return await measure(stage, one)


def _of_queues(
    name: str,
    measure: Callable[[Stage, str], Awaitable[list[Figure]]],
    contenders: Iterable[str],
) -> Iterator[Turn]:
    async def measured(contender: str, stage: Stage) -> list[Figure]:
        return await measure(stage, contender)

    for one in contenders:
        needs = PEERS[one].kind if one in PEERS else ""
        yield Turn(name, one, needs, partial(measured, one))
