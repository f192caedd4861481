"""What streams begin with is read for many at once, and once for all who ask the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from limner.bus.hub import Hub
from limner.bus.topic import Topic
from limner.domain.errors import DatabaseUnavailableError, NotFoundError
from limner.flows.follow import Follow
from limner.flows.openings import PAGE, READS, TOGETHER, Opening, Openings, open_openings
from limner.store.database import Database
from limner.store.history import Ask, History, PlotNow
from stage.process import BOUND_SECONDS
from store.story import OWNER, Story
from stream.counted import Counted, Reader


@pytest.fixture
def history(database: Database) -> Counted:
    return Counted(database)


@pytest.fixture
async def openings(history: Counted) -> AsyncIterator[Openings]:
    async with open_openings(history) as opened:
        yield opened


def _asking(
    openings: Openings, topics: list[Topic], after: int | None = None
) -> list["asyncio.Task[Opening]"]:
    return [asyncio.create_task(openings(topic, after)) for topic in topics]


async def test_many_plots_that_are_asked_for_together_are_one_question(
    database: Database, history: Counted, openings: Openings
) -> None:
    stories = [await Story.begun(database) for _ in range(TOGETHER + READS)]
    for number, story in enumerate(stories):
        if number % 2:
            await story.drawn()
    history.may_answer.clear()
    asking = _asking(openings, [Topic(story.plot_id) for story in stories])
    await history.was_asked(READS)
    assert [len(asks) for asks in history.asked] == [1] * READS, "the first are asked for at once"
    history.may_answer.set()
    async with asyncio.timeout(BOUND_SECONDS):
        found = await asyncio.gather(*asking)
    assert [len(asks) for asks in history.asked] == [1] * READS + [TOGETHER]
    for number, opening in enumerate(found):
        assert (opening.seq, opening.is_whole) == (3 * (number % 2), True)
        assert [event.seq for event in opening.events] == [3] * (number % 2)


async def test_no_question_is_about_more_plots_than_one_may_be(
    history: Counted, openings: Openings, database: Database
) -> None:
    plot_id = (await Story.begun(database)).plot_id
    history.may_answer.clear()
    asking = _asking(openings, [Topic(plot_id) for _ in range(READS + TOGETHER + 1)])
    await history.was_asked(READS)
    history.may_answer.set()
    async with asyncio.timeout(BOUND_SECONDS):
        await asyncio.gather(*asking)
    assert sorted(len(asks) for asks in history.asked) == [1] * (READS + 1) + [TOGETHER]


async def test_one_plot_that_a_thousand_ask_for_is_one_question_and_one_answer(
    database: Database, history: Counted, openings: Openings
) -> None:
    story = await Story.begun(database)
    await story.drawn()
    topic = Topic(story.plot_id)
    async with asyncio.timeout(BOUND_SECONDS):
        found = await asyncio.gather(*_asking(openings, [topic] * 1000))
    assert history.asked == [[Ask(story.plot_id, None)]]
    assert {id(opening) for opening in found} == {id(found[0])}
    await story.drawn()
    assert (await openings(topic, None)).seq == 6, "nothing is kept for who comes later"


async def test_who_has_everything_up_to_another_number_is_answered_for_it(
    database: Database, history: Counted, openings: Openings
) -> None:
    story = await Story.begun(database)
    await story.drawn()
    topic = Topic(story.plot_id)
    afters = [None, 0, 1, 2, 3, 4]
    found = await asyncio.gather(*(openings(topic, after) for after in afters))
    assert [[event.seq for event in opening.events] for opening in found] == [
        [3],
        [1, 2, 3],
        [2, 3],
        [3],
        [],
        [3],  # which the plot has not come to
    ]
    assert {(opening.owner, opening.seq, opening.is_whole) for opening in found} == {
        (OWNER, 3, True)
    }
    assert len(history.asked) <= READS + 1


async def test_a_plot_that_there_is_not_is_told_to_its_own_alone(
    database: Database, openings: Openings
) -> None:
    story, gone = await Story.begun(database), await Story.begun(database)
    await gone.plots.remove(gone.plot_id, OWNER)
    topics = [Topic(each.plot_id) for each in (story, gone, story, gone)]
    found = await asyncio.gather(*_asking(openings, topics), return_exceptions=True)
    assert [type(answer) for answer in found] == [Opening, NotFoundError] * 2


async def test_a_question_that_is_not_answered_is_told_to_those_whose_it_was(
    database: Database, history: Counted, openings: Openings
) -> None:
    topics = [Topic((await Story.begun(database)).plot_id) for _ in range(READS + 2)]
    history.may_answer.clear()
    history.fault = DatabaseUnavailableError("It is away.")
    asking = _asking(openings, [*topics, *topics])
    await history.was_asked(READS)
    history.fault = None
    history.may_answer.set()
    async with asyncio.timeout(BOUND_SECONDS):
        found = await asyncio.gather(*asking, return_exceptions=True)
    told = [*[DatabaseUnavailableError] * READS, Opening, Opening]
    assert [type(answer) for answer in found] == told * 2


async def test_who_waits_in_line_for_too_long_is_sent_away_and_not_asked_for(
    database: Database,
    history: Counted,
    openings: Openings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("limner.flows.openings.PATIENCE_SECONDS", 0.1)
    topics = [Topic((await Story.begun(database)).plot_id) for _ in range(READS + 2)]
    history.may_answer.clear()
    async with asyncio.timeout(BOUND_SECONDS):
        found = await asyncio.gather(*_asking(openings, topics), return_exceptions=True)
    assert {type(answer) for answer in found} == {DatabaseUnavailableError}
    history.may_answer.set()
    monkeypatch.undo()
    assert (await openings(topics[-1], None)).seq == 0
    assert len(history.asked) == READS + 1


async def test_one_plot_that_can_not_be_read_is_the_trouble_of_its_own_readers(
    database: Database,
) -> None:
    stories = [await Story.begun(database) for _ in range(READS + 3)]

    class Poisoned(History):
        async def openings(self, asks: list[Ask], *, count: int) -> list[PlotNow | None]:
            if any(ask.plot_id == stories[-1].plot_id for ask in asks):
                raise ValueError("a status that nobody knows")
            return await super().openings(asks, count=count)

    async with open_openings(Poisoned(database)) as openings:
        asking = _asking(openings, [Topic(story.plot_id) for story in stories])
        async with asyncio.timeout(BOUND_SECONDS):
            found = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(answer) for answer in found] == [*[Opening] * (READS + 2), ValueError]


async def test_a_defect_is_told_to_who_asked_and_to_nobody_else(
    database: Database, history: Counted
) -> None:
    faults: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context["exception"]))
    try:
        async with open_openings(history) as openings:
            topics = [Topic((await Story.begun(database)).plot_id) for _ in range(READS + 2)]
            history.may_answer.clear()
            history.fault = LookupError("a defect")
            asking = _asking(openings, topics)
            await history.was_asked(READS)
            history.fault = None
            history.may_answer.set()
            async with asyncio.timeout(BOUND_SECONDS):
                found = await asyncio.gather(*asking, return_exceptions=True)
    finally:
        loop.set_exception_handler(None)
    assert [type(each) for each in found] == [LookupError] * READS + [Opening] * 2
    assert set(map(type, faults)) <= {LookupError}


async def test_who_leaves_while_it_is_read_disturbs_nobody(
    database: Database, history: Counted, openings: Openings
) -> None:
    story, alone = await Story.begun(database), await Story.begun(database)
    await story.drawn()
    shared, lonely = Topic(story.plot_id), Topic(alone.plot_id)
    history.may_answer.clear()
    stays, leaves, last = _asking(openings, [shared, shared, lonely])
    await history.was_asked(2)
    for leaving in (leaves, last):
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    history.may_answer.set()
    async with asyncio.timeout(BOUND_SECONDS):
        assert (await stays).seq == 3
        assert (await openings(lonely, None)).seq == 0


async def test_who_is_more_than_a_page_behind_reads_on_in_pages(
    database: Database, history: Counted, openings: Openings
) -> None:
    story = await Story.begun(database)
    character_id = await story.somebody()
    for _ in range(PAGE // 3 + 2):
        await story.drawn(character_id)
    newest = 3 * (PAGE // 3 + 2)
    opening = await openings(Topic(story.plot_id), 0)
    assert (opening.seq, opening.is_whole, len(opening.events)) == (PAGE, False, PAGE)
    watch = Follow(Hub(history), openings).watch(story.plot_id)
    reader = Reader(0)
    await watch.read(OWNER, 0)
    await watch.bring_in(reader)
    watch.leave()
    assert reader.got == list(range(1, newest + 1))


async def test_who_still_waits_when_it_closes_is_let_go(
    database: Database, history: Counted
) -> None:
    topics = [Topic((await Story.begun(database)).plot_id) for _ in range(READS + 1)]
    history.may_answer.clear()
    async with open_openings(history) as openings:
        asking = _asking(openings, topics)
        await history.was_asked(READS)
    async with asyncio.timeout(BOUND_SECONDS):
        found = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(answer) for answer in found} == {asyncio.CancelledError}
