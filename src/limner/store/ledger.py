"""The ledger: the one way to change a status.

Every move is the same transaction: lock the plot, compare-and-set the generation, append the
transition with the plot's next number, commit. The lock is held to the commit, so numbers have no
gap and become visible in order: who has seen n can trust that nothing at or below n is to come. A
bigserial can't give that, since 11 may commit before 10.

A move that is not allowed, or that another attempt has overtaken, changes nothing and returns None.
Every move has a name of its own, under which it is found again when a commit's answer was lost.
"""

from uuid import uuid4

from limner.domain.errors import ErrorCode, NotFoundError
from limner.domain.estimate import Estimate
from limner.domain.generation import Accepted, Request, Returned, Taken
from limner.domain.idempotency import Once
from limner.domain.image import Image
from limner.domain.prompt import DEFAULT_TEMPLATE, portrait_prompt
from limner.domain.transition import Transition
from limner.store.database import Database
from limner.store.idempotency import transaction_once
from limner.store.moves import append, make_move
from limner.store.records import taken_of, transition_of
from limner.store.statements import statements


class Ledger:
    """Moves generations from status to status."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

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
            once: the request, if it may arrive several times.

        Raises:
            NotFoundError: this owner has no such character.
            AnsweredBeforeError, KeyMismatchError, KeyInProgressError: see `transaction_once`.
        """
        async with transaction_once(self._database, once) as (connection, answered):
            plot = await self._sql.row(
                "lock_plot_of_character", connection, character_id=character_id, owner=owner
            )
            if plot is None:
                raise NotFoundError("There is no such character.")
            description = request.prompt or plot["description"]
            made = await self._sql.row(
                "accept",
                connection,
                generation_id=str(uuid4()),
                plot_id=plot["plot_id"],
                character_id=character_id,
                max_attempts=max_attempts,
                character_name=plot["name"],
                description=description,
                prompt=request.prompt
                or portrait_prompt(plot["name"], plot["description"], plot["style"], template),
                seed=request.seed,
                provider=provider,
                model=model,
                stated_low_seconds=stated.low_seconds,
                stated_high_seconds=stated.high_seconds,
                deadline_seconds=deadline_seconds,
                fails_over=fails_over,
            )
            if made is None:
                row = await self._sql.the("in_flight_of", connection, character_id=character_id)
                accepted = Accepted(transition_of(row), begun=False, dispatch=row["dispatch"])
            else:
                transition = await append(connection, made, move=str(uuid4()))
                accepted = Accepted(transition, begun=True, dispatch=made["dispatch"])
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
        async with self._database.transaction() as connection:
            transition = await make_move(
                connection,
                "take",
                task_id,
                move=token,
                token=token,
                lease_seconds=lease_seconds,
            )
            if transition is None:
                return None
            job = await self._sql.the("job_of", connection, generation_id=task_id)
            return taken_of(job, transition, token)

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
        async with self._database.transaction() as connection:
            return await make_move(
                connection,
                "complete",
                task_id,
                move=move,
                token=token,
                provider=provider,
                model=model,
                sha256=image.sha256,
            )

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
        async with self._database.transaction() as connection:
            transition = await make_move(
                connection,
                "give_back",
                task_id,
                move=move,
                token=token,
                reason=reason,
                lapsed_only=lapsed_only,
                repeat_paid_orders=repeat_paid_orders,
            )
            if transition is None:
                return None
            job = await self._sql.the("job_of", connection, generation_id=task_id)
            return Returned(transition, dispatch=job["dispatch"])

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
        async with self._database.transaction() as connection:
            return await make_move(
                connection,
                "fail",
                task_id,
                move=move,
                token=token,
                error=error,
                error_code=code,
                lapsed_only=lapsed_only,
                provider=provider,
                model=model,
            )

    async def expire(self, task_id: str, *, error: str, move: str) -> Transition | None:
        """pending or generating → failed, when the deadline has passed."""
        async with self._database.transaction() as connection:
            return await make_move(connection, "expire", task_id, move=move, error=error)

    async def cancel(self, task_id: str, *, move: str) -> Transition | None:
        """pending or generating → canceled."""
        async with self._database.transaction() as connection:
            return await make_move(connection, "cancel", task_id, move=move)

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
            if flying is not None:
                canceled = await make_move(
                    connection, "cancel", flying["generation_id"], move=str(uuid4())
                )
            await self._sql.row(
                "delete_character", connection, character_id=character_id, owner=owner
            )
            return plot["plot_id"], canceled
