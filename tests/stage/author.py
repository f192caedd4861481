"""A client that does what authors do: stories, characters, images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from stage.reader import watching

Json = dict[str, Any]


IDLE_SECONDS = 2
"""How long a connection is kept: for less than the server does, which closes it after 5."""


def session_of(address: str) -> aiohttp.ClientSession:
    """A session with the server at this address."""
    return aiohttp.ClientSession(
        address, connector=aiohttp.TCPConnector(keepalive_timeout=IDLE_SECONDS)
    )


@dataclass(frozen=True)
class Author:
    """Talks to one server over its HTTP API."""

    session: aiohttp.ClientSession
    address: str = ""
    """Where the server is, for those who need to be told."""

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> "Answer":
        """One request, its answer read to the end."""
        async with self.session.request(method, path, json=body, headers=headers) as response:
            raw = await response.read()
            return Answer(response.status, response.headers, raw, await _json(response))

    async def plot(self, title: str = "The Cupboard", **more: str) -> str:
        """A new story; its id."""
        answer = await self.ask("POST", "/api/plots", {"title": title, **more})
        assert answer.status == 201, answer
        return str(answer.json["id"])

    async def character(self, plot_id: str, name: str = "Dursley", description: str = "") -> str:
        """A new character; its id."""
        answer = await self.ask(
            "POST",
            f"/api/plots/{plot_id}/characters",
            {"name": name, "description": description},
        )
        assert answer.status == 201, answer
        return str(answer.json["id"])

    async def draw(self, character_id: str, **request: object) -> Json:
        """Ask for an image; the status object of the answer."""
        answer = await self.ask("POST", f"/api/characters/{character_id}/image", request or None)
        assert answer.status in {200, 202}, answer
        return answer.json

    async def status(self, character_id: str) -> Json:
        """Poll once."""
        return (await self.ask("GET", f"/api/characters/{character_id}/image/status")).json

    async def finished(self, character_id: str) -> Json:
        """Follow a character's stream to its end; the final status object."""
        async with watching(self.session, f"/api/characters/{character_id}/image/events") as stream:
            statuses = [event for event in await stream.rest() if event.name == "status"]
        return statuses[-1].json


@dataclass(frozen=True)
class Answer:
    """An answer that was read to the end."""

    status: int
    headers: Mapping[str, str]
    raw: bytes
    json: Json


async def _json(response: aiohttp.ClientResponse) -> Json:
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    value = await response.json(content_type=None)
    return value if isinstance(value, dict) else {"value": value}
