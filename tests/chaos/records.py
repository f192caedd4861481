"""What was seen, as it was seen. Times are seconds since 1970 by this machine's clock."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sighting:
    """A `status` event as a reader got it."""

    arrived: float
    id: str | None
    """The id that the event itself carried."""
    data: str


@dataclass(slots=True)
class Connection:
    """One request for an event stream, and all that came of it."""

    reader: str
    plot_id: str
    character_id: str | None
    """Whose stream it is; None for that of the whole plot."""
    after: int | None
    """The Last-Event-ID that was sent; None when none was."""
    opened: float
    status: int | None = None
    greeted: float | None = None
    """When the first `retry:` came."""
    retry_ms: int | None = None
    sightings: list[Sighting] = field(default_factory=list)
    closed: float | None = None
    ending: str = "still open"


@dataclass(frozen=True, slots=True)
class Look:
    """One poll of a character's status."""

    reader: str
    character_id: str
    opened: float
    arrived: float
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of an author."""

    deed: str
    """draw, cancel or remove."""
    character_id: str
    status: int | None
    """None when there was no answer."""
    task_id: str | None = None
    detail: str = ""
    """The answer's body, when it is not what was hoped for."""
    key: str = ""
    """The Idempotency-Key that was sent, if one was."""


@dataclass(slots=True)
class Blow:
    """One thing that was done to a process or a server."""

    kind: str
    victim: str
    began: float
    ended: float | None = None
    """When it was whole again; None if it never was."""


@dataclass(slots=True)
class Records:
    """All that was seen and done."""

    connections: list[Connection] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    blows: list[Blow] = field(default_factory=list)
    mishaps: list[str] = field(default_factory=list)
    """What no process should have done, a sentence each."""
