"""Worker processes, as an operator runs them."""

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from uuid import uuid4

from limner.jobs.queue import open_queue
from stage.author import Author
from stage.process import Process
from stage.reader import watching
from worker.start import drawn, hasty, started

StartApi = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
StartWorker = Callable[..., AbstractAsyncContextManager[Process]]


async def test_an_operator_can_follow_a_drawing_from_line_to_line(
    author: Author, worker: StartWorker, tmp_path: Path
) -> None:
    async with worker() as process:
        character_id = await author.character(await author.plot(), "Dursley")
        task_id = (await author.draw(character_id))["task_id"]
        done = await process.said("Done")
        assert (
            done.items()
            >= {
                "character": "Dursley",
                "task_id": task_id,
                "attempt": 1,
                "level": "info",
            }.items()
        )
        assert float(str(done["seconds"])) < 10
        lines = [line for line in process.lines if line.get("task_id") == task_id]
        assert [line["event"] for line in lines] == [
            "Starting generation for Dursley",
            "Status moved: pending → generating",
            "Generating image with model: square",
            "Stored the image",
            "Status moved: generating → completed",
            "Done",
        ]
        assert all("timestamp" in line for line in lines)
        (tmp_path / "data" / "images").rename(tmp_path / "away")
        (tmp_path / "data" / "images").write_text("in the way")
        other = await author.character(await author.plot(), "Petunia")
        await author.draw(other)
        lost = await process.said("Lost the attempt", character="Petunia")
        assert lost["code"] == "storage_unavailable"
        assert lost["why"] == "The finished image could not be stored."
        assert lost["level"] == "warning"
        status = await author.status(other)
        assert status["metadata"]["last_error"] == lost["why"]


async def test_a_drawing_that_failed_says_why(
    api: StartApi, worker: StartWorker, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "images").write_text("in the way")
    async with api(LIMNER_MAX_ATTEMPTS="1") as (_, author), worker() as process:
        character_id = await author.character(await author.plot(), "Petunia")
        (final,) = await drawn(author, character_id)
        failed = await process.said("Failed", character="Petunia")
    assert (final["status"], final["error_code"]) == ("failed", "storage_unavailable")
    assert failed["level"] == "error"
    assert failed["why"] == final["error"]
    assert "in the way" not in str(final)
    assert failed["detail"]


async def test_two_at_once_stay_apart(author: Author, worker: StartWorker) -> None:
    async with worker(LIMNER_AVATAR_SECONDS="0.2"):
        plot_id = await author.plot()
        pair = [
            await author.character(plot_id, "Vernon", "a stout man with a moustache"),
            await author.character(plot_id, "Petunia", "a thin blonde woman"),
        ]
        for character_id in pair:
            await author.draw(character_id, provider="avatar")
        finals = await asyncio.gather(*(author.finished(one) for one in pair))
    assert [final["character_id"] for final in finals] == pair
    assert [final["status"] for final in finals] == ["completed", "completed"]
    assert finals[0]["task_id"] != finals[1]["task_id"]
    assert finals[0]["image_url"] != finals[1]["image_url"]
    assert "moustache" in str(finals[0]["metadata"])
    assert "blonde" in str(finals[1]["metadata"])


async def test_ten_at_once_are_all_drawn_also_by_two_workers(
    author: Author, worker: StartWorker
) -> None:
    async with worker() as first, worker() as second:
        plot_id = await author.plot()
        cast = [await author.character(plot_id, f"Mara {number}") for number in range(10)]
        finals = await drawn(author, *cast)
        assert {str(final["status"]) for final in finals} == {"completed"}
        plot = (await author.ask("GET", f"/api/plots/{plot_id}")).json
        assert plot["seq"] == 30, "none was drawn twice"
    ours = sorted(str(final["task_id"]) for final in finals)
    began = [  # their logs are read to the end
        str(line["task_id"])
        for process in (first, second)
        for line in process.lines
        if str(line["event"]).startswith("Starting generation")
    ]
    # what another test has left waiting may be drawn as well
    assert sorted(task_id for task_id in began if task_id in ours) == ours


async def test_a_job_starts_at_once(author: Author, worker: StartWorker) -> None:
    async with worker() as process:
        waited = []
        for number in range(5):
            name = f"Mara {number}"
            await drawn(author, await author.character(await author.plot(), name))
            line = await process.said(f"Starting generation for {name}")
            waited.append(float(str(line["since_request"])))
    assert sorted(waited)[2] < 0.1, "arq alone looks every half second"


async def test_jobs_that_mean_nothing_are_put_aside(
    author: Author, worker: StartWorker, redis_url: str
) -> None:
    async with worker() as process, open_queue(redis_url) as queue:
        for nonsense in (str(uuid4()), "no id", ""):
            assert await queue.put(nonsense, 1)
        (final,) = await drawn(author, await author.character(await author.plot()))
        assert final["status"] == "completed"
        assert await queue.put(str(final["task_id"]), 7)
        (again,) = await drawn(author, await author.character(await author.plot()))
        assert again["status"] == "completed"
        assert await process.stop() == 0


async def test_a_worker_told_to_stop_returns_what_it_draws_and_another_completes_it(
    author: Author, worker: StartWorker, env: dict[str, str]
) -> None:
    character_id = await author.character(await author.plot())
    async with watching(author.session, f"/api/characters/{character_id}/image/events") as stream:
        async with hasty(env, LIMNER_AVATAR_SECONDS="600") as process:
            await author.draw(character_id, provider="avatar")
            await process.said("Generating image with model")
            process.send(signal.SIGTERM)
            async with asyncio.timeout(5):
                assert await process.ended() == 0
        async with worker(LIMNER_AVATAR_SECONDS="0.1") as second:
            events = [event.json for event in await stream.rest() if event.own_id]
            await second.said("Done", attempt=2)
    assert [event["status"] for event in events] == [
        "pending",
        "generating",
        "pending",
        "generating",
        "completed",
    ]
    reason = events[2]["metadata"]["last_error"]  # type: ignore[index] # any JSON
    assert reason == "The worker was stopped while drawing."


async def test_a_worker_told_to_stop_finishes_what_takes_less_than_its_grace(
    author: Author, worker: StartWorker, env: dict[str, str]
) -> None:
    async with worker(LIMNER_AVATAR_SECONDS="0.8") as process:
        character_id = await author.character(await author.plot())
        await author.draw(character_id, provider="avatar")
        await process.said("Generating image with model")
        process.send(signal.SIGTERM)
        assert await process.ended() == 0
        final = await author.status(character_id)
    assert (final["status"], final["metadata"]["attempt"]) == ("completed", 1)


async def test_arq_itself_runs_a_worker(author: Author, env: dict[str, str]) -> None:
    command = [str(Path(sys.executable).parent / "arq"), "limner.worker.WorkerSettings"]
    async with started(*command, env=env) as process:
        (final,) = await drawn(author, await author.character(await author.plot()))
        await process.said("Done")
        assert await process.stop() == 0
    assert final["status"] == "completed"
