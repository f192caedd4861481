"""How an attempt ends, whatever the provider does."""

import asyncio
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.status import Status
from limner.flows import keep
from limner.images.folder import FolderStore
from limner.images.inspect import Inspected
from limner.providers.base import Order, Picture, Ticket
from store.album import PASSED
from worker.easel import Easel, FullDisk, Painter, blank, failing

PENDING, GENERATING = Status.PENDING, Status.GENERATING
OVERLOADED = DrawingError(ErrorCode.PROVIDER_UNAVAILABLE, "The provider is overloaded.")


async def test_a_drawing_is_stored_and_completed(easel: Easel) -> None:
    task_id = (await easel.ask()).task_id
    painter = Painter(blank)
    await easel.drawing(painter)(task_id)
    last = (await easel.history(task_id))[-1]
    assert last.status is Status.COMPLETED
    assert last.image is not None
    assert await easel.images.get(last.image.name)
    assert await easel.images.get(last.image.thumbnail)
    assert painter.orders[0].name == "Dursley"


async def test_a_store_that_refuses_once_is_asked_again(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep, "AGAIN_SECONDS", (0.0,))
    disks = iter([FullDisk(), easel.images])
    put = FolderStore.put

    async def refuse_once(store: FolderStore, inspected: Inspected) -> None:
        await (put(store, inspected) if next(disks) is store else FullDisk().put(inspected))

    monkeypatch.setattr(FolderStore, "put", refuse_once)
    task_id = (await easel.ask()).task_id
    painter = Painter(blank)
    await easel.drawing(painter)(task_id)
    assert (await easel.statuses(task_id))[-1] is Status.COMPLETED
    assert len(painter.orders) == 1


async def test_there_is_nothing_to_do_for_what_does_not_wait(easel: Easel) -> None:
    painter = Painter(blank)
    draw = easel.drawing(painter)
    await draw(str(uuid4()))
    finished, canceled, taken = [(await easel.ask()).task_id for _ in range(3)]
    await draw(finished)
    await easel.ledger.cancel(canceled, move=str(uuid4()))
    await easel.take(taken)
    before = [await easel.statuses(task_id) for task_id in (finished, canceled, taken)]
    for task_id in (finished, canceled, taken):
        await draw(task_id)
    assert [await easel.statuses(task_id) for task_id in (finished, canceled, taken)] == before
    assert len(painter.orders) == 1


async def test_two_jobs_for_one_generation_draw_it_once(easel: Easel) -> None:
    task_id = (await easel.ask()).task_id
    painter = Painter(blank)
    draw = easel.drawing(painter)
    await asyncio.gather(*(draw(task_id) for _ in range(5)))
    assert await easel.statuses(task_id) == [PENDING, GENERATING, Status.COMPLETED]
    assert len(painter.orders) == 1


async def test_what_may_help_is_tried_again_and_the_reason_is_told(easel: Easel) -> None:
    task_id = (await easel.ask()).task_id
    painter = Painter(failing(OVERLOADED), blank)
    draw = easel.drawing(painter)
    await draw(task_id)
    returned = (await easel.history(task_id))[-1]
    assert (returned.status, returned.last_error) == (PENDING, "The provider is overloaded.")
    assert (returned.attempt, returned.error) == (1, None)
    await draw(task_id)
    history = await easel.history(task_id)
    assert [(one.status, one.attempt) for one in history] == [
        (PENDING, 0),
        (GENERATING, 1),
        (PENDING, 1),
        (GENERATING, 2),
        (Status.COMPLETED, 2),
    ]


async def test_what_can_not_help_fails_at_once(easel: Easel) -> None:
    task_id = (await easel.ask()).task_id
    refusal = DrawingError(ErrorCode.CONTENT_POLICY, "The provider refused.", detail="secret")
    await easel.drawing(Painter(failing(refusal)))(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.error_code, last.error, last.attempt) == (
        Status.FAILED,
        ErrorCode.CONTENT_POLICY,
        "The provider refused.",
        1,
    )


async def test_the_last_attempt_fails(easel: Easel) -> None:
    task_id = (await easel.ask(max_attempts=2)).task_id
    draw = easel.drawing(Painter(failing(OVERLOADED)))
    for _ in range(3):
        await draw(task_id)
    history = await easel.history(task_id)
    assert [one.status for one in history] == [
        PENDING,
        GENERATING,
        PENDING,
        GENERATING,
        Status.FAILED,
    ]
    assert history[-1].error_code is ErrorCode.PROVIDER_UNAVAILABLE


async def _nothing(_order: Order, _ticket: Ticket) -> Picture:
    return None  # type: ignore[return-value] # what a defective provider does


async def _no_bytes(_order: Order, _ticket: Ticket) -> Picture:
    return Picture("text", "square")  # type: ignore[arg-type] # what a defective provider does


async def _no_image(_order: Order, _ticket: Ticket) -> Picture:
    return Picture(b"<html>sorry</html>", "square")


async def _cancelled_by_itself(_order: Order, _ticket: Ticket) -> Picture:
    waiting: asyncio.Future[Picture] = asyncio.get_running_loop().create_future()
    waiting.cancel()
    return await waiting


ODD = {
    "a defect": (failing(KeyError("data")), ErrorCode.INTERNAL),
    "a timeout of its own": (failing(TimeoutError("read")), ErrorCode.INTERNAL),
    "a cancellation of its own": (_cancelled_by_itself, ErrorCode.INTERNAL),
    "a group": (failing(ExceptionGroup("many", [ValueError()])), ErrorCode.INTERNAL),
    "nothing": (_nothing, ErrorCode.INTERNAL),
    "no bytes": (_no_bytes, ErrorCode.INVALID_IMAGE),
    "no image": (_no_image, ErrorCode.INVALID_IMAGE),
}


@pytest.mark.parametrize(("draw", "code"), ODD.values(), ids=ODD.keys())
async def test_whatever_a_provider_does_the_status_tells_of_it(
    easel: Easel, draw: "object", code: ErrorCode
) -> None:
    task_id = (await easel.ask(max_attempts=2)).task_id
    drawing = easel.drawing(Painter(draw))  # type: ignore[arg-type] # from a table
    await drawing(task_id)
    assert await easel.statuses(task_id) == [PENDING, GENERATING, PENDING]
    await drawing(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, code)
    assert last.error
    assert "data" not in last.error


async def _endless(_order: Order, _ticket: Ticket) -> Picture:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_provider_that_does_not_finish_is_left(easel: Easel) -> None:
    task_id = (await easel.ask(max_attempts=1)).task_id
    await easel.drawing(Painter(_endless), attempt_seconds=0.1)(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, ErrorCode.PROVIDER_TIMEOUT)
    assert last.error == "The provider did not finish within 0.1 seconds."


async def test_the_deadline_ends_a_drawing(easel: Easel) -> None:
    task_id = (await easel.ask(max_attempts=1, deadline_seconds=0.3)).task_id
    await easel.drawing(Painter(_endless), deadline_seconds=0.3)(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, ErrorCode.DEADLINE_EXCEEDED)


async def test_what_waited_too_long_is_not_drawn(easel: Easel) -> None:
    task_id = (await easel.ask(deadline_seconds=0)).task_id
    painter = Painter(blank)
    await easel.drawing(painter)(task_id)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.previous) == (Status.FAILED, PENDING)
    assert last.error_code is ErrorCode.DEADLINE_EXCEEDED
    assert painter.orders == []


async def test_a_full_disk_is_told_of_and_tried_again(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep, "AGAIN_SECONDS", ())
    task_id = (await easel.ask(max_attempts=2)).task_id
    easel.images = FullDisk()
    draw = easel.drawing(Painter(blank))
    await draw(task_id)
    assert (await easel.history(task_id))[
        -1
    ].last_error == "The finished image could not be stored."
    await draw(task_id)
    assert (await easel.history(task_id))[-1].error_code is ErrorCode.STORAGE_UNAVAILABLE


async def test_an_image_whose_claim_has_run_out_completes_nothing_and_the_log_says_so(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(FolderStore):
        async def put(self, inspected: Inspected) -> None:
            await super().put(inspected)
            async with easel.database.connection() as connection:
                await connection.execute(PASSED)

    monkeypatch.setattr(easel, "images", Slow(easel.folder))
    task_id = (await easel.ask()).task_id
    with capture_logs() as lines:
        await easel.drawing(Painter(blank))(task_id)
    assert await easel.statuses(task_id) == [PENDING, GENERATING]
    (line,) = [line["event"] for line in lines if line["log_level"] == "warning"]
    assert line.endswith("has lost its lease, or the claim of its image has run out")
