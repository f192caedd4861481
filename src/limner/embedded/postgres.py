"""A Postgres of our own."""

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from limner.embedded import cluster
from limner.embedded.account import Account, postgres_account
from limner.embedded.binaries import postgres_program
from limner.embedded.folder import telling
from limner.embedded.ready import postgres_answers
from limner.embedded.server import Server
from limner.embedded.tenancy import Tenancy

_SOCKET = ".s.PGSQL.5432"
"""The name is Postgres's, made from a port that nobody listens on."""
_STOPS = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0))
"""First fast (clients are dropped, all is written), then immediate (recovers at the next start)."""
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A neighbour on a developer's machine, not the master of a server.
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    "max_logical_replication_workers": "0",
    "jit": "off",
    # Files in the data folder, not in /dev/shm: they go with it, and a container's is small.
    "dynamic_shared_memory_type": "mmap",
    "log_checkpoints": "off",
}


class PostgresServer(Server):
    """Postgres, with the database and the role `limner`.

    Args:
        folder: the data folder.
        settings: more of Postgres's own settings, or other values for ours.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(folder, "Postgres", _SOCKET, _STOPS)
        self._settings = _SETTINGS | dict(settings or {})

    @property
    def url(self) -> str:
        return f"postgresql://limner@/limner?host={quote(str(self.socket.parent))}"

    def _account(self) -> Account:
        return postgres_account(self.place)

    async def _command(self, tenancy: Tenancy) -> list[str | Path]:
        durable = self._settings.get("fsync") != "off"
        await cluster.ensure(tenancy, self.log_path, durable=durable)
        await asyncio.to_thread(self._remove_locks)
        # Its own folder by a short name: so no letter of the path needs quoting in the list.
        at_home = self.socket.parent == self.place
        sockets = "." if at_home else f'"{self.socket.parent}"'
        settings = self._settings | {"unix_socket_directories": sockets}
        words = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        program = await asyncio.to_thread(postgres_program, "postgres")
        return [program, "-D", self.place, *words]

    def _remove_locks(self) -> None:
        """What a Postgres that was killed leaves, and what may bar the next one.

        It takes a lock file for stale only if the pid in it is free; in a container that was
        killed and started again it usually is not. We know better: we have the tenancy.
        """
        for lock in (self.place / "postmaster.pid", self.socket, Path(f"{self.socket}.lock")):
            with telling(lock):
                lock.unlink(missing_ok=True)

    async def _answers(self) -> bool:
        return await postgres_answers(self.place, self.socket)
