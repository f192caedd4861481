"""A user asks for an image."""

from limner import log
from limner.domain.errors import Fault, InvalidRequestError
from limner.domain.generation import Accepted, Request, Sitter
from limner.domain.idempotency import Once
from limner.flows.announce import Announcer
from limner.providers.base import Provider
from limner.settings import Settings
from limner.store.ledger import Ledger

_log = log.get()


class RequestImage:
    """Accepts requests: commits first, and then lets the workers and the readers know."""

    def __init__(
        self,
        ledger: Ledger,
        announcer: Announcer,
        providers: dict[str, Provider],
        settings: Settings,
    ) -> None:
        self._ledger = ledger
        self._announcer = announcer
        self._providers = providers
        self._settings = settings

    async def sitter(self, character_id: str, owner: str) -> Sitter:
        """Whom a request is for.

        Raises:
            NotFoundError: this owner has no such character.
        """
        return await self._ledger.sitter(character_id, owner)

    async def __call__(
        self,
        character_id: str,
        owner: str,
        request: Request,
        *,
        sitter: Sitter | None = None,
        once: Once[Accepted] | None = None,
    ) -> Accepted:
        """Begin a generation, or find the one in flight.

        Args:
            character_id: whom to draw.
            owner: whose character it must be.
            request: what the user asked for.
            sitter: the character as it was seen just now, if it was.
            once: the request, if it may arrive several times.

        Raises:
            InvalidRequestError: there is no such provider.
            NotFoundError: this owner has no such character.
            AnsweredBeforeError, KeyMismatchError, KeyInProgressError: see `Ledger.accept`.
            DatabaseUnavailableError: nothing is known of what was committed; asking again is safe.
        """
        provider = self._provider(request)
        accepted = await self._ledger.accept(
            character_id,
            owner,
            request,
            provider=provider.name,
            model=request.model or provider.default_model,
            stated=provider.stated_estimate,
            max_attempts=self._settings.max_attempts,
            deadline_seconds=self._settings.deadline_seconds,
            fails_over=request.provider is None and len(self._settings.provider) > 1,
            template=self._settings.prompt_template,
            sitter=sitter,
            once=once,
        )
        if accepted.begun:
            transition = accepted.transition
            await self._announcer.queued(transition, accepted.dispatch)
            _log.info(
                "Accepted a generation",
                character=transition.character_name,
                task_id=transition.task_id,
                character_id=character_id,
                plot_id=transition.plot_id,
                seq=transition.seq,
                provider=transition.provider,
            )
        return accepted

    def _provider(self, request: Request) -> Provider:
        name = request.provider or self._settings.provider[0]
        if name not in self._providers:
            known = ", ".join(sorted(self._providers))
            raise InvalidRequestError(Fault("/provider", f"This must be one of: {known}."))
        return self._providers[name]
