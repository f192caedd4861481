"""From a request to the `generating` event, and from the queue to a worker's start.

Run with `make bench`: it starts its own Postgres, Valkey, API and worker on free ports, with one
request at a time on an otherwise idle machine.
"""

import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
from arq.worker import func
from rich.console import Console
from rich.table import Table

from limner.bus.channels import WAKE
from limner.bus.publish import open_bus
from limner.bus.subscriber import Subscriber
from limner.embedded import PostgresServer, ValkeyServer
from limner.jobs.queue import FUNCTION, QUEUE, connect, deserialize, open_queue, serialize
from limner.store.migrate import migrate
from limner.worker.poller import Poller
from stage.author import Author
from stage.process import running
from stage.reader import Stream, watching

REQUESTS = 50
WARM_UP = 5


async def main() -> None:
    """Measure both, and print them beside what arq does by itself."""
    with tempfile.TemporaryDirectory() as folder:
        async with PostgresServer(Path(folder)) as postgres, ValkeyServer(Path(folder)) as valkey:
            await migrate(postgres.url)
            rows = {
                "POST to `generating` event": await _through_everything(
                    postgres.url, valkey.url, folder
                ),
                "enqueue to start": await _through_the_queue(valkey.url, wake_up=True),
                "enqueue to start, arq's poll alone": await _through_the_queue(
                    valkey.url, wake_up=False
                ),
            }
    table = Table("milliseconds", "median", "p95", "max", "n", title="Latency on an idle machine")
    for name, values in rows.items():
        ordered = sorted(1000 * value for value in values)
        p95 = ordered[int(0.95 * len(ordered))]
        numbers = (statistics.median(ordered), p95, ordered[-1])
        table.add_row(name, *(f"{number:.1f}" for number in numbers), str(len(ordered)))
    Console(width=90).print(table)


async def _through_everything(database_url: str, redis_url: str, folder: str) -> list[float]:
    env = {
        "LIMNER_DATABASE_URL": database_url,
        "LIMNER_REDIS_URL": redis_url,
        "LIMNER_DATA_DIR": folder,
        "LIMNER_PORT": "0",
        "LIMNER_PROVIDER": "blank",
    }
    async with running("api", "--child", env=env) as api, running("worker", env=env) as worker:
        address = str((await api.said("Serving"))["address"])
        await worker.said("Waiting for generations")
        async with aiohttp.ClientSession(address) as session:
            author = Author(session, address)
            plot_id = await author.plot()
            async with watching(session, f"/api/plots/{plot_id}/events") as stream:
                await stream.greeted()
                seconds = [
                    await _one_request(author, plot_id, stream) for _ in range(WARM_UP + REQUESTS)
                ]
    return seconds[WARM_UP:]


async def _one_request(author: Author, plot_id: str, stream: Stream) -> float:
    character_id = await author.character(plot_id)
    began = perf_counter()
    asking = asyncio.create_task(author.draw(character_id))
    await stream.find(lambda event: '"status":"generating"' in event.data)
    seconds = perf_counter() - began
    await asking
    await stream.find(lambda event: '"status":"completed"' in event.data)
    return seconds


async def _through_the_queue(redis_url: str, *, wake_up: bool) -> list[float]:
    started: asyncio.Queue[float] = asyncio.Queue(maxsize=1)

    async def note(_ctx: dict[str, Any], _task_id: str) -> None:
        await started.put(perf_counter())

    seconds = []
    async with (
        _polling(redis_url, note, wake_up=wake_up),
        open_queue(redis_url) as queue,
        open_bus(redis_url) as bus,
    ):
        for number in range(WARM_UP + REQUESTS):
            began = perf_counter()
            await queue.put(f"bench-{wake_up}", number)
            await bus.wake()
            seconds.append(await started.get() - began)
            await asyncio.sleep(0.013 * (number % 40))  # so that no two fall on the same phase
    return seconds[WARM_UP:]


@asynccontextmanager
async def _polling(redis_url: str, job: Any, *, wake_up: bool) -> AsyncIterator[None]:
    wake, deaf = asyncio.Event(), asyncio.Event()
    heard = wake if wake_up else deaf
    subscriber = Subscriber(redis_url, WAKE, on_message=lambda *_: heard.set(), on_gap=lambda: None)
    poller = Poller(
        connect(redis_url, timeout_seconds=5),
        wake,
        functions=[func(job, name=FUNCTION, keep_result=0)],
        queue_name=QUEUE,
        job_serializer=serialize,
        job_deserializer=deserialize,
    )
    tasks = [asyncio.create_task(subscriber.run()), asyncio.create_task(poller.main())]
    await subscriber.is_live.wait()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
