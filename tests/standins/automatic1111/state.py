"""What everybody sees of the work, and where a test can hold it."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Hold:
    """A place where a drawing waits for a test."""

    step: int
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class State:
    """What `/sdapi/v1/progress` shows of whatever is drawn; not reset at its end."""

    job: str = ""
    job_count: int = 0
    job_no: int = 0
    job_timestamp: str = "0"
    sampling_step: int = 0
    sampling_steps: int = 0
    interrupted: bool = False
    skipped: bool = False
    began: float = 0.0
    preview: bytes | None = None
    preview_number: int = 0
    preview_step: int = 0

    def begin(self, job: str) -> None:
        """A job begins; the steps are still those of the one before."""
        # a second later than the one before at least, since a test's jobs take far less than one
        moment = int(time.strftime("%Y%m%d%H%M%S"))
        self.job_timestamp = str(max(moment, int(self.job_timestamp) + 1))
        self.job, self.job_count, self.job_no, self.sampling_step = job, -1, 0, 0
        self.interrupted = self.skipped = False
        self.began = time.monotonic()
        self.preview, self.preview_number, self.preview_step = None, 0, 0

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        keys = ("job", "job_count", "job_no", "job_timestamp", "sampling_step", "sampling_steps")
        told = {key: getattr(self, key) for key in keys}
        return {
            "skipped": self.skipped,
            "interrupted": self.interrupted,
            "stopping_generation": False,
            **told,
        }

    def fraction(self) -> float:
        """Of the whole job."""
        if self.job_count <= 0:
            return 0.0
        done = self.job_no + self.sampling_step / max(self.sampling_steps, 1)
        return min(done / self.job_count, 1.0)
