"""One child process, seen from the parent."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import Self

from limner.providers.avatar.sitter import Sitter
from limner.providers.avatar.wire import HEADER, READY

_STUDIO = "limner.providers.avatar.studio"
_END_SECONDS = 1.0


class ChildLostError(Exception):
    """The child ended, or spoke what is not the wire's language, before it had answered."""


class Child:
    """A process that runs `studio`: a line goes in, a picture comes out.

    Args:
        process: freshly started, both pipes ours.
    """

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("A child is spoken to through pipes.")
        self._process = process
        self._orders = process.stdin
        self._answers = process.stdout
        self._ready = False

    @classmethod
    async def start(cls) -> Self:
        """Start a process; it needs a moment more until it can paint, see `ready`.

        It gets a session of its own, so that Ctrl-C reaches the program alone, which then decides;
        `-P` keeps the directory one happens to be in from shadowing modules.

        Raises:
            ChildLostError: the system gave no process.
        """
        command = (sys.executable, "-P", "-m", _STUDIO, str(os.getpid()))
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, start_new_session=True
            )
        except OSError as error:
            raise ChildLostError from error
        return cls(process)

    async def ready(self) -> None:
        """Wait until everything is imported.

        Raises:
            ChildLostError: it never got there.
        """
        if not self._ready:
            if await self._read(len(READY)) != READY:
                raise ChildLostError
            self._ready = True

    async def paint(self, sitter: Sitter) -> tuple[bool, bytes]:
        """Whether it was painted, and the PNG; or, if not, why, as text for the log.

        Raises:
            ChildLostError: it died over it.
        """
        await self.ready()
        try:
            self._orders.write(sitter.to_line())
            await self._orders.drain()
        except OSError as error:
            raise ChildLostError from error
        painted, size = HEADER.unpack(await self._read(HEADER.size))
        return painted, await self._read(size)

    async def kill(self) -> None:
        """End it now and wait until it is gone, at most a second."""
        if self._process.returncode is None:
            self._process.kill()
        self._orders.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()

    async def _read(self, size: int) -> bytes:
        try:
            return await self._answers.readexactly(size)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ChildLostError from error
