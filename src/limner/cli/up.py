"""`limner up`: everything that Limner needs, in one command, for as long as it runs."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack

import aiohttp
from rich.console import Console

from limner import log
from limner.cli.children import Children, environment_of
from limner.embedded import PostgresServer, ValkeyServer, hold
from limner.settings import Settings
from limner.store.migrate import migrate
from limner.web.server import address, listen

READY_SECONDS = 20
"""How long the API may take until it answers for the first time."""
LOOK_SECONDS = 0.02
GRACE_SECONDS = 4
"""How long the worker goes on drawing when all is told to stop."""

_log = log.get()


async def up(settings: Settings) -> None:
    """Start everything, say where it is, and stop all of it on SIGTERM or SIGINT.

    Raises:
        StartError: something is in the way; the sentence says what.
        SchemaError: the database does not fit to this program.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen(settings.host, settings.port))
        database_url, redis_url, servers = await _servers(stack, settings)
        for name in await migrate(database_url):
            _log.info("Applied a migration", name=name)
        children = Children(stop)
        stack.push_async_callback(children.stop)
        for server in servers:
            children.keep_server(server.child.name, server.wait, server.start)
        environment = environment_of(LIMNER_DATABASE_URL=database_url, LIMNER_REDIS_URL=redis_url)
        descriptor = listener.fileno()
        children.keep(
            "api",
            _command("api", "--listen-fd", str(descriptor)),
            environment,
            pass_fds=[descriptor],
        )
        children.keep(
            "worker", _command("worker", "--grace-seconds", str(GRACE_SECONDS)), environment
        )
        where = address(listener)
        if await _is_ready(where, stop):
            Console(highlight=False).print(f"\n  Limner is at [bold]{where}[/bold]\n")
        await children.until_stopped()


async def _servers(
    stack: AsyncExitStack, settings: Settings
) -> tuple[str, str, list[PostgresServer | ValkeyServer]]:
    """The URLs of Postgres and Redis: those of the settings, or of servers started here."""
    database_url, redis_url = settings.database_url, settings.redis_url
    if database_url is None or redis_url is None:
        stack.enter_context(hold(settings.data_dir))
    servers: list[PostgresServer | ValkeyServer] = []
    if database_url is None:
        postgres = PostgresServer(settings.data_dir)
        database_url = postgres.url
        servers.append(postgres)
    if redis_url is None:
        valkey = ValkeyServer(settings.data_dir)
        redis_url = valkey.url
        servers.append(valkey)
    await asyncio.gather(*(stack.enter_async_context(server) for server in servers))
    return database_url, redis_url, servers


async def _is_ready(where: str, stop: asyncio.Event) -> bool:
    """Wait until the API answers, or the whole is to stop."""
    timeout = aiohttp.ClientTimeout(total=2)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for _ in range(int(READY_SECONDS / LOOK_SECONDS)):
            if stop.is_set():
                return False
            try:
                async with session.get(f"{where}/readyz") as answer:
                    if answer.ok:
                        return True
            except (aiohttp.ClientError, TimeoutError) as error:
                _log.debug("The API does not answer yet", why=str(error))
            await asyncio.sleep(LOOK_SECONDS)
    _log.error("The API does not answer", address=where, waited_seconds=READY_SECONDS)
    return False


def _command(*words: str) -> list[str]:
    parent = str(os.getpid())
    return [sys.executable, "-m", "limner.cli", words[0], "--parent", parent, *words[1:]]
