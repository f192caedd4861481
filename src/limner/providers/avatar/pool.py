"""The child processes that paint.

`resvg_py` holds the interpreter's lock while it renders, so a thread would stop the event loop all
the same. Plain subprocesses with a pipe each were chosen over `ProcessPoolExecutor`: that one
imports the parent's `__main__` (here the whole program) into every child, keeps threads and a
resource tracker, breaks as a whole when one child is killed, and can't stop a render.
"""

import asyncio

import structlog

from limner.domain.errors import DrawingError, ErrorCode
from limner.providers.avatar.child import Child, ChildLostError
from limner.providers.avatar.sitter import Sitter

_CHILDREN = 2
_START_SECONDS = 20.0
_PAINT_SECONDS = 20.0

_log = structlog.get_logger(__name__)


class Pool:
    """At most two child processes, each painting one portrait at a time.

    A caller who finds both busy waits for its turn; callers are bounded by the worker's jobs.

    Args:
        paint_seconds: after how long a portrait is given up and its child killed.
    """

    def __init__(self, paint_seconds: float = _PAINT_SECONDS) -> None:
        self._paint_seconds = paint_seconds
        self._turns = asyncio.Semaphore(_CHILDREN)
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._closed = False

    async def warm(self) -> None:
        """Start all children and wait until each is ready to paint.

        Raises:
            DrawingError: `INTERNAL`, when one did not get that far.
        """
        try:
            async with asyncio.timeout(_START_SECONDS), asyncio.TaskGroup() as group:
                for number in range(_CHILDREN):
                    group.create_task(self._warm_one(), name=f"avatar-warm-{number}")
        except (ExceptionGroup, TimeoutError) as error:
            raise DrawingError(ErrorCode.INTERNAL, "The painters could not be started.") from error

    async def paint(self, sitter: Sitter) -> bytes:
        """The sitter's portrait as PNG.

        A child that dies over it (the OOM killer, an operator) is replaced and the portrait begun
        again, once: a portrait that kills two children would kill a third.

        Raises:
            DrawingError: `INTERNAL`.
        """
        async with self._turns:
            try:
                return await self._paint_once(sitter)
            except ChildLostError:
                _log.warning("avatar.child_lost", character_id=sitter.character_id)
            if self._idle:
                await self._end(self._idle.pop())  # what killed one may have killed both
            try:
                return await self._paint_once(sitter)
            except ChildLostError as error:
                raise DrawingError(
                    ErrorCode.INTERNAL, "The painter was lost twice over this portrait."
                ) from error

    async def aclose(self) -> None:
        """Kill the children, painting or not: they hold nothing that would want saving."""
        self._closed = True
        self._idle.clear()
        await asyncio.gather(*(self._end(child) for child in list(self._all)))

    async def _warm_one(self) -> None:
        async with self._turns:
            child = await self._take()
            try:
                await child.ready()
            except BaseException:
                await self._end(child)
                raise
            self._idle.append(child)

    async def _paint_once(self, sitter: Sitter) -> bytes:
        child = await self._take()
        try:
            async with asyncio.timeout(self._paint_seconds):
                painted, answer = await child.paint(sitter)
        except TimeoutError as error:
            await self._end(child)
            raise DrawingError(
                ErrorCode.INTERNAL, f"The portrait was not done in {self._paint_seconds:g} s."
            ) from error
        except BaseException:
            # Also when cancelled: a child that still owes an answer can't take another order.
            await self._end(child)
            raise
        self._idle.append(child)
        if not painted:
            raise DrawingError(
                ErrorCode.INTERNAL, "The portrait could not be drawn.", detail=answer.decode()
            )
        return answer

    async def _take(self) -> Child:
        if self._closed:
            raise DrawingError(ErrorCode.INTERNAL, "The painters have gone home.")
        if self._idle:
            return self._idle.pop()
        child = await Child.start()
        self._all.add(child)
        return child

    async def _end(self, child: Child) -> None:
        await child.kill()
        self._all.discard(child)
