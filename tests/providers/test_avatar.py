"""The provider over its child processes: what is reported, what is cancelled, who dies."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.progress import Progress, Stage
from limner.providers.avatar import AvatarProvider
from limner.providers.avatar.pool import Pool
from limner.providers.avatar.sitter import Sitter
from limner.providers.base import Order, Provider, Ticket

ORDER = Order("task", "character", "Vernon", "a stout man with a moustache", "", "avataaars")


@pytest.fixture
async def avatar() -> AsyncIterator[AvatarProvider]:
    provider = AvatarProvider(0)
    yield provider
    await provider.aclose()


def children() -> list[int]:
    """The process ids of the painters that live, those of other tests' programs aside."""
    pids = [
        int(pid)
        for tasks in Path("/proc/self/task").glob("*/children")
        for pid in tasks.read_text().split()
    ]
    return sorted(pid for pid in pids if b"studio" in Path(f"/proc/{pid}/cmdline").read_bytes())


def tell(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


def ends(pid: int) -> bool:
    """Whether the process is gone, or goes within five seconds."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 5)[0])
    finally:
        os.close(process)


def ignore(_: Progress) -> None:
    """Take progress that no one looks at."""


async def test_the_provider_is_one(avatar: AvatarProvider) -> None:
    provider: Provider = avatar
    assert (provider.name, provider.default_model) == ("avatar", "avataaars")


async def test_the_same_order_gives_the_same_bytes_from_whichever_child(
    avatar: AvatarProvider,
) -> None:
    pictures = await asyncio.gather(*(avatar.draw(ORDER, Ticket(ignore)) for _ in range(4)))
    assert len({picture.data for picture in pictures}) == 1
    assert pictures[0].data.startswith(b"\x89PNG")
    assert pictures[0].model == "avataaars"


async def test_progress_only_goes_forward_and_ends_at_one() -> None:
    provider = AvatarProvider(0.4)
    seen: list[Progress] = []
    await provider.warm()
    try:
        await provider.draw(ORDER, Ticket(seen.append))
    finally:
        await provider.aclose()
    fractions = [progress.fraction or 0.0 for progress in seen]
    etas = [progress.eta_seconds or 0.0 for progress in seen]
    assert seen[0] == Progress(Stage.ORDERING, 0.0, 0.4)
    assert seen[-1] == Progress(Stage.DRAWING, 1.0, 0.0)
    assert fractions == sorted(fractions)
    assert etas == sorted(etas, reverse=True)


async def test_a_portrait_that_waits_is_cancelled_at_once() -> None:
    provider = AvatarProvider(3600)
    waiting = asyncio.Event()

    def report(progress: Progress) -> None:
        if progress.stage is Stage.DRAWING:
            waiting.set()

    await provider.warm()
    task = asyncio.create_task(provider.draw(ORDER, Ticket(report)))
    await waiting.wait()
    task.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await task
        await provider.aclose()


async def test_a_portrait_cancelled_in_the_middle_leaves_the_next_one_whole(
    avatar: AvatarProvider,
) -> None:
    await avatar.warm()
    whole = await avatar.draw(ORDER, Ticket(ignore))
    started = asyncio.Event()
    task = asyncio.create_task(avatar.draw(ORDER, Ticket(lambda _: started.set())))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await avatar.draw(ORDER, Ticket(ignore))).data == whole.data


async def test_a_killed_child_costs_nothing(avatar: AvatarProvider) -> None:
    await avatar.warm()
    before = children()
    tell(before, signal.SIGKILL)
    picture = await avatar.draw(ORDER, Ticket(ignore))
    assert picture.data.startswith(b"\x89PNG")
    assert not set(before) & set(children())


async def test_a_child_killed_while_it_paints_loses_no_portrait(avatar: AvatarProvider) -> None:
    await avatar.warm()
    painting = children()
    tell(painting, signal.SIGSTOP)
    task = asyncio.create_task(avatar.draw(ORDER, Ticket(ignore)))
    await asyncio.sleep(0)
    tell(painting, signal.SIGKILL)
    assert (await task).data.startswith(b"\x89PNG")


async def test_a_child_that_hangs_is_given_up() -> None:
    pool = Pool(paint_seconds=0.05)
    await pool.warm()
    hanging = children()
    tell(hanging, signal.SIGSTOP)
    with pytest.raises(DrawingError) as caught:
        await pool.paint(Sitter("character", "Vernon", ""))
    left = children()
    await pool.aclose()
    assert caught.value.code is ErrorCode.INTERNAL
    assert len(left) == len(hanging) - 1
    assert children() == []


async def test_the_loop_turns_while_a_portrait_is_painted(avatar: AvatarProvider) -> None:
    await avatar.warm()
    turns = 0
    task = asyncio.create_task(avatar.draw(ORDER, Ticket(ignore)))
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100


async def test_at_most_two_children_paint_however_many_ask(avatar: AvatarProvider) -> None:
    await asyncio.gather(*(avatar.draw(ORDER, Ticket(ignore)) for _ in range(5)))
    assert len(children()) == 2


async def test_closing_ends_the_children_also_in_the_middle_of_a_portrait() -> None:
    provider = AvatarProvider(0)
    await provider.warm()
    task = asyncio.create_task(provider.draw(ORDER, Ticket(ignore)))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await provider.aclose()
    assert children() == []
    with pytest.raises(DrawingError):
        await task


async def test_a_closed_provider_draws_no_more(avatar: AvatarProvider) -> None:
    await avatar.aclose()
    with pytest.raises(DrawingError):
        await avatar.draw(ORDER, Ticket(ignore))


async def test_children_ignore_the_signals_that_mean_stop(avatar: AvatarProvider) -> None:
    await avatar.warm()
    before = children()
    tell(before, signal.SIGINT)
    tell(before, signal.SIGTERM)
    await avatar.draw(ORDER, Ticket(ignore))
    assert children() == before


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import asyncio, os, pathlib, signal\n"
        "from limner.providers.avatar import AvatarProvider\n"
        "async def main():\n"
        "    await AvatarProvider(0).warm()\n"
        "    tasks = pathlib.Path('/proc/self/task').glob('*/children')\n"
        "    print(*(task.read_text() for task in tasks), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, check=False)
    orphans = [int(pid) for pid in done.stdout.split()]
    assert done.returncode == -signal.SIGKILL
    assert len(orphans) == 2
    assert all(ends(orphan) for orphan in orphans)


def test_a_child_whose_parent_is_already_gone_does_not_stay() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "limner.providers.avatar.studio", str(os.getpid() + 1)],
        stdin=subprocess.PIPE,
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert done.returncode == 1
    assert b"parent" in done.stderr


def test_a_child_imports_only_what_it_paints_with() -> None:
    code = "import sys, limner.providers.avatar.studio; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert not loaded & {"asyncio", "structlog", "pydantic", "asyncpg", "starlette", "redis"}


async def test_a_model_that_there_is_not_is_refused_for_good(avatar: AvatarProvider) -> None:
    with pytest.raises(DrawingError) as refusal:
        await avatar.draw(replace(ORDER, model="imagen"), Ticket(ignore))
    assert refusal.value.code is ErrorCode.PROVIDER_MODEL_UNAVAILABLE
