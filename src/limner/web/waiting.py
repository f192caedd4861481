"""`Prefer: wait=N` (RFC 7240): an answer that is held until there is something to say."""

import asyncio
import re
from collections.abc import Callable

from starlette.requests import Request

from limner.flows.wait import Waiter
from limner.store.history import Polled
from limner.web.answers import owner_of, resources_of
from limner.web.audience import Audience

LIMIT_SECONDS = 60
"""Who wants to wait longer asks again: proxies give up on an answer that takes minutes."""
_PREFERENCE = re.compile(r'(?:"(?:\\.|[^"\\])*(?:"|\\?\Z)|[^,"])+')
"""What is between commas outside of strings. A string that nobody closes goes on to the end: else
each quotation mark in it would be tried as the beginning of another, in quadratic time."""
_SECONDS = re.compile(r"[0-9]{1,20}")


def wait_of(request: Request) -> int | None:
    """How many whole seconds the client would wait, 60 at the most; None when it does not say.

    Of several the first counts, and one that is no number of seconds says nothing.
    """
    for preference in _PREFERENCE.findall(",".join(request.headers.getlist("prefer"))):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            seconds = value.strip().strip('"')
            return min(int(seconds), LIMIT_SECONDS) if _SECONDS.fullmatch(seconds) else None
    return None


async def held(
    request: Request, polled: Polled, seconds: int, is_enough: Callable[[Polled], bool]
) -> tuple[Polled, int]:
    """The status when it is enough, or what it is after so many seconds, and how many they were.

    Sooner as well when the client is gone, and when this process is told to stop. While it has as
    many who wait and watch as it takes, or is stopping, nobody waits.
    """
    audience: Audience = request.app.state.audience
    if audience.is_closed or is_enough(polled):
        return polled, 0 if audience.is_closed else seconds
    waiter = Waiter(polled.character_id)
    leaving = asyncio.create_task(_leave(request, waiter), name="client leaves")
    try:
        with audience.waiting(waiter):
            newest = await resources_of(request).wait(
                waiter, polled, owner_of(request), seconds=seconds, is_enough=is_enough
            )
        return newest, seconds
    finally:
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)


async def _leave(request: Request, waiter: Waiter) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    waiter.dismiss()
