"""Asking ModelsLab for an order that it has taken, until the picture is there."""

import asyncio
import re
from http import HTTPStatus
from typing import Final

import aiohttp

from limner import log
from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.progress import Progress, Stage
from limner.providers.base import Report
from limner.providers.http import Answer, ask
from limner.providers.modelslab.bounds import Bounds
from limner.providers.modelslab.handle import Handle
from limner.providers.modelslab.places import Places
from limner.providers.modelslab.refusals import code_of, refusal, sentence
from limner.providers.modelslab.replies import Reply, read_reply, retry_after

_NO_SUCH_PLACE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
_ASK_AGAIN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_SERVER_ERRORS: Final = 500
_PASSING: Final = frozenset({ErrorCode.PROVIDER_RATE_LIMITED, ErrorCode.PROVIDER_UNAVAILABLE})
"""Troubles of whoever was asked, which the next question may not meet."""
_NOT_TOLD: Final = frozenset({ErrorCode.PROVIDER_UNAUTHORIZED, ErrorCode.PROVIDER_QUOTA})
"""Reasons to tell this account nothing, which say as little of what it has ordered before."""
_UNKNOWN_ORDER: Final = re.compile(
    r"^(?!.*\bmodel\b).*("
    r"\b(request|order|image|generation)( id)? (was |is )?(not found|invalid|unknown|expired)"
    r"|\b(request|order|image|generation)( id)? (does not|doesn't) exist"
    r"|\b(invalid|unknown) (request|order|generation) id\b|\bno such (request|order)\b)",
    re.IGNORECASE,
)

_log = log.get()


class Following:
    """Asks for one order.

    Args:
        session: from `open_session`.
        places: where to ask.
        key: of the account.
        bounds: how long and how often.
        model: that draws, for sentences.
    """

    def __init__(
        self, session: aiohttp.ClientSession, places: Places, key: str, bounds: Bounds, model: str
    ) -> None:
        self._session = session
        self._places = places
        self._key = key
        self._bounds = bounds
        self._model = model
        self._unknown_times = 0
        self._due: float | None = None
        """When ModelsLab expects to be done, by the event loop's clock."""
        self._wait_seconds = 0.0
        """How long it wants not to be asked."""

    async def until_done(self, handle: Handle, eta_seconds: float | None, report: Report) -> Reply:
        """Ask, with pauses that grow, until ModelsLab says how it ended.

        A question that fails is put again, for as long as the caller lets this run: the order is
        taken, and asking costs nothing.

        Args:
            handle: the order.
            eta_seconds: until it is done, as ModelsLab expected; the first question waits for it.
            report: hears of what it expects.

        Raises:
            RefusedError: it says that the order has failed, or will not be drawn as it stands.
            DrawingError: it no longer knows the order, or does not tell this account of it.
        """
        urls = self._places.fetches(handle)
        if not urls:
            raise DrawingError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "ModelsLab took the order and did not say how to ask for it.",
            )
        self._expect(eta_seconds)
        pause_seconds = self._bounds.first_pause_seconds
        while True:
            left_seconds = self._left_seconds()
            report(Progress(Stage.DRAWING, eta_seconds=left_seconds))
            expected_seconds = min(left_seconds or 0.0, self._bounds.longest_eta_seconds)
            await asyncio.sleep(max(pause_seconds, expected_seconds, self._wait_seconds))
            pause_seconds = min(pause_seconds * 2, self._bounds.longest_pause_seconds)
            self._wait_seconds = 0.0
            reply = await self._asked(urls, handle)
            if reply is not None:
                return reply

    def _expect(self, eta_seconds: float | None) -> None:
        now = asyncio.get_running_loop().time()
        self._due = None if eta_seconds is None else now + eta_seconds

    def _left_seconds(self) -> float | None:
        """Until it is done as ModelsLab expects; None once it has been wrong, or has not said."""
        if self._due is None:
            return None
        left_seconds = self._due - asyncio.get_running_loop().time()
        return left_seconds if left_seconds > 0 else None

    async def _asked(self, urls: list[str], handle: Handle) -> Reply | None:
        """One question; the picture, or None if there is none yet."""
        try:
            answer = await self._answer(urls)
        except DrawingError as error:  # refused too: nobody was there to refuse the order itself
            _will_ask_again(handle, error.detail)
            return None
        reply = read_reply(answer, self._key)
        if _is_unknown(answer, reply):
            self._count_unknown(handle, answer)
            return None
        self._unknown_times = 0
        if reply is None or _is_about_asking(answer, reply):
            _will_ask_again(handle, answer.told(self._key))
            self._wait_seconds = retry_after(answer) or 0.0
            return None
        if reply.is_failed:
            raise self._end(reply)
        self._expect(reply.eta_seconds)
        return reply if reply.is_done else None

    async def _answer(self, urls: list[str]) -> Answer:
        """The answer of the first place that there is, which is the first one asked from now on."""
        body = {"key": self._key}
        for n, url in enumerate(urls):
            answer = await ask(
                self._session, "POST", url, seconds=self._bounds.fetch_seconds, body=dict(body)
            )
            if answer.status not in _NO_SUCH_PLACE:
                urls.insert(0, urls.pop(n))
                break
        return answer

    def _count_unknown(self, handle: Handle, answer: Answer) -> None:
        """Bear with it for some questions, and then no longer.

        That it does not know an order says nothing about whether it was drawn and paid for.
        """
        self._unknown_times += 1
        if self._unknown_times >= self._bounds.unknown_times:
            raise DrawingError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "ModelsLab took the order and does not know of it any more.",
                detail=f"order {handle.id}: {answer.told(self._key)}",
            )
        _will_ask_again(handle, answer.told(self._key))

    def _end(self, reply: Reply) -> DrawingError:
        """How the order ended, or why it can't be asked for."""
        code = code_of(reply)
        if not reply.is_over and code in _NOT_TOLD:
            # the order itself may be drawn by now, and paid for
            return DrawingError(code, sentence(code, self._model), detail=reply.told)
        return refusal(reply, self._model)


def _is_unknown(answer: Answer, reply: Reply | None) -> bool:
    if answer.status in _NO_SUCH_PLACE:
        return True
    if reply is None or reply.is_over or not reply.is_failed:
        return False
    return _UNKNOWN_ORDER.search(reply.words) is not None


def _is_about_asking(answer: Answer, reply: Reply) -> bool:
    """Whether a failure is one of the question, and says nothing of the order.

    ModelsLab goes on drawing meanwhile: that an order has failed it says with a word of its own.
    """
    if reply.is_over or not reply.is_failed:
        return False
    if answer.status in _ASK_AGAIN or answer.status >= _SERVER_ERRORS:
        return True
    code = code_of(reply)
    if code is ErrorCode.PROVIDER_UNAUTHORIZED:
        return False
    return code in _PASSING or not reply.has_status


def _will_ask_again(handle: Handle, why: str) -> None:
    _log.warning("Will ask ModelsLab again for an order", order=handle.id, why=why)
