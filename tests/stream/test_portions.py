"""More plots are watched than go into one question: they are asked for in portions, and all."""

from contextlib import ExitStack

import pytest

from limner.bus import hub as hubs
from limner.bus.hub import Hub
from limner.domain.plot import LOCAL_OWNER
from limner.flows import places
from limner.store.database import Database
from limner.store.history import History
from limner.store.plots import Plots
from stream.memory import Follower, Memory, at_work, settle, watched


async def test_what_was_missed_is_found_in_every_plot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "SWEPT_AT_ONCE", 2)
    past = Memory(newest=0)
    async with at_work(past) as hub:
        with ExitStack() as stack:
            followers = [Follower(0) for _ in range(5)]
            for number, follower in enumerate(followers):
                topic = stack.enter_context(watched(hub, f"plot {number}"))
                assert hub.join(topic, follower, 0)
            past.newest = 1  # of which nobody was told
            hub.on_gap()
            await settle()
            assert [follower.got for follower in followers] == [[1]] * 5
    assert past.swept[:3] == [2, 2, 1]


async def test_places_are_asked_for_in_every_plot(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "ASKED_AT_ONCE", 2)
    plots = Plots(database)
    hub = Hub(history := History(database))
    with ExitStack() as stack:
        for _ in range(5):
            plot = await plots.add(LOCAL_OWNER, title="The Cupboard", style="")
            topic = stack.enter_context(watched(hub, plot.id))
            assert hub.join(topic, Follower(0), 0)
        assert len(hub.queueing()) == 5
        await places.Places(hub, history)()
        assert hub.queueing() == []  # nobody waits, and that is known of all
