"""One process of ours: started through `launch`, logged to a file, and ended in bounded time."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from limner import log
from limner.domain.errors import StartError
from limner.embedded import launch
from limner.embedded.folder import open_file, telling
from limner.embedded.tenancy import Tenancy

_LOG_BYTES = 4 * 2**20
"""A log larger than this at a start is put aside as `….1`, in place of the one before."""
_COMPLAINT = re.compile(r"\b(FATAL|PANIC|ERROR|error|Fatal)\b")
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that a server sees of our environment, and what our Python, which launches it, may need.
A key, a PGOPTIONS or a locale of the user's is not its business."""

_log = log.get()


@dataclass
class Child:
    """A program that is run once at a time, and again and again.

    It leads a session of its own, so that a terminal's Ctrl-C reaches us alone and the order in
    which we stop things holds. When we are killed, the kernel sends it the first of `stops`; that
    is bound to the thread which starts it, so start it from one that lives as long as we do.
    (Only Linux can: on macOS a killed Limner leaves its servers, and the next start says so.)
    """

    name: str
    log_path: Path
    stops: Sequence[tuple[signal.Signals, float]]
    """The signals that ask it to end, each with the seconds it is given; SIGKILL comes after."""
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _log_start: int = field(default=0, init=False)

    async def start(
        self,
        command: Sequence[str | Path],
        tenancy: Tenancy,
        *,
        stdin: int = asyncio.subprocess.DEVNULL,
    ) -> None:
        """Start it. Whether it lives is for the caller to see.

        Args:
            command: the program's path and its arguments.
            tenancy: where, and whom to run as.
            stdin: an open file that it reads from.

        Raises:
            StartError: there is no room for a log, or for a process.
        """
        output = await asyncio.to_thread(self._open_log)
        account = tenancy.account
        numbers = (os.getpid(), self.stops[0][0], account.uid, account.gid, account.passes)
        self._process = None
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", launch.__file__),
                *(str(int(number)) for number in numbers),
                tenancy.folder,
                *command,
                cwd=tenancy.folder,
                env=_ENVIRONMENT
                | {name: os.environ[name] for name in _INHERITED if name in os.environ},
                stdin=stdin,
                stdout=output,
                stderr=output,
                pass_fds=(tenancy.lock,),
                start_new_session=True,
            )
        except OSError as error:
            raise StartError(f"{self.name} can't be started ({error.strerror}).") from error
        finally:
            os.close(output)

    def _open_log(self) -> int:
        with telling(self.log_path), suppress(FileNotFoundError):
            if self.log_path.stat().st_size > _LOG_BYTES:
                self.log_path.replace(f"{self.log_path}.1")
        output = open_file(self.log_path, os.O_WRONLY | os.O_APPEND)
        self._log_start = os.fstat(output).st_size
        return output

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process and self.running else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def wait(self) -> int:
        """Wait for its end; the exit code is negative for a signal, and 0 if it never ran."""
        return await self._process.wait() if self._process else 0

    async def stop(self) -> None:
        """End it: by asking, then by SIGKILL. A caller who is cancelled meanwhile kills it."""
        for signum, seconds in self.stops:
            if not self._send(signum):
                return
            try:
                async with asyncio.timeout(seconds):
                    await self.wait()
            except TimeoutError:
                _log.warning(
                    "server is slow to stop", server=self.name, pid=self.pid, asked_by=signum.name
                )
            except asyncio.CancelledError:
                await self.kill()
                raise
        await self.kill()

    async def kill(self) -> None:
        """End it by SIGKILL, as a crash of the machine would."""
        if self._send(signal.SIGKILL):
            await self.wait()

    def _send(self, signum: signal.Signals) -> bool:
        """Whether it was there to be sent to."""
        if not self._process or not self.running:
            return False
        with suppress(ProcessLookupError):
            self._process.send_signal(signum)
        return True

    async def failure(self, deed: str) -> StartError:
        """Why it ended, or did not get ready, from its own last words.

        Args:
            deed: what it did, as "ended at its start".
        """
        words = await asyncio.to_thread(self._last_words)
        return StartError(f"{self.name} {deed}: {words} (Its log: {self.log_path})")

    def _last_words(self) -> str:
        """The last line of this run that complains, else its last line."""
        with telling(self.log_path), self.log_path.open(errors="replace") as output:
            output.seek(self._log_start)
            lines = [line.strip() for line in output if line.strip()]
        complaints = [line for line in lines if _COMPLAINT.search(line)]
        return (complaints or lines or ["it said nothing."])[-1]
