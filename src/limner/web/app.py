"""The ASGI application: `uvicorn limner.web.app:app`, or with resources that are open already."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

from starlette.applications import Starlette
from starlette.types import ASGIApp

from limner import log
from limner.domain.idempotency import AnsweredBeforeError
from limner.resources import Resources, open_resources
from limner.settings import load
from limner.web.audience import Audience
from limner.web.host import LoopbackHost
from limner.web.once import on_answered_before
from limner.web.problems import HANDLERS
from limner.web.request_id import RequestId
from limner.web.routes import routes

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""What tells a process to stop; the last when its terminal is closed."""


def create_app(resources: Resources | None = None) -> ASGIApp:
    """The application.

    Args:
        resources: what it works with; without them it opens its own when it is started.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if resources is not None:
            async with _at_work(app, resources):
                yield
            return
        settings = load()
        log.configure(settings.log_format, settings.log_level)
        async with open_resources(settings) as own, _at_work(app, own):
            yield

    handlers = {**HANDLERS, AnsweredBeforeError: on_answered_before}
    starlette = Starlette(routes=routes(), exception_handlers=handlers, lifespan=lifespan)
    starlette.router.redirect_slashes = False  # an address with one more is another address
    return RequestId(LoopbackHost(starlette))


@asynccontextmanager
async def _at_work(app: Starlette, resources: Resources) -> AsyncIterator[None]:
    audience = Audience(resources.settings)
    app.state.resources = resources
    app.state.audience = audience
    clock = asyncio.create_task(audience.run(), name="audience")
    try:
        with _on_stop(audience.leave):
            yield
    finally:
        clock.cancel()
        await asyncio.gather(clock, return_exceptions=True)


@contextmanager
def _on_stop(call: Callable[[], None]) -> Iterator[None]:
    """Call when the process is told to stop, and let the server's own handler follow.

    uvicorn does not tell open streams that it stops, and waits for them; it ends the lifespan only
    when they have ended. So the signal itself is what they must hear.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals arrive in the main thread alone: whoever runs the server calls instead
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in STOPS}

    def heard(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(call)
        following = before[signal.Signals(number)]
        if callable(following):
            following(number, frame)

    for number in before:
        signal.signal(number, heard)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


app = create_app()
