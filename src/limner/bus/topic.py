"""A topic: one watched plot in this process, and those who follow it."""

from collections.abc import Sequence
from typing import Protocol

from limner.bus.events import Event, HintEvent, StatusEvent
from limner.domain.status import Status

RECENT = 8
"""How many of the newest events are kept for those who are just joining: what may happen while they
read. They are kept for each plot that is watched, so more would be paid for by all."""


class Follower(Protocol):
    """Who gets a plot's events. Nothing here may wait."""

    @property
    def character_id(self) -> str | None:
        """The one character it follows, with which it ends; None when it follows the plot."""
        ...

    def deliver(self, event: Event) -> None:
        """Take an event; a status event comes in order, and none is left out."""
        ...

    def end(self) -> None:
        """The plot is gone, or the character: there is nothing more to come."""
        ...


class Topic:
    """What this process knows of one plot, and who follows it."""

    __slots__ = (
        "followers",
        "head",
        "is_asking",
        "is_ended",
        "is_repairing",
        "places",
        "plot_id",
        "recent",
        "wanted",
        "watchers",
    )

    def __init__(self, plot_id: str) -> None:
        self.plot_id = plot_id
        self.head: int | None = None
        """The newest number that went to the followers; None until somebody has read Postgres."""
        self.wanted = 0
        """The newest number that is said to exist."""
        self.recent: Sequence[StatusEvent] = ()
        """The newest events up to the head, without a gap."""
        self.places: dict[str, HintEvent] = {}
        """Where those characters stand in the queue that wait in it, as it was last told."""
        self.is_asking = True
        """Whether somebody may wait in the queue of whom nothing was told yet."""
        self.followers: set[Follower] = set()
        self.watchers = 0
        self.is_repairing = False
        self.is_ended = False

    @property
    def is_behind(self) -> bool:
        """Whether there is a number that has not come by here."""
        return self.head is not None and self.head < self.wanted

    def join(self, follower: Follower, seen: int) -> bool:
        """Let somebody follow who has seen everything up to a number.

        Returns:
            False when what lies between that number and the head is no longer here: read on from
            Postgres, and ask again.
        """
        if self.is_ended:
            follower.end()
            return True
        self.wanted = max(self.wanted, seen)
        if self.head is None:
            self.head = seen
        missed = self.head - seen
        if missed > len(self.recent):
            return False
        if missed > 0:
            for event in self.recent[-missed:]:
                follower.deliver(event)
        self.followers.add(follower)
        if seen > self.head:  # of some that stand in the queue here it may know better
            self.places.clear()
            self.is_asking = True
        for place in self.places.values():
            follower.deliver(place)
        return True

    def leave(self, follower: Follower) -> None:
        """Let somebody go, who may never have joined."""
        self.followers.discard(follower)

    def take(self, event: StatusEvent) -> None:
        """Pass on the next transition. Any other is only taken as a sign of what there is.

        Nobody follows before the head is known, and a message is not believed what it is: the
        first to join brings the number from Postgres.
        """
        self.wanted = max(self.wanted, event.seq)
        if self.head is not None and event.seq == self.head + 1:
            self.head = event.seq
            self.recent = (*self.recent[1 - RECENT :], event)
            self.places.pop(event.character_id, None)
            self.is_asking |= event.status is Status.PENDING
            self.pass_on(event)

    def place(self, seq: int, places: dict[str, HintEvent]) -> None:
        """Pass on where characters stand in the queue, as far as that is news.

        Args:
            seq: the plot's number as of which it is true. When it is not the head, followers know
                better, or not yet what it is about: nothing is passed on, ask again.
            places: the hints for all characters of the plot that wait, by their ids.
        """
        self.is_asking = self.is_repairing or self.head != seq
        if self.is_asking:
            return
        told, self.places = self.places, places
        for character_id, place in places.items():
            if character_id not in told or told[character_id].data != place.data:
                self.pass_on(place)

    def pass_on(self, event: Event) -> None:
        """Bring an event to everybody who follows."""
        for follower in tuple(self.followers):
            follower.deliver(event)

    def end_those_of(self, characters: set[str]) -> bool:
        """End those who follow one of these characters, once they were given all there is.

        Returns:
            False while something is missing that may be news of them: ask again.
        """
        if self.is_repairing:
            return False
        for follower in tuple(self.followers):
            if follower.character_id in characters:
                self.followers.discard(follower)
                follower.end()
        return True

    def end(self) -> None:
        """Tell everybody that there is nothing more to come, and whoever joins later."""
        self.is_ended = True
        for follower in tuple(self.followers):
            follower.end()
