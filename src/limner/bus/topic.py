"""A topic: one watched plot in this process, and those who follow it."""

from collections import deque
from typing import Protocol

from limner.bus.events import Event, StatusEvent

RECENT = 64
"""How many of the newest events are kept for those who are just joining."""


class Follower(Protocol):
    """Who gets a plot's events. Nothing here may wait."""

    def deliver(self, event: Event) -> None:
        """Take an event; a status event comes in order, and none is left out."""
        ...

    def end(self) -> None:
        """The plot is gone: there is nothing more to come."""
        ...


class Topic:
    """What this process knows of one plot, and who follows it."""

    __slots__ = ("followers", "head", "is_repairing", "plot_id", "recent", "wanted", "watchers")

    def __init__(self, plot_id: str) -> None:
        self.plot_id = plot_id
        self.head: int | None = None
        """The newest number that went to the followers; None until one is known."""
        self.wanted = 0
        """The newest number that is known to exist."""
        self.recent: deque[StatusEvent] = deque(maxlen=RECENT)
        """The newest events up to the head, without a gap."""
        self.followers: set[Follower] = set()
        self.watchers = 0
        self.is_repairing = False

    def join(self, follower: Follower, seen: int) -> bool:
        """Let somebody follow who has seen everything up to a number.

        Returns:
            False when what lies between that number and the head is no longer here: read on from
            Postgres, and ask again.
        """
        if self.head is None:
            self.head = seen
        missed = self.head - seen
        if missed > len(self.recent):
            return False
        if missed > 0:
            for event in list(self.recent)[-missed:]:
                follower.deliver(event)
        self.followers.add(follower)
        return True

    def leave(self, follower: Follower) -> None:
        """Let somebody go, who may never have joined."""
        self.followers.discard(follower)

    def take(self, event: StatusEvent) -> bool:
        """Take the next transition.

        Returns:
            True when one before it is missing: it was not passed on, and a repair is due.
        """
        self.wanted = max(self.wanted, event.seq)
        if self.head is None:
            self.head = event.seq - 1
        if event.seq > self.head + 1:
            return True
        if event.seq == self.head + 1:
            self.head = event.seq
            self.recent.append(event)
            self.pass_on(event)
        return False

    def is_behind(self, newest: int) -> bool:
        """Whether a number is known to Postgres that has not come by here."""
        self.wanted = max(self.wanted, newest)
        return self.head is not None and self.head < newest

    def pass_on(self, event: Event) -> None:
        """Bring an event to everybody who follows."""
        for follower in tuple(self.followers):
            follower.deliver(event)

    def end(self) -> None:
        """Tell everybody that there is nothing more to come."""
        for follower in tuple(self.followers):
            follower.end()
