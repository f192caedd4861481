"""The ledger: the one way to change a status.

Every move is one statement, and one transaction: lock the plot, compare-and-set the generation,
append the transition with the plot's next number, commit. The lock is held to the commit, so
numbers have no gap and become visible in order: who has seen n can trust that nothing at or below n
is to come. A bigserial can't give that, since 11 may commit before 10.

A move that is not allowed, or that another attempt has overtaken, changes nothing and returns None.
Every move has a name of its own, under which it is found again when a commit's answer was lost.
"""

from limner.domain.errors import ErrorCode, NotFoundError
from limner.domain.estimate import Estimate
from limner.domain.generation import Accepted, Request, Returned, Sitter, Taken
from limner.domain.idempotency import Once
from limner.domain.ids import new_id
from limner.domain.image import Image
from limner.domain.prompt import DEFAULT_TEMPLATE
from limner.domain.transition import Transition
from limner.store.asking import Asking, begin, sitter_of
from limner.store.database import Database
from limner.store.idempotency import transaction_once
from limner.store.records import taken_of, transition_of
from limner.store.statements import statements


class Ledger:
    """Moves generations from status to status."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def sitter(self, character_id: str, owner: str) -> Sitter:
        """Whom a request is for, as it is now.

        Raises:
            NotFoundError: this owner has no such character.
        """
        async with self._database.connection() as connection:
            return await sitter_of(connection, character_id, owner)

    async def accept(  # noqa: PLR0913 - what a generation is made of, each by its name
        self,
        character_id: str,
        owner: str,
        request: Request,
        *,
        provider: str,
        model: str,
        stated: Estimate,
        max_attempts: int,
        deadline_seconds: float,
        fails_over: bool = False,
        template: str = DEFAULT_TEMPLATE,
        sitter: Sitter | None = None,
        once: Once[Accepted] | None = None,
    ) -> Accepted:
        """Begin a generation, or find the one in flight.

        Args:
            character_id: whom to draw.
            owner: whose character it must be.
            request: what the user asked for.
            provider: what will draw.
            model: with what.
            stated: the provider's own estimate, until there are drawings to learn from.
            max_attempts: how often it may be tried.
            deadline_seconds: from now to final, at the most.
            fails_over: whether another provider may draw it when this one can't.
            template: how the prompt is made, if the user wrote none.
            sitter: the character as it was seen just now, if it was; it is read again if need be.
            once: the request, if it may arrive several times.

        Raises:
            NotFoundError: this owner has no such character.
            DatabaseBusyError: the character was changed each time that it had just been read.
            AnsweredBeforeError, KeyMismatchError, KeyInProgressError: see `transaction_once`.
        """
        asking = Asking(
            character_id=character_id,
            owner=owner,
            request=request,
            provider=provider,
            model=model,
            stated=stated,
            max_attempts=max_attempts,
            deadline_seconds=deadline_seconds,
            fails_over=fails_over,
            template=template,
        )
        if once is None:
            async with self._database.connection() as connection:
                return await begin(connection, asking, sitter)
        async with transaction_once(self._database, once) as (connection, answered):
            accepted = await begin(connection, asking, sitter)
            await answered(accepted)
        return accepted

    async def take(self, task_id: str, *, token: str, lease_seconds: float) -> Taken | None:
        """pending → generating: the next attempt is the caller's.

        Args:
            task_id: the generation.
            token: a fresh name for this take; asked again, it gives the same answer.
            lease_seconds: how long it is the caller's without a renewal.

        Returns:
            What to draw; None when it is not waiting, or its attempts or its time are used up.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "take", connection, generation_id=task_id, token=token, lease_seconds=lease_seconds
            )
        return None if row is None else taken_of(row, token)

    async def complete(  # noqa: PLR0913 - what a completion is made of, each by its name
        self,
        task_id: str,
        image: Image,
        *,
        token: str,
        model: str,
        move: str,
        provider: str | None = None,
    ) -> Transition | None:
        """generating → completed, by the holder of the lease, with an image claimed and stored."""
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "complete",
                connection,
                generation_id=task_id,
                move=move,
                token=token,
                provider=provider,
                model=model,
                sha256=image.sha256,
            )
        return None if row is None else transition_of(row)

    async def give_back(  # noqa: PLR0913 - what a return is made of, each by its name
        self,
        task_id: str,
        *,
        token: str,
        reason: str,
        move: str,
        lapsed_only: bool = False,
        repeat_paid_orders: bool = False,
    ) -> Returned | None:
        """generating → pending, for the holder of the lease, while attempts remain.

        With `lapsed_only`, for somebody else, who has seen that the lease with this token ran out.
        Not while there may be an order to pay without a handle, but for `repeat_paid_orders`.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "give_back",
                connection,
                generation_id=task_id,
                move=move,
                token=token,
                reason=reason,
                lapsed_only=lapsed_only,
                repeat_paid_orders=repeat_paid_orders,
            )
        return None if row is None else Returned(transition_of(row), row["dispatched"])

    async def fail(  # noqa: PLR0913 - what a failure is made of, each by its name
        self,
        task_id: str,
        *,
        token: str,
        code: ErrorCode,
        error: str,
        move: str,
        lapsed_only: bool = False,
        provider: str | None = None,
        model: str | None = None,
    ) -> Transition | None:
        """generating → failed, for the holder of the lease; `lapsed_only` as in `give_back`.

        `provider` and `model`: with whom it was tried, if those are not what was asked for.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "fail",
                connection,
                generation_id=task_id,
                move=move,
                token=token,
                error=error,
                error_code=code,
                lapsed_only=lapsed_only,
                provider=provider,
                model=model,
            )
        return None if row is None else transition_of(row)

    async def expire(self, task_id: str, *, error: str, move: str) -> Transition | None:
        """pending or generating → failed, when the deadline has passed."""
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "expire", connection, generation_id=task_id, move=move, error=error
            )
        return None if row is None else transition_of(row)

    async def cancel(self, task_id: str, *, move: str) -> Transition | None:
        """pending or generating → canceled."""
        async with self._database.connection() as connection:
            row = await self._sql.row("cancel", connection, generation_id=task_id, move=move)
        return None if row is None else transition_of(row)

    async def remove_character(
        self, character_id: str, owner: str
    ) -> tuple[str, Transition | None]:
        """A character leaves its plot, and what is in flight for it is canceled with it.

        Returns:
            The plot's id, and the move to `canceled` if there was one.

        Raises:
            NotFoundError: this owner has no such character.
        """
        async with self._database.transaction() as connection:
            plot = await self._sql.row(
                "lock_plot_of_character", connection, character_id=character_id, owner=owner
            )
            if plot is None:
                raise NotFoundError("There is no such character.")
            flying = await self._sql.row("in_flight_of", connection, character_id=character_id)
            canceled = None
            if flying is not None:  # under the plot's lock, so it is in flight still
                canceled = await self._sql.the(
                    "cancel", connection, generation_id=flying["id"], move=new_id()
                )
            await self._sql.row(
                "delete_character", connection, character_id=character_id, owner=owner
            )
        return plot["plot_id"], None if canceled is None else transition_of(canceled)
