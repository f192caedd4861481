"""The provider called `modelslab`."""

from secrets import token_hex

import aiohttp

from limner import log
from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.estimate import Estimate
from limner.domain.progress import Progress, Stage
from limner.providers.base import Order, Picture, Terms, Ticket
from limner.providers.download import Downloader
from limner.providers.http import ask
from limner.providers.modelslab.bounds import BOUNDS, Bounds
from limner.providers.modelslab.following import Following
from limner.providers.modelslab.handle import Handle
from limner.providers.modelslab.places import Places
from limner.providers.modelslab.refusals import read_order_answer, sentence
from limner.providers.modelslab.replies import Reply
from limner.providers.modelslab.survey import survey
from limner.providers.modelslab.wishes import wishes

_log = log.get()


class ModelsLabProvider:
    """Orders pictures from ModelsLab, which takes them now and draws them when their turn comes.

    Args:
        session: from `open_session`; whoever opened it closes it.
        downloader: fetches the pictures.
        base_url: where ModelsLab is, without `/api/v7`.
        key: of the account. It goes to hosts of ModelsLab's only, and into bodies only, but for
            one question of `check`.
        model: draws what is ordered without naming a model.
        concurrency: queued orders that the account allows.
        bounds: how long ModelsLab is waited for.
    """

    name = "modelslab"
    stated_estimate = Estimate(20.0, 30.0)

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        session: aiohttp.ClientSession,
        downloader: Downloader,
        *,
        base_url: str,
        key: str,
        model: str,
        concurrency: int,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._session = session
        self._downloader = downloader
        self._places = Places(base_url)
        self._key = key
        self._bounds = bounds
        self.default_model = model
        self.terms = Terms(charges=True, is_elsewhere=True, orders_at_once=concurrency)

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """Order a picture, or ask for one that was ordered before, and download it.

        Raises:
            RefusedError: `content_policy`, `provider_rejected`, `provider_unauthorized`,
                `provider_quota`, `provider_model_unavailable`, `provider_rate_limited` or
                `provider_unavailable`: ModelsLab said so, or was not reached.
            DrawingError: the order was, or may have been, taken, and there is no picture:
                `provider_unavailable`, `provider_timeout`, `invalid_image`; or `content_policy`, it
                was drawn and may not be shown; or `provider_unauthorized`, the key is accepted no
                more.
        """
        if ticket.handle is not None:
            return await self._resume(ticket.handle, order, ticket)
        ticket.report(Progress(Stage.ORDERING))
        reply = await self._submit(order, ticket)
        if not reply.is_done:
            reply = await self._follow(reply.handle, reply.eta_seconds, order, ticket)
        links = self._shown(reply, order)
        return await self._download(links, order, ticket)

    async def check(self) -> str | None:
        """What is wrong with the account or the settings, and what to do about it; None: nothing.

        Nothing is ordered.
        """
        return await survey(
            self._session,
            self._places,
            self._key,
            self.default_model,
            seconds=self._bounds.check_seconds,
        )

    async def aclose(self) -> None:
        """Nothing is held: the session and the downloader belong to whoever opened them."""

    async def _submit(self, order: Order, ticket: Ticket) -> Reply:
        """Send an order, and keep what it can be asked for by before anything else is done."""
        # ModelsLab takes bodies that are the same for spam, also those of two who look alike
        track = {"track_id": f"{order.task_id}-{token_hex(4)}"}
        body = {"key": self._key, **wishes(order), **track}
        await ticket.place()
        answer = await ask(
            self._session,
            "POST",
            self._places.submit,
            seconds=self._bounds.submit_seconds,
            body=body,
        )
        reply = read_order_answer(answer, model=order.model, key=self._key)
        if self._places.fetches(reply.handle) or reply.handle.links:
            await ticket.keep(reply.handle.to_json())
        _log.info(
            "ModelsLab has taken the order",
            order=reply.handle.id,
            is_done=reply.is_done,
            eta_seconds=reply.eta_seconds,
        )
        return reply

    async def _follow(
        self, handle: Handle, eta_seconds: float | None, order: Order, ticket: Ticket
    ) -> Reply:
        following = Following(self._session, self._places, self._key, self._bounds, order.model)
        reply = await following.until_done(handle, eta_seconds, ticket.report)
        if reply.handle.links:
            kept = Handle(handle.id, handle.fetch_url, reply.handle.links)
            await ticket.keep(kept.to_json())
        return reply

    async def _resume(self, kept: str, order: Order, ticket: Ticket) -> Picture:
        """Come to the picture of an order that an earlier attempt has sent."""
        handle = Handle.from_json(kept)
        if handle is None:
            raise DrawingError(
                ErrorCode.INTERNAL, "What was kept of the order at ModelsLab can't be read."
            )
        _log.info("Asking ModelsLab for an order that was sent before", order=handle.id)
        if handle.links:
            try:
                return await self._download(handle.links, order, ticket)
            except DrawingError as error:
                if not self._places.fetches(handle):
                    raise
                # links live for some hours only, and new ones can be had
                _log.warning("Will ask for new links", order=handle.id, why=error.detail)
        try:
            reply = await self._follow(handle, None, order, ticket)
        except RefusedError as error:
            if not handle.links:
                raise
            # it was drawn once, and so it is paid for, whatever ModelsLab says of it now
            raise DrawingError(error.code, str(error), detail=error.detail) from error
        return await self._download(self._shown(reply, order), order, ticket)

    @staticmethod
    def _shown(reply: Reply, order: Order) -> tuple[str, ...]:
        """Where the picture lies, if it may be shown."""
        if reply.is_indecent:
            raise DrawingError(
                ErrorCode.CONTENT_POLICY,
                sentence(ErrorCode.CONTENT_POLICY, order.model),
                detail=reply.told,
            )
        if not reply.handle.links:
            raise DrawingError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "ModelsLab says that it has drawn the image, and gave none.",
                detail=reply.told,
            )
        return reply.handle.links

    async def _download(self, links: tuple[str, ...], order: Order, ticket: Ticket) -> Picture:
        """Download from the first place that gives a picture."""
        ticket.report(Progress(Stage.DOWNLOADING))
        *others, last = links
        for link in others:
            try:
                return Picture(await self._downloader.fetch(link), order.model)
            except DrawingError as error:
                _log.warning("Will download from another place", why=error.detail)
        return Picture(await self._downloader.fetch(last), order.model)
