"""Who watches the queue, as those see it who show it."""

from typing import Protocol

from limner.bus.events import Event


class Watcher(Protocol):
    """Somebody who watches the queue. Nothing here waits for them but `ready`."""

    @property
    def is_busy(self) -> bool:
        """Whether what was delivered before is still on its way out of this process."""
        ...

    def deliver(self, event: Event) -> None:
        """Take an event, at once."""
        ...

    async def ready(self) -> None:
        """Wait until what was delivered is on its way."""
        ...

    def turn_away(self) -> None:
        """Go, and come back in a while: what is watched can't be seen just now."""
        ...
