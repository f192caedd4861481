"""nginx with nchan: one worker process, told by HTTP. It knows no Postgres, so has no snapshot."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.patience import within
from bench.peers import NCHAN, NGINX, MissingPeerError
from bench.stage import Stage
from bench.streams.contender import HEAD, Contender, Served, free_port, started
from limner.domain.transition import Transition, status_object
from limner.encoding import encode

CONF = """
load_module {module};
user root;
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location ~ ^/sub/([a-z0-9-]+)$ {{
      nchan_channel_id $1;
      nchan_subscriber eventsource;
    }}
  }}
  server {{
    listen 127.0.0.1:{publishing};
    keepalive_requests 10000000;
    location ~ ^/pub/([a-z0-9-]+)$ {{
      nchan_channel_id $1;
      nchan_publisher;
    }}
  }}
}}
"""
"""Its buffer of messages is on by default, ten for a channel, which is what loses nothing here."""
PATIENCE_SECONDS = 5.0
HOME = Path("/var/lib/nginx")
"""Debian's nchan puts a folder there at its start, whatever it is configured to do."""


class Publisher:
    """A connection that is kept, with one message at a time on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    async def tell(self, transition: Transition) -> None:
        """Publish the status object to the channel of its plot."""
        body = encode(status_object(transition))
        head = (
            f"POST /pub/{transition.plot_id} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"X-EventSource-Event: status\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        async with self._turn, within(PATIENCE_SECONDS, "nchan answers its publisher"):
            self._writer.write(head.encode() + body)
            answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            assert answer[9:12] in {b"201", b"202"}, answer
            length = int(answer.partition(b"content-length:")[2].split(b"\r", 1)[0])
            await self._reader.readexactly(length)


@asynccontextmanager
async def _serving(stage: Stage) -> AsyncIterator[Served]:
    port = free_port()
    conf = stage.folder / "nginx.conf"
    text = CONF.format(module=NCHAN, folder=stage.folder, port=port, publishing=port + 1)
    conf.write_text(text, encoding="utf-8")
    async with _home(), _running(stage, conf, port) as served:
        yield served


@asynccontextmanager
async def _running(stage: Stage, conf: Path, port: int) -> AsyncIterator[Served]:
    command: list[str | Path] = [NGINX, "-p", stage.folder, "-e", "stderr", "-c", conf]
    async with started(stage, command, port) as pid:
        reader, writer = await asyncio.open_connection("127.0.0.1", port + 1)
        try:
            yield Served(pid, port, Publisher(reader, writer).tell)
        finally:
            writer.transport.abort()


@asynccontextmanager
async def _home() -> AsyncIterator[None]:
    """A place for nchan's folder; it goes again where there was none before."""
    is_there = await asyncio.to_thread(HOME.exists)
    try:
        await asyncio.to_thread(HOME.mkdir, exist_ok=True)
    except PermissionError as error:
        raise MissingPeerError(f"nchan needs {HOME}, which only root can make") from error
    try:
        yield
    finally:
        if not is_there:
            await asyncio.to_thread(shutil.rmtree, HOME)


NCHAN_NGINX = Contender("nginx with nchan", _serving, "/sub/{plot_id}", needs="nchan", until=HEAD)
