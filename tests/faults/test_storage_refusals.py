"""A disk that takes no image: the attempt is lost and made again, and the status tells of it."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from pathlib import Path

import pytest

from faults.story import StartApi, StartWorker, ids, metadata, statuses, until_final
from stage.process import Process
from stage.reader import watching

REASON = "The finished image could not be stored."
Refusal = Callable[[Process, Path], AbstractContextManager[None]]


@contextmanager
def full(worker: Process, _images: Path) -> Iterator[None]:
    """No file of this worker's may have a byte in it."""
    before = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def in_the_way(_worker: Process, images: Path) -> Iterator[None]:
    """Where the folder of the images should be is something else."""
    images.parent.mkdir(parents=True, exist_ok=True)
    images.write_bytes(b"")
    try:
        yield
    finally:
        images.unlink()


REFUSALS = [full, in_the_way]


def _left_behind(images: Path) -> list[Path]:
    return [path for path in images.rglob("*") if path.is_file() and path.parent.name != ".locks"]


@pytest.mark.parametrize("refusing", REFUSALS)
async def test_a_disk_that_takes_images_again_gets_this_one(
    api: StartApi, worker: StartWorker, env: dict[str, str], refusing: Refusal
) -> None:
    images = Path(env["LIMNER_DATA_DIR"]) / "images"
    async with AsyncExitStack() as stack:
        _, author = await stack.enter_async_context(api())
        process = await stack.enter_async_context(worker())
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        with refusing(process, images):
            await author.draw(character_id)
            events = [await stream.next() for _ in range(3)]
            assert (await author.status(character_id))["status"] == "pending"
            assert not _left_behind(images)
        events += await until_final(stream)
        lost = await process.said("Lost the attempt")
        image = await author.ask("GET", str(events[-1].json["image_url"]))
    assert ids(events) == [1, 2, 3, 4, 5]
    assert statuses(events) == ["pending", "generating", "pending", "generating", "completed"]
    assert metadata(events[2])["last_error"] == REASON
    assert metadata(events[-1])["attempt"] == 2
    assert (image.status, image.headers["Content-Type"]) == (200, "image/png")
    assert lost["code"] == "storage_unavailable"
    assert lost["detail"], "an operator is told what the disk said"


@pytest.mark.parametrize("refusing", REFUSALS)
async def test_a_disk_that_goes_on_refusing_fails_the_generation_and_not_the_next(
    api: StartApi, worker: StartWorker, env: dict[str, str], refusing: Refusal
) -> None:
    images = Path(env["LIMNER_DATA_DIR"]) / "images"
    async with AsyncExitStack() as stack:
        _, author = await stack.enter_async_context(api(LIMNER_MAX_ATTEMPTS="2"))
        process = await stack.enter_async_context(worker())
        character_id = await author.character(await author.plot())
        with refusing(process, images):
            await author.draw(character_id)
            final = await author.finished(character_id)
            assert await author.status(character_id) == final
            assert not _left_behind(images)
        assert (final["status"], final["image_url"]) == ("failed", None)
        assert (final["error_code"], final["error"]) == ("storage_unavailable", REASON)
        assert (final["metadata"]["attempt"], final["metadata"]["retryable"]) == (2, True)
        assert final["metadata"]["image"] is None
        await author.draw(character_id)
        assert (await author.finished(character_id))["status"] == "completed"
        assert await process.stop() == 0
