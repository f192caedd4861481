"""Images from OpenAI, or from any server that speaks as OpenAI does.

There is no handle to ask for an order by, and nothing that makes sending it twice harmless. So an
order is sent once; only a link to the picture, where the answer has one, is kept.
"""

import asyncio
from typing import Final

import aiohttp

from limner import log
from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.estimate import Estimate
from limner.domain.progress import Progress, Stage
from limner.domain.transition import JsonObject
from limner.providers.base import Order, Picture, Terms, Ticket
from limner.providers.download import Downloader
from limner.providers.http import Answer, calling, read
from limner.providers.openai.checkup import checkup
from limner.providers.openai.complaints import complaint_in, complaint_of, request_told
from limner.providers.openai.event_stream import EventReader, StreamEvent, StreamTooLongError
from limner.providers.openai.findings import Failure, Found, Link, Partial, heard, picture_in
from limner.providers.openai.forms import PARTIAL_IMAGES, form_of, without
from limner.providers.openai.refusals import UnwantedParameterError, error_of
from limner.providers.signs import why_no_picture

ORDER_SECONDS: Final = 600.0
"""As long as OpenAI's own client waits."""
CHECK_SECONDS: Final = 10.0
EVENT_BYTES: Final = 40 * 1024 * 1024
"""The largest picture that is stored, in base64, and the words around it."""
STREAM_BYTES: Final = 4 * EVENT_BYTES
"""As many pictures as a stream may have."""

_SUCCESS: Final = range(200, 300)

_log = log.get()


class OpenAIProvider:
    """Orders pictures from an OpenAI-compatible server.

    Args:
        session: from `open_session`; the caller closes it.
        downloader: for pictures that are given as a URL.
        base_url: where the API is, without a slash at the end: `https://api.openai.com/v1`.
        key: goes to that address only; None or empty: the server wants none.
        model: what is drawn with, where a request names none.
        order_seconds: how long one order may take.
        check_seconds: how long one request of `check` may take.
    """

    name = "openai"
    stated_estimate = Estimate(15, 45)
    """Nobody states one. A quick drawing of a GPT image model takes about as long as the first, a
    careful one the second; after five drawings it is replaced by what they took."""
    terms = Terms(charges=True, is_elsewhere=True)

    def __init__(  # noqa: PLR0913 - each a thing of its own
        self,
        session: aiohttp.ClientSession,
        downloader: Downloader,
        *,
        base_url: str,
        key: str | None,
        model: str,
        order_seconds: float = ORDER_SECONDS,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self.default_model = model
        self._session = session
        self._downloader = downloader
        self._base_url = base_url
        self._key = "".join((key or "").split())  # as it is when it was pasted from two lines
        self._headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._order_seconds = order_seconds
        self._check_seconds = check_seconds

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """Order a picture, or fetch one that was ordered before.

        Raises:
            RefusedError: the server has said that it does not draw this, or was not reached.
            DrawingError: there is no picture, and perhaps one was drawn; or it was drawn, and could
                not be downloaded.
        """
        if ticket.handle is not None:
            return await self._download(Link.of_handle(ticket.handle), order, ticket)
        found = await self._order(order, ticket)
        if isinstance(found, bytes):
            return Picture(found, order.model)
        handle = found.handle()
        if handle is not None:
            await ticket.keep(handle)
        return await self._download(found, order, ticket)

    async def check(self) -> str | None:
        """What keeps it from drawing, and what to do about it; None: nothing that can be seen."""
        return await checkup(
            self._session,
            self._base_url,
            self.default_model,
            headers=self._headers,
            seconds=self._check_seconds,
        )

    async def aclose(self) -> None:
        """Nothing is held: the session is the caller's."""

    async def _order(self, order: Order, ticket: Ticket) -> Found:
        """Send the order; once more without what the server says that it does not take."""
        form = form_of(order)
        while True:
            ticket.report(Progress(Stage.ORDERING))
            await ticket.place()
            try:
                return await self._send(form, order, ticket)
            except UnwantedParameterError as refusal:
                left = without(form, refusal.parameter)
                if left is None:
                    raise
                await ticket.refused()
                _log.info(
                    "Ordering again without what the provider does not take",
                    parameter=refusal.parameter,
                    detail=refusal.detail,
                )
                form = left

    async def _send(self, form: JsonObject, order: Order, ticket: Ticket) -> Found:
        if "stream" not in form:
            # nothing will be heard of it until it is done
            ticket.report(Progress(Stage.DRAWING))
        async with calling(
            self._session,
            "POST",
            f"{self._base_url}/images/generations",
            seconds=self._order_seconds,
            body=form,
            headers=self._headers,
        ) as response:
            if response.status in _SUCCESS:
                ticket.report(Progress(Stage.DRAWING))
                if response.content_type == "text/event-stream":
                    return await self._listen(response, order, ticket)
            answer = await read(response)
        if not answer.is_ok:
            raise error_of(complaint_of(answer, self._key), order.model)
        return await asyncio.to_thread(self._read, answer, order)

    def _read(self, answer: Answer, order: Order) -> Found:
        """The picture of a plain answer."""
        value, where = answer.json_object(), request_told(answer.status, answer.headers)
        if value is None:
            raise _unreadable(complaint_of(answer, self._key).told)
        if value.get("error"):
            raise error_of(complaint_in(value, self._key, where=where), order.model)
        found = picture_in(value)
        if found is None:
            raise _no_picture(where)
        return found

    async def _listen(
        self, response: aiohttp.ClientResponse, order: Order, ticket: Ticket
    ) -> Found:
        """Follow a stream to its picture; what comes after that is of no interest."""
        reader = EventReader(EVENT_BYTES, STREAM_BYTES)
        where = f"{request_told(response.status, response.headers)}, stream"
        try:
            async for chunk in response.content.iter_any():
                for event in reader.feed(chunk):
                    found = await self._hear(event, order, ticket, where)
                    if found is not None:
                        return found
        except StreamTooLongError:
            raise _unreadable(f"{where}: it is too long") from None
        last = reader.finish()
        found = await self._hear(last, order, ticket, where) if last is not None else None
        if found is None:
            raise _no_picture(f"{where}: it ended without a picture")
        return found

    async def _hear(
        self, event: StreamEvent, order: Order, ticket: Ticket, where: str
    ) -> Found | None:
        found = await asyncio.to_thread(heard, event)  # some megabytes of JSON and base64
        if isinstance(found, Failure):
            raise error_of(complaint_in(found.value, self._key, where=where), order.model)
        if not isinstance(found, Partial):
            return found
        # one of two is a third of the way: after the last there is still the picture itself
        done = min(found.index + 1, PARTIAL_IMAGES) / (PARTIAL_IMAGES + 1)
        ticket.report(Progress(Stage.DRAWING, done))
        if why_no_picture(found.data) is None:
            ticket.show(found.data)
        return None

    async def _download(self, link: Link, order: Order, ticket: Ticket) -> Picture:
        ticket.report(Progress(Stage.DOWNLOADING))
        return Picture(await self._downloader.fetch(link.url), order.model)


def _unreadable(detail: str) -> DrawingError:
    return DrawingError(
        ErrorCode.PROVIDER_UNAVAILABLE, "The provider's answer could not be read.", detail=detail
    )


def _no_picture(detail: str) -> DrawingError:
    return DrawingError(
        ErrorCode.PROVIDER_UNAVAILABLE,
        "The provider's answer has no picture in it.",
        detail=detail,
    )
