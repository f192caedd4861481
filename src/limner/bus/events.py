"""What a stream carries: one object per event and process, however many readers it has."""

from dataclasses import dataclass, field

from limner.domain.status import Status
from limner.domain.survey import Survey, survey_object
from limner.domain.transition import JsonObject, Transition, status_object
from limner.encoding import decode, encode


@dataclass(slots=True, eq=False)
class StatusEvent:
    """A transition, as every reader gets it."""

    seq: int
    """Its number in the plot, and the id of the event."""
    character_id: str
    status: Status
    data: bytes
    """The status object as JSON."""
    frame: bytes = field(default=b"", init=False)
    """The encoded event, put here by whoever encodes it first."""

    @property
    def is_final(self) -> bool:
        """Whether the generation ends with it."""
        return self.status.is_final

    @classmethod
    def of(cls, transition: Transition) -> "StatusEvent":
        """The event of a transition read from Postgres."""
        return cls(
            transition.seq,
            transition.character_id,
            transition.status,
            encode(status_object(transition)),
        )

    @classmethod
    def parse(cls, message: bytes) -> "StatusEvent":
        """The event of a message that came through Redis.

        Raises:
            ValueError: it is not a status object.
        """
        match decode(message):
            case {"seq": int(seq), "character_id": str(character_id), "status": str(status)} if (
                type(seq) is int  # true and false are numbers to Python
            ):
                return cls(seq, character_id, Status(status), message)
        raise ValueError("not a status object")


@dataclass(slots=True, eq=False)
class HintEvent:
    """Progress, that the plot changed, how the queue is: never stored or repeated, no number."""

    name: str
    """`progress`, `plot` or `queue`."""
    character_id: str | None
    """Whom it is about; None when it is about the plot, or the queue."""
    data: bytes
    frame: bytes = field(default=b"", init=False)

    @classmethod
    def progress(cls, character_id: str, progress: JsonObject) -> "HintEvent":
        """The event of a progress object made in this process."""
        return cls("progress", character_id, encode(progress))

    @classmethod
    def queue(cls, survey: Survey) -> "HintEvent":
        """The event of a survey of the queue."""
        return cls("queue", None, encode(survey_object(survey)))

    @classmethod
    def parse(cls, message: bytes) -> "HintEvent":
        """The event of a message that came through Redis.

        Raises:
            ValueError: it is not a hint.
        """
        match decode(message):
            case {"character_id": str(character_id)}:
                return cls("progress", character_id, message)
            case {"plot_id": str()}:
                return cls("plot", None, message)
        raise ValueError("not a hint")


Event = StatusEvent | HintEvent
