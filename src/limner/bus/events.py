"""What a stream carries: one object per event and process, however many readers it has."""

import json
from dataclasses import dataclass, field

from limner.domain.status import Status
from limner.domain.transition import Transition, encode, status_object


@dataclass(slots=True, eq=False)
class StatusEvent:
    """A transition, as every reader gets it."""

    seq: int
    """Its number in the plot, and the id of the event."""
    character_id: str
    is_final: bool
    data: bytes
    """The status object as JSON."""
    frame: bytes = field(default=b"", init=False)
    """The encoded event, put here by whoever encodes it first."""

    @classmethod
    def of(cls, transition: Transition) -> "StatusEvent":
        """The event of a transition read from Postgres."""
        return cls(
            transition.seq,
            transition.character_id,
            transition.status.is_final,
            encode(status_object(transition)),
        )

    @classmethod
    def parse(cls, message: bytes) -> "StatusEvent":
        """The event of a message that came through Redis.

        Raises:
            ValueError: it is not a status object.
        """
        value = json.loads(message)
        try:
            return cls(
                int(value["seq"]),
                str(value["character_id"]),
                Status(value["status"]).is_final,
                message,
            )
        except (KeyError, TypeError) as error:
            raise ValueError("not a status object") from error


@dataclass(slots=True, eq=False)
class HintEvent:
    """Progress, or that the plot changed: never stored, never repeated, has no number."""

    name: str
    """`progress` or `plot`."""
    character_id: str | None
    """Whom it is about; None when it is about the plot."""
    data: bytes
    frame: bytes = field(default=b"", init=False)

    @classmethod
    def parse(cls, message: bytes) -> "HintEvent":
        """The event of a message that came through Redis.

        Raises:
            ValueError: it is not a hint.
        """
        value = json.loads(message)
        if not isinstance(value, dict):
            raise ValueError("not a hint")  # noqa: TRY004 - what was sent is wrong, not its type
        character_id = value.get("character_id")
        if character_id is None:
            return cls("plot", None, message)
        return cls("progress", str(character_id), message)


Event = StatusEvent | HintEvent
