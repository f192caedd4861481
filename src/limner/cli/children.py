"""The processes that `limner up` keeps alive: each is started again when it dies."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from limner import log
from limner.domain.errors import StartError

BACKOFF_SECONDS = (0.2, 5.0)
"""The first and the longest wait before a process is started again."""
STEADY_SECONDS = 10.0
"""A process that lived so long starts with the first wait again."""
STOP_SECONDS = 6.0
"""How long children may take to stop before they are killed."""
WRONG_USE = 2

_log = log.get()


class Children:
    """Starts processes and keeps them.

    Args:
        stop: set when the whole is to stop; set here when a child says that it can't ever start.
    """

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._hopeless: StartError | None = None

    def keep(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        pass_fds: Sequence[int] = (),
    ) -> None:
        """Run a command, and again when it ends.

        Only at its first start it may say that it can't: later on what it misses is down as well,
        and comes back.
        """
        is_first = True

        async def live() -> None:
            nonlocal is_first
            process = await asyncio.create_subprocess_exec(
                *command, env=environment, pass_fds=pass_fds, stdin=asyncio.subprocess.DEVNULL
            )
            self._running[name] = process
            code = await process.wait()
            if self._stop.is_set():
                return
            if code == WRONG_USE and is_first:  # it has said why
                self._give_up(StartError(f"{name} could not start."))
            else:
                _log.error("A process died and is started again", process=name, exit_code=code)
            is_first = False

        self._keep(name, live)

    def keep_server(
        self, name: str, wait: Callable[[], Awaitable[int]], start: Callable[[], Awaitable[None]]
    ) -> None:
        """Start a server that runs already again when it ends."""

        async def live() -> None:
            code = await wait()
            if self._stop.is_set():
                return
            _log.error("A server died and is started again", server=name, exit_code=code)
            try:
                await start()
            except StartError as error:
                _log.error("It did not start", server=name, why=str(error))

        self._keep(name, live)

    async def until_stopped(self) -> None:
        """Wait until the whole is to stop.

        Raises:
            StartError: because a child can't ever start.
        """
        await self._stop.wait()
        if self._hopeless is not None:
            raise self._hopeless

    async def stop(self) -> None:
        """Stop them all, at once, by asking and then by force."""
        self._stop.set()
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.terminate()
        waiting = [asyncio.create_task(process.wait()) for process in self._running.values()]
        if waiting:
            await asyncio.wait(waiting, timeout=STOP_SECONDS)
        for name, process in self._running.items():
            if process.returncode is None:
                _log.warning("A process did not stop in time and is killed", process=name)
                with suppress(ProcessLookupError):
                    process.kill()
        await asyncio.gather(*waiting)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    def _keep(self, name: str, live: Callable[[], Awaitable[None]]) -> None:
        async def again_and_again() -> None:
            loop = asyncio.get_running_loop()
            shortest, longest = BACKOFF_SECONDS
            wait_seconds = shortest
            while not self._stop.is_set():
                began = loop.time()
                await live()
                if loop.time() - began > STEADY_SECONDS:
                    wait_seconds = shortest
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_seconds):
                        await self._stop.wait()
                wait_seconds = min(2 * wait_seconds, longest)

        self._keepers.append(asyncio.create_task(again_and_again(), name=f"keep {name}"))

    def _give_up(self, reason: StartError) -> None:
        self._hopeless = reason
        self._stop.set()


def environment_of(**settings: str) -> dict[str, str]:
    """This process's environment with some variables in place of what they were."""
    return {**os.environ, **settings}
