"""Halting at one step, once, until a signal comes: what is built into Limner's own processes."""

import asyncio
import functools
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from limner import log

GO = signal.SIGUSR1
HOLD_FILE = "HOLD_FILE"
"""The variable that names the file that names the step."""

_log = log.get()


class Hold:
    """Where this process halts."""

    def __init__(self, order: Path) -> None:
        self._order = order
        self._go = asyncio.Event()
        self._go_threads = threading.Event()

    def listen(self) -> None:
        """Go on at a signal, from now on."""
        asyncio.get_running_loop().add_signal_handler(GO, self._release)

    async def at(self, step: str) -> None:
        """Wait here, if this is the step; the rest of the process goes on."""
        if self._is_ordered(step):
            self._go.clear()
            _log.warning("Held", step=step)
            await self._go.wait()

    def thread_at(self, step: str) -> None:
        """The same in a thread."""
        if self._is_ordered(step):
            self._go_threads.clear()
            _log.warning("Held", step=step)
            self._go_threads.wait()

    def forever_at(self, step: str) -> None:
        """The whole process waits here, and for nothing but its end."""
        if self._is_ordered(step):
            _log.warning("Held", step=step)
            while True:
                signal.pause()

    def _release(self) -> None:
        self._go.set()
        self._go_threads.set()

    def _is_ordered(self, step: str) -> bool:
        try:
            if self._order.read_text() != step:
                return False
        except FileNotFoundError:
            return False
        self._order.unlink()
        return True


def before(owner: type, name: str, hold: Hold, step: str) -> None:
    """Halt before a method."""
    method = getattr(owner, name)

    @functools.wraps(method)
    async def held(self: object, *args: Any, **values: Any) -> Any:
        await hold.at(step)
        return await method(self, *args, **values)

    put(owner, name, held)


def after(owner: type, name: str, hold: Hold, step: str) -> None:
    """Halt after a method."""
    method = getattr(owner, name)

    @functools.wraps(method)
    async def held(self: object, *args: Any, **values: Any) -> Any:
        outcome = await method(self, *args, **values)
        await hold.at(step)
        return outcome

    put(owner, name, held)


def put(owner: object, name: str, method: Callable[..., object]) -> None:
    """Put a method around the real one in its place."""
    setattr(owner, name, method)
