"""Beginning a generation, with the words of a character that may change meanwhile.

The prompt is made of what was read without a lock, since it is Python that makes it; the statement
that begins the generation has the lock, and begins none for a character that is another by then.
"""

from dataclasses import dataclass
from typing import Final

from limner.domain.errors import DatabaseBusyError, NotFoundError
from limner.domain.estimate import Estimate
from limner.domain.generation import Accepted, Request, Sitter
from limner.domain.ids import new_id
from limner.domain.prompt import portrait_prompt
from limner.store.records import transition_of
from limner.store.statements import Connection, statements

READINGS: Final = 5
"""So often a character is read that is changed each time before its generation has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request, and all that its generation is to be made of; see `Ledger.accept`."""

    character_id: str
    owner: str
    request: Request
    provider: str
    model: str
    stated: Estimate
    max_attempts: int
    deadline_seconds: float
    fails_over: bool
    template: str


async def begin(connection: Connection, asking: Asking, sitter: Sitter | None) -> Accepted:
    """Begin a generation, or find the one in flight.

    Args:
        connection: in a transaction, or not.
        asking: what it is made of.
        sitter: the character as it was seen just now, if it was.

    Raises:
        NotFoundError: this owner has no such character.
        DatabaseBusyError: the character was changed each time that it had just been read.
    """
    request = asking.request
    seen = sitter or await sitter_of(connection, asking.character_id, asking.owner)
    for _ in range(READINGS):
        row = await statements().row(
            "accept",
            connection,
            generation_id=new_id(),
            character_id=asking.character_id,
            owner=asking.owner,
            seen_name=seen.name,
            seen_description=seen.description,
            seen_style=seen.style,
            description=request.prompt or seen.description,
            prompt=request.prompt
            or portrait_prompt(seen.name, seen.description, seen.style, asking.template),
            seed=request.seed,
            provider=asking.provider,
            model=asking.model,
            stated_low_seconds=asking.stated.low_seconds,
            stated_high_seconds=asking.stated.high_seconds,
            max_attempts=asking.max_attempts,
            deadline_seconds=asking.deadline_seconds,
            fails_over=asking.fails_over,
        )
        if row is not None:
            return Accepted(transition_of(row), row["is_begun"], row["dispatched"])
        seen = await sitter_of(connection, asking.character_id, asking.owner)
    raise DatabaseBusyError("The character was changed again and again meanwhile.")


async def sitter_of(connection: Connection, character_id: str, owner: str) -> Sitter:
    """Whom a request is for, as it is now.

    Raises:
        NotFoundError: this owner has no such character.
    """
    row = await statements().row("sitter", connection, character_id=character_id, owner=owner)
    if row is None:
        raise NotFoundError("There is no such character.")
    return Sitter(row["name"], row["description"], row["style"])
