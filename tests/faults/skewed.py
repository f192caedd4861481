"""Limner's programs in a process whose wall clock is wrong, and jumps when it is told to.

Run as a program: `api` and the other words of the command line, or `hired`. Whatever asks for the
time of day is answered wrongly; what counts time since the process began is not, as it is when an
operator or NTP sets the clock of a machine. Postgres's clock can't be moved from here, and it is
the one by which leases, deadlines and every `at` are kept.
"""

import datetime as dt
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Self

HOUR_SECONDS = 3600.0
FORWARD = signal.SIGUSR2
"""The clock is put forward by an hour."""
BACK = signal.SIGVTALRM
"""The clock is put back by an hour."""
JUMPED = "The clock has jumped"
SKEW = "SKEW_SECONDS"
"""The variable of the environment that says how wrong the clock is from the beginning."""


class Clock:
    """What everything in this process takes for the time."""

    def __init__(self, ahead_seconds: float) -> None:
        self.ahead_seconds = ahead_seconds
        self._true: Callable[[], float] = time.time

    def __call__(self) -> float:
        return self._true() + self.ahead_seconds

    def jump(self, number: int, _frame: object) -> None:
        """A signal has come that sets it."""
        self.ahead_seconds += HOUR_SECONDS if number == FORWARD else -HOUR_SECONDS
        line = {"event": JUMPED, "ahead_seconds": self.ahead_seconds}
        os.write(sys.stderr.fileno(), f"{json.dumps(line)}\n".encode())


def install(clock: Clock) -> None:
    """Before anything of Limner's, or of arq's, is imported: they take the clock by its name."""

    class Wrong(dt.datetime):
        """The time of day by that clock."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock(), tz)

    time.time = clock
    dt.datetime = Wrong  # type: ignore[misc] # it is one for all who call it
    for number in (FORWARD, BACK):
        signal.signal(number, clock.jump)


def main() -> None:
    """Run what the command line names."""
    install(Clock(float(os.environ.get(SKEW, "0"))))
    from limner.flows import recover  # noqa: PLC0415 - see install

    recover.WAITING_SECONDS = 0.5
    if sys.argv[1] == "hired":
        from faults import hired  # noqa: PLC0415 - see install

        hired.main()
    else:
        from limner import cli  # noqa: PLC0415 - see install

        cli.main()


if __name__ == "__main__":
    main()
