"""What runs in a child process: read an order, paint it, hand it over, until there are no more.

It must not outlive the program it works for. When that closes the pipe or dies, the next read finds
the end; when it dies in the middle of a portrait, the kernel kills this process too (Linux).
"""

import ctypes
import os
import signal
import sys
import traceback

import resvg_py

from limner.providers.avatar.portrait import compose
from limner.providers.avatar.sitter import Sitter
from limner.providers.avatar.wire import HEADER, READY

SIDE = 768
"""Width and height of a portrait, in pixels."""
_PR_SET_PDEATHSIG = 1


def paint(sitter: Sitter) -> bytes:
    """The sitter's portrait, as PNG; the same for equal sitters on every machine and day."""
    return resvg_py.svg_to_bytes(
        svg_string=compose(sitter), width=SIDE, height=SIDE, skip_system_fonts=True
    )


def main() -> None:
    """Serve orders from stdin until it ends."""
    _belong_to(int(sys.argv[1]))
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    compose(Sitter("", "", ""))  # reads the tables and sheets, which the first order would wait for
    answers.write(READY)
    answers.flush()
    for line in orders:
        try:
            painted, answer = True, paint(Sitter.from_line(line))
        except Exception:  # noqa: BLE001  # whatever it is, the parent raises it as its own
            painted, answer = False, traceback.format_exc().encode()
        answers.write(HEADER.pack(painted, len(answer)))
        answers.write(answer)
        answers.flush()


def _belong_to(parent: int) -> None:
    """Leave the signals that mean "stop" to the parent, and die when it does.

    A supervisor may send SIGTERM to the whole group of processes; a worker told to stop still has
    seconds to finish its portraits, and needs its painters for that.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("The parent was gone before the kernel could be asked to watch it.")


if __name__ == "__main__":
    main()
