import asyncio
import signal
from pathlib import Path

import pytest
from redis.asyncio import Redis

from limner.domain.errors import StartError
from limner.embedded import ValkeyServer


async def count(url: str) -> int:
    async with Redis.from_url(url) as redis:
        return int(await redis.incr("count"))


async def test_what_was_queued_outlives_stop_and_start(folder: Path) -> None:
    async with ValkeyServer(folder) as valkey:
        url = valkey.url
        assert await count(url) == 1
    async with ValkeyServer(folder) as valkey:
        assert valkey.url == url
        assert await count(url) == 2
        await valkey.restart()
        assert await count(url) == 3


async def test_what_was_queued_outlives_a_kill(folder: Path) -> None:
    async with ValkeyServer(folder) as valkey:
        assert await count(valkey.url) == 1
        watch = asyncio.ensure_future(valkey.wait())
        await valkey.kill()
        assert await watch == -signal.SIGKILL
        await valkey.start()
        assert await count(valkey.url) == 2


@pytest.mark.parametrize("name", ['Zoë\'s "été" $H %41 a\\b?c#d', "x" * 120])
async def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    async with ValkeyServer(tmp_path / name) as valkey:
        assert await count(valkey.url) == 1
        private = valkey.socket.parent
        assert private.stat().st_mode & 0o777 == 0o700
    if not private.is_relative_to(tmp_path):
        private.rmdir()


async def test_a_full_memory_is_an_error_and_drops_nothing(folder: Path) -> None:
    async with ValkeyServer(folder) as valkey, Redis.from_url(valkey.url) as redis:
        assert await redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert await redis.config_get("port") == {"port": "0"}


async def test_a_server_that_dies_at_its_start_says_why(folder: Path) -> None:
    with pytest.raises(StartError, match=r"Valkey ended at its start: .*valkey\.log"):
        await ValkeyServer(folder, {"maxmemory": "a lot"}).start()


async def test_a_server_nobody_holds_any_more_is_ended_for_the_next(folder: Path) -> None:
    async with ValkeyServer(folder) as forgotten:
        assert await count(forgotten.url) == 1
        async with ValkeyServer(folder) as valkey:
            assert forgotten.pid is None
            assert await count(valkey.url) == 2
