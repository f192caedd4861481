"""What a worker listens to: that there is work, and that some of it is not wanted any more."""

import asyncio

from limner.bus.channels import UNWANTED_PREFIX, WAKE
from limner.bus.subscriber import Subscriber
from limner.resources import Workshop, redis_url
from limner.settings import Settings


def listener(
    settings: Settings, workshop: Workshop, wake: asyncio.Event | None = None
) -> Subscriber:
    """The one subscription of a worker process.

    Args:
        settings: all of them.
        workshop: whose leases may be lost by what is heard.
        wake: set when there may be something in the queue; None for arq's own worker, which looks
            into it by its own clock.
    """

    def on_message(channel: str, _message: bytes) -> None:
        if channel != WAKE:
            workshop.keeper.on_canceled(channel.removeprefix(UNWANTED_PREFIX))
        elif wake is not None:
            wake.set()

    def on_gap() -> None:
        workshop.keeper.on_gap()
        if wake is not None:
            wake.set()

    return Subscriber(
        redis_url(settings),
        WAKE,
        UNWANTED_PREFIX + "*",
        on_message=on_message,
        on_gap=on_gap,
    )
