"""The provider called `automatic1111`: orders, waits, lets it be watched, and stops the drawing."""

import asyncio
from typing import Final
from uuid import uuid4

import aiohttp

from limner import log
from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.estimate import Estimate
from limner.domain.progress import Progress, Stage
from limner.providers.automatic1111.bounds import BOUNDS, Bounds
from limner.providers.automatic1111.checkpoints import named, read_checkpoints
from limner.providers.automatic1111.order import txt2img
from limner.providers.automatic1111.reading import Drawn, decode, read_drawn
from limner.providers.automatic1111.refusals import NO_API, NOT_LET_IN, no_such_model, refusal
from limner.providers.automatic1111.server import SETTING, Server
from limner.providers.automatic1111.watch import Watcher, watching
from limner.providers.base import Order, Picture, Terms, Ticket
from limner.providers.http import Answer

ORDERS_AT_ONCE: Final = 2
"""It draws one at a time. The next one stands ready; the others wait where they are seen to wait,
and where the time that one drawing may take does not run."""
_CHECKPOINTS: Final = "/sdapi/v1/sd-models"

_log = log.get()


class Automatic1111Provider:
    """Draws on AUTOMATIC1111's web UI or a fork of it, such as Forge.

    It charges nothing, so an attempt that is lost is simply drawn again: no order is ever placed or
    kept, and no handle is looked at.

    Args:
        session: from `http.open_session`; whoever opened it closes it, after `aclose`.
        base_url: where the server is; may hold `user:password@`.
        bounds: how long the server is waited for.

    Raises:
        StartError: the address is none.
    """

    name = "automatic1111"
    default_model = "default"
    """Whichever checkpoint the server has loaded: nobody here chooses for whoever runs it."""
    stated_estimate = Estimate(10.0, 40.0)
    """30 steps at 512 by 768 are some 3 s on a large card and half a minute on a small one, and
    nobody here knows which it is: a guess until five drawings were seen, between the two, and the
    server tells its progress anyway."""
    terms = Terms(is_elsewhere=True, orders_at_once=ORDERS_AT_ONCE)

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, *, bounds: Bounds = BOUNDS
    ) -> None:
        self._server = Server(session, base_url, bounds)
        self._bounds = bounds
        self._orders = 0
        self._farewells: set[asyncio.Task[None]] = set()

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """Draw one picture. Cancelling drops the order at once, and stops it soon after.

        Raises:
            RefusedError, DrawingError: as `http.ask` and `refusals.refusal`; besides,
                `invalid_image`: what came is no base64.
        """
        ticket.report(Progress(Stage.ORDERING))
        checkpoint = await self._checkpoint(order.model)
        # of this attempt alone: the server may still know, or draw, the one before it
        task = f"task(limner-{order.task_id}-{uuid4().hex[:8]})"
        self._orders += 1
        try:
            watcher = Watcher(self._server, task, ticket, self._is_alone)
            await watcher.look_before()
            answer = await self._send(order, checkpoint, watcher)
        finally:
            self._orders -= 1
        return await self._picture(answer, order.model)

    async def check(self) -> str | None:
        """What keeps it from drawing and what to do about it, in a sentence; None: nothing."""
        url = self._server.url
        try:
            answer = await self._server.ask("GET", _CHECKPOINTS)
        except DrawingError as error:
            reason = "can't be reached" if isinstance(error, RefusedError) else "does not answer"
            return f"The image server {reason} at {url}: is it running, and is {SETTING} right?"
        if answer.status in {401, 403}:
            return NOT_LET_IN
        if answer.status in {404, 405}:
            return NO_API
        checkpoints = read_checkpoints(answer.body) if answer.is_ok else None
        if checkpoints is None:
            return (
                f"What answers at {url} (HTTP {answer.status}) is not AUTOMATIC1111 or Forge, "
                f"or it is not well: see its own log, and whether {SETTING} is right."
            )
        if not checkpoints:
            return (
                f"The image server at {url} has no checkpoint to draw with: put one into its "
                "folder models/Stable-diffusion."
            )
        return None

    async def aclose(self) -> None:
        """Wait until the orders that were dropped are stopped, which takes two seconds at most."""
        while self._farewells:
            await asyncio.wait(tuple(self._farewells))

    async def _checkpoint(self, model: str) -> str | None:
        """The title of the checkpoint that is asked for; None: the one that is loaded.

        It is looked for before anything is ordered, because AUTOMATIC1111 overlooks an override
        that it does not know and draws with what it has.
        """
        if model == self.default_model:
            return None
        try:
            answer = await self._server.ask("GET", _CHECKPOINTS)
        except DrawingError as error:  # also a time-out: nothing was ordered
            raise RefusedError(error.code, str(error), detail=error.detail) from error
        if not answer.is_ok:
            raise refusal(answer, self._server.told(answer), model=model)
        checkpoint = named(read_checkpoints(answer.body) or [], model)
        if checkpoint is None:
            raise no_such_model(model, self._server.told(answer))
        return checkpoint.title

    async def _send(self, order: Order, checkpoint: str | None, watcher: Watcher) -> Answer:
        """Send the order and wait for its answer, one of success."""
        body = txt2img(order, task=watcher.task, checkpoint=checkpoint)
        try:
            async with watching(watcher):
                answer = await self._server.ask(
                    "POST", "/sdapi/v1/txt2img", body=body, seconds=self._bounds.answer_seconds
                )
            if not answer.is_ok:
                raise refusal(answer, self._server.told(answer), model=checkpoint)
        except RefusedError:
            raise
        except (DrawingError, asyncio.CancelledError):
            # a server does not notice that nobody waits, and would draw on while others do
            self._say_farewell(watcher.task)
            raise
        return answer

    async def _picture(self, answer: Answer, asked_model: str) -> Picture:
        told = answer.json_object()
        if told is None:
            raise DrawingError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "The image server's answer could not be read.",
                detail=self._server.told(answer),
            )
        drawn = read_drawn(told)
        if await self._is_cut_short(drawn):
            raise RefusedError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "Somebody stopped the drawing at the image server.",
            )
        if drawn.image is None:
            raise DrawingError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "The image server sent no image.",
                detail=self._server.told(answer),
            )
        data = decode(drawn.image)
        if data is None:
            raise DrawingError(
                ErrorCode.INVALID_IMAGE,
                "What the image server sent is not an image.",
                detail=f"no base64: {drawn.image[:40]!r}",
            )
        return Picture(data, drawn.model or asked_model)

    async def _is_cut_short(self, drawn: Drawn) -> bool:
        """Whether somebody has interrupted the drawing, so that the picture is what there was.

        The answer itself does not tell. The server's state does, until its next job begins; after
        that it can't be known, and the picture counts as whole.
        """
        if drawn.timestamp is None:
            return False
        try:
            job = await self._server.job()
        except DrawingError as error:
            _log.warning(
                "Nobody knows whether the drawing was cut short",
                why=str(error),
                detail=error.detail,
            )
            return False
        return job.is_cut_short and job.timestamp == drawn.timestamp

    def _is_alone(self) -> bool:
        return self._orders == 1

    def _say_farewell(self, task: str) -> None:
        """Have an order stopped, by a task of its own: whoever cancelled the drawing can go."""
        farewell = asyncio.create_task(self._stop(task), name=f"stop {task}")
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    async def _stop(self, task: str) -> None:
        """Interrupt the server if it says that it draws this order; one in its queue is left there.

        Interrupting is for whatever is drawn, so the question comes right before it. If the
        server went on to another's job in between, that one is cut short: there is no better way.
        """
        try:
            async with asyncio.timeout(self._bounds.stop_seconds):
                state = await self._server.task(task, preview=None)
                if state is not None and state.is_drawn:
                    await self._server.interrupt()
                    _log.info("Stopped the drawing at the image server", order=task)
        except (DrawingError, TimeoutError) as error:
            _log.warning(
                "The image server may go on drawing for nobody",
                order=task,
                why=str(error) or "no answer in time",
                detail=error.detail if isinstance(error, DrawingError) else "",
            )
