"""The image server: where it is, how it is asked, and what it says of its work."""

import base64
import json
from typing import Final
from urllib.parse import quote, quote_plus

import aiohttp
from yarl import URL

from limner.domain.errors import DrawingError, ErrorCode, StartError
from limner.domain.transition import JsonObject
from limner.providers.automatic1111.bounds import Bounds
from limner.providers.automatic1111.reading import Job, Task, read_job, read_task
from limner.providers.http import Answer, ask

SETTING: Final = "LIMNER_AUTOMATIC1111_URL"
_NOT_THERE: Final = frozenset({404, 405})
"""What FastAPI and Gradio answer where there is no such route."""


class Server:
    """Asks one server, with its user and password where it has them.

    Args:
        session: from `http.open_session`.
        base_url: where it is; may hold `user:password@`, which goes into a header and nowhere else.
        bounds: how long it is waited for.

    Raises:
        StartError: that is no URL.
    """

    def __init__(self, session: aiohttp.ClientSession, base_url: str, bounds: Bounds) -> None:
        try:
            url = URL(base_url)
            host = url.host
        except ValueError:
            host = None
        if not host:
            # yarl's own words hold the password
            raise StartError(f"{SETTING} is no URL that can be asked.") from None
        self.bounds = bounds
        self._session = session
        self.url = str(url.with_user(None)).rstrip("/")
        """Without user and password."""
        self._headers: dict[str, str] = {}
        self._secrets: tuple[str, ...] = ()
        if url.user is not None or url.password is not None:
            pair = f"{url.user or ''}:{url.password or ''}"
            token = base64.b64encode(pair.encode()).decode()
            self._headers["Authorization"] = f"Basic {token}"  # RFC 7617
            self._secrets = (token, *_spellings(url.password or ""), url.raw_password or "")

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: JsonObject | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """Send one request and read its answer, whatever it says.

        Args:
            method: GET or POST.
            path: begins with a slash.
            body: sent as JSON.
            seconds: how long that may take; None: as long as a look.

        Raises:
            RefusedError, DrawingError: there is none, as `http.ask`.
        """
        return await ask(
            self._session,
            method,
            f"{self.url}{path}",
            seconds=self.bounds.look_seconds if seconds is None else seconds,
            body=body,
            headers=self._headers,
        )

    def told(self, answer: Answer) -> str:
        """What an answer says, for the log."""
        return answer.told(*self._secrets)

    async def task(self, task: str, *, preview: int | None) -> Task | None:
        """How far one task is. None: this server does not tell of single tasks.

        Args:
            task: the id that its order was sent with.
            preview: the number of the newest picture that is known, -1 at first; None: no picture
                is wanted.

        Raises:
            DrawingError: it does not say.
        """
        body: JsonObject = {
            "id_task": task,
            "id_live_preview": -1 if preview is None else preview,
            "live_preview": preview is not None,
        }
        answer = await self.ask("POST", "/internal/progress", body=body)
        if answer.status in _NOT_THERE:
            return None
        return read_task(self._object(answer))

    async def job(self) -> Job:
        """What the server draws, whoever ordered it; without its picture, which is theirs.

        Raises:
            DrawingError: it does not say.
        """
        answer = await self.ask("GET", "/sdapi/v1/progress?skip_current_image=true")
        return read_job(self._object(answer))

    async def interrupt(self) -> None:
        """End the job that is being drawn, whoever ordered it.

        Raises:
            DrawingError: it was not told to.
        """
        self._object(await self.ask("POST", "/sdapi/v1/interrupt"))

    def _object(self, answer: Answer) -> JsonObject:
        value = answer.json_object() if answer.is_ok else None
        if value is None:
            raise DrawingError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "The image server does not say how far it is.",
                detail=self.told(answer),
            )
        return value


def _spellings(password: str) -> list[str]:
    """A password as it is, and as it looks in JSON and in URLs; the longest first."""
    in_json = [json.dumps(password, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
    in_urls = [quote(password, safe=""), quote_plus(password)]
    return sorted({password, *in_json, *in_urls}, key=len, reverse=True)
