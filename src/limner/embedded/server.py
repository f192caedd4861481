"""What our two servers have in common: a folder, a socket, a child, and a life."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from signal import Signals
from types import TracebackType
from typing import Self

from limner.domain.errors import StartError
from limner.embedded.account import Account
from limner.embedded.child import Child
from limner.embedded.folder import claim, make_private
from limner.embedded.ready import until_ready
from limner.embedded.sockets import socket_path
from limner.embedded.tenancy import Tenancy, occupy


class Server(ABC):
    """A server on a data folder of ours, as a child process; `async with` starts and stops it.

    Hold the folder while it runs (`hold`). Between a stop, or a kill, and the next start of the
    same folder its URL stays as it is.

    Args:
        folder: the data folder.
        name: as a person writes it; in small letters, its own folder and its log in `folder`.
        socket: the name of its socket.
        stops: the signals that ask it to end, each with the seconds it is given.
    """

    def __init__(
        self, folder: Path, name: str, socket: str, stops: Sequence[tuple[Signals, float]]
    ) -> None:
        self.folder = folder.absolute()
        self.place = self.folder / name.lower()
        self.socket = socket_path(self.place, socket)
        self.child = Child(name, self.folder / f"{name.lower()}.log", stops)

    @property
    @abstractmethod
    def url(self) -> str:
        """What a client needs, and all that it needs."""

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self.child.pid

    @property
    def log_path(self) -> Path:
        """What it says. A long one is put aside at a start, and at no other time."""
        return self.child.log_path

    async def start(self) -> None:
        """Start it, on an event loop that lives as long as it; return once it answers.

        Raises:
            StartError: it can't, and why.
        """
        if self.child.running:
            raise StartError(f"{self.child.name} is running already (pid {self.pid}).")
        account = await asyncio.to_thread(self._prepare)
        try:
            async with occupy(self.place, account) as tenancy:
                await self.child.start(await self._command(tenancy), tenancy)
            await until_ready(self.child, self._answers)
        except BaseException:
            await self.stop()
            raise

    def _prepare(self) -> Account:
        claim(self.folder)
        account = self._account()
        if self.socket.parent != self.place:
            make_private(self.socket.parent, account)
        return account

    @abstractmethod
    def _account(self) -> Account:
        """Whom it runs as, in a data folder that is there."""

    @abstractmethod
    async def _command(self, tenancy: Tenancy) -> list[str | Path]:
        """Make what it needs in its folder, where nobody else is now; then, what to run."""

    @abstractmethod
    async def _answers(self) -> bool:
        """Whether it takes clients now."""

    async def wait(self) -> int:
        """Wait for its end, wanted or not; the exit code, negative for a signal."""
        return await self.child.wait()

    async def stop(self) -> None:
        """End it in a few seconds, with everything written. It may have ended already."""
        await self.child.stop()

    async def kill(self) -> None:
        """End it by SIGKILL, as a crash would."""
        await self.child.kill()

    async def restart(self) -> None:
        """Stop it and start it again.

        Raises:
            StartError: it can't start, and why.
        """
        await self.stop()
        await self.start()

    async def failure(self) -> StartError:
        """Why it ended by itself, in its own last words; for whoever waited and did not stop it."""
        return await self.child.failure("ended by itself")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
