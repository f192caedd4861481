"""A sweep meets what can't be recovered, or not now: the others are."""

import asyncio
import signal
from dataclasses import replace

import pytest

from faults.sweep import lost, recovering
from limner.domain.plot import LOCAL_OWNER
from limner.embedded import ValkeyServer
from limner.embedded.processes import send
from limner.flows import recover
from limner.jobs.queue import Queue
from limner.store.database import Database
from limner.store.plots import Plots
from limner.store.recovery import Lapsed, Recovery
from stage.process import BOUND_SECONDS
from worker.easel import Easel


async def test_a_redis_that_is_frozen_holds_up_no_recovery(
    easel: Easel, queue: Queue, own_valkey: ValkeyServer
) -> None:
    """One after the other, each with its second of waiting, they would take a minute."""
    silent = await lost(easel, 40)
    send(signal.SIGSTOP, own_valkey.place)
    try:
        async with asyncio.timeout(BOUND_SECONDS):
            await recovering(easel, queue)()
    finally:
        send(signal.SIGCONT, own_valkey.place)
    for task_id in silent:
        assert await easel.statuses(task_id) == ["pending", "generating", "pending"]


async def test_one_that_can_not_be_recovered_keeps_no_other_from_it(
    easel: Easel, queue: Queue
) -> None:
    """It is the first, since it is the oldest, at each sweep again."""
    (broken,) = await lost(easel, 1)
    plot = await Plots(easel.database).add(LOCAL_OWNER, title="The Burrow", style="")
    others = await lost(replace(easel, plot_id=plot.id), 30)
    async with easel.database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE plots SET seq = 1 WHERE id = $1", easel.plot_id)
    await recovering(easel, queue)()
    assert await easel.statuses(broken) == ["pending", "generating"]
    for task_id in others:
        assert await easel.statuses(task_id) == ["pending", "generating", "pending"]


async def test_a_lock_that_is_kept_too_long_is_no_outage(
    easel: Easel, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage nobody is taken back for a while: one locked story must not bring that."""
    kept = asyncio.Event()

    class Late(Recovery):
        """What it has found is locked by somebody else before it can be seen to."""

        async def lapsed(self) -> list[Lapsed]:
            found = await super().lapsed()
            if not kept.is_set():
                await connection.execute(
                    "SELECT 1 FROM plots WHERE id = $1 FOR UPDATE", easel.plot_id
                )
                kept.set()
            return found

    monkeypatch.setattr(recover, "SWEEP_SECONDS", 0.01)
    (task_id,) = await lost(easel, 1)
    sweeping = asyncio.create_task(recovering(easel, queue, Late).run(), name="recover")
    try:
        async with easel.database.transaction() as connection:
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            async with asyncio.timeout(BOUND_SECONDS):
                await kept.wait()
                while not await _is_waited_for(easel.database):
                    pass
                while await _is_waited_for(easel.database):
                    pass
        async with asyncio.timeout(easel.settings.lease_seconds / 2):
            while await easel.statuses(task_id) != ["pending", "generating", "pending"]:
                assert not sweeping.done()
    finally:
        sweeping.cancel()
        await asyncio.wait([sweeping])


async def _is_waited_for(database: Database) -> bool:
    async with database.connection() as connection:
        waiting = await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return bool(waiting)
