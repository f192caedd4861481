"""A Valkey of our own."""

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from limner.embedded.account import Account, valkey_account
from limner.embedded.binaries import valkey_program
from limner.embedded.folder import make_private
from limner.embedded.ready import valkey_answers
from limner.embedded.server import Server
from limner.embedded.tenancy import Tenancy

_SOCKET = "valkey.sock"
_STOPS = ((signal.SIGTERM, 5.0),)
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    # At most a second of queue is lost to a crash of the machine, and Postgres enqueues it again.
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    # A full queue is an error for who enqueues, never a job that silently disappears.
    "maxmemory-policy": "noeviction",
}


class ValkeyServer(Server):
    """Valkey, with an append-only file.

    Args:
        folder: the data folder.
        settings: more of Valkey's own settings, or other values for ours.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(folder, "Valkey", _SOCKET, _STOPS)
        self._settings = _SETTINGS | dict(settings or {})

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    def _account(self) -> Account:
        return valkey_account(self.place)

    async def _command(self, tenancy: Tenancy) -> list[str | Path]:
        await asyncio.to_thread(make_private, self.place, tenancy.account)
        # Its own folder by a short name: Valkey would take spaces and quotes of a path apart.
        socket = _SOCKET if self.socket.parent == self.place else str(self.socket)
        settings = self._settings | {"dir": ".", "unixsocket": socket}
        words = (word for name, value in settings.items() for word in (f"--{name}", value))
        return [await asyncio.to_thread(valkey_program), *words]

    async def _answers(self) -> bool:
        return await valkey_answers(self.socket)
