"""What goes on inside: one lock, one state that everybody sees, tasks that are soon forgotten."""

import asyncio
import json
from collections import deque
from typing import Any, Final

from .canvas import encoded, paint
from .orders import CHECKPOINTS, LOADED, STEPS, RefusalError, Txt2Img, refused
from .state import Hold, State

REMEMBERED_TASKS: Final = 16
PREVIEW_STEPS: Final = 5
"""A new preview is made after so many steps."""
SLOW_SECONDS: Final = 30.0


class Studio:
    """The server, apart from its wire.

    Args:
        seconds: what one drawing takes.
        is_forge: refuse a checkpoint that there is not; AUTOMATIC1111 draws with what it has.
    """

    def __init__(self, *, seconds: float = 0.0, is_forge: bool = False) -> None:
        self.seconds = seconds
        self.is_forge = is_forge
        self.state = State()
        self.checkpoints: list[dict[str, Any]] = [dict(each) for each in CHECKPOINTS]
        self.orders: list[Txt2Img] = []
        """Those that were accepted, in order."""
        self.drawn: list[str] = []
        """The jobs that were begun, ours and others'."""
        self.interrupts: list[str | None] = []
        """What was drawn each time that somebody interrupted."""
        self.scripted: deque[str] = deque()
        """What becomes of the next orders, one word each."""
        self.pending: dict[str, None] = {}
        self.finished: deque[str] = deque(maxlen=REMEMBERED_TASKS)
        self.current: str | None = None
        self.queued = asyncio.Event()
        """Somebody has waited for the lock."""
        self._lock = asyncio.Lock()
        self._holds: deque[Hold] = deque()

    def hold(self, step: int) -> Hold:
        """Let the next job that begins wait at a step until it is told to go on."""
        self._holds.append(Hold(step))
        return self._holds[-1]

    def interrupt(self) -> None:
        """End whatever is drawn."""
        self.interrupts.append(self.current)
        self.state.interrupted = True

    async def visit(self, *, job: str = "task(abc123)", steps: int = 20) -> None:
        """Somebody else's job, who sits before the server's own page."""
        async with self._lock:
            await self._work("task(abc123)", job, steps=steps)
            self._finish("task(abc123)")

    async def txt2img(self, order: Txt2Img, task: str) -> dict[str, Any]:
        """Wait for the lock and draw.

        Raises:
            RefusalError: what came instead.
        """
        model = self._model(order)
        self.orders.append(order)
        if "crowd" in order.words:
            await self.visit()
        if "twin" in order.words:
            await self.visit(job="scripts_txt2img", steps=order.whole("steps", STEPS))
        self.pending[task] = None
        if self._lock.locked():
            self.queued.set()
        async with self._lock:
            self.pending.pop(task)
            done = await self._work(task, "scripts_txt2img", order=order)
            self._finish(task)
            answer = self._answer(order, model, done)
            if order.words & {"next", "then"}:
                self.state.begin("task(abc123)")
                self.state.job_count = 0
                self.state.interrupted = "then" in order.words
        return answer

    def preview(self, known: int) -> tuple[str | None, int]:
        """The newest preview and its number, if it is not the one that is known."""
        state = self.state
        if state.sampling_step - state.preview_step >= PREVIEW_STEPS:
            state.preview = paint(seed=7, width=64, height=96, done=state.fraction())
            state.preview_number += 1
            state.preview_step = state.sampling_step
        if state.preview is None or state.preview_number == known:
            return None, known
        return encoded(state.preview), state.preview_number

    def _model(self, order: Txt2Img) -> str:
        asked = order.checkpoint
        for each in self.checkpoints:
            if asked in {each["title"], each["model_name"], each["hash"], each["sha256"]} - {None}:
                return str(each["filename"]).rpartition("/")[2].removesuffix(".safetensors")
        if asked is not None and self.is_forge:
            raise RefusalError(500, refused("RuntimeError", "", f"model {asked!r} not found"))
        return LOADED

    async def _work(
        self, task: str, job: str, *, order: Txt2Img | None = None, steps: int = STEPS
    ) -> float:
        """Take the steps of one job; how much of the picture is drawn at its end."""
        words = order.words if order else frozenset[str]()
        steps = order.whole("steps", steps) if order else steps
        self.state.begin(job)
        self.current = task
        self.drawn.append(task)
        try:
            return await self._sample(steps, words, order.middle if order else asyncio.Event())
        finally:
            self.state.job, self.state.job_count = "", 0

    async def _sample(self, steps: int, words: frozenset[str], middle: asyncio.Event) -> float:
        state = self.state
        hold = self._holds.popleft() if self._holds else None
        pause = (SLOW_SECONDS if "slow" in words else self.seconds) / steps
        await self._wait_at(hold, 0)
        state.job_count, state.sampling_steps = 1, steps
        if "prevented" in words:
            state.interrupted = True
            return 0.0
        for step in range(1, steps + 1):
            await asyncio.sleep(pause)
            state.sampling_step = step
            await self._wait_at(hold, step)
            if step == steps // 2:
                middle.set()
                await self._strike(words)
            if state.interrupted or state.skipped:
                return step / steps
        state.job_no, state.sampling_step = 1, 0
        return 1.0

    async def _strike(self, words: frozenset[str]) -> None:
        """What happens in the middle."""
        if "oom" in words:
            memory = "CUDA out of memory. Tried to allocate 2.00 GiB"
            raise RefusalError(500, refused("OutOfMemoryError", "", memory))
        if "broken" in words:
            raise RefusalError(500, refused("AssertionError", "", "no such thing"))
        if "bare" in words:
            raise RefusalError(500, "Internal Server Error")
        if "hang" in words:
            await asyncio.Event().wait()
        if words & {"interrupted", "next"}:
            self.state.interrupted = True
        self.state.skipped |= "skipped" in words

    async def _wait_at(self, hold: Hold | None, step: int) -> None:
        if hold is not None and hold.step == step:
            hold.reached.set()
            await hold.go.wait()

    def _finish(self, task: str) -> None:
        """Not called after a failure: the task then stays the current one, as in the original."""
        if self.current == task:
            self.current = None
        self.finished.append(task)

    def _answer(self, order: Txt2Img, model: str, done: float) -> dict[str, Any]:
        seed = order.whole("seed", -1)
        seed = 4_000_000_007 if seed == -1 else seed
        kind = next((word for word in ("jpeg", "webp") if word in order.words), "png").upper()
        width, height = order.whole("width", 512), order.whole("height", 512)
        prompt = str(order.body.get("prompt", ""))
        told = {
            "prompt": prompt,
            "all_prompts": [prompt],
            "seed": seed,
            "all_seeds": [seed],
            "width": width,
            "height": height,
            "sampler_name": order.body.get("sampler_name"),
            "cfg_scale": order.body.get("cfg_scale"),
            "steps": order.whole("steps", STEPS),
            "batch_size": 1,
            "sd_model_name": model,
            "sd_model_hash": None,
            "infotexts": [prompt],
            "job_timestamp": self.state.job_timestamp,
            "version": "v1.10.1",
        }
        pictures = [
            encoded(
                paint(seed=seed, width=width, height=height, done=done, kind=kind, words=prompt)
            )
        ]
        return {
            "images": pictures if done else [],
            "parameters": order.body,
            "info": json.dumps(told),
        }
