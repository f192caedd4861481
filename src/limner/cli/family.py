"""Parents and children: nothing that `limner up` started outlives it, even when it is killed."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Be told to stop when the parent dies. Linux alone can do this; elsewhere it does nothing.

    Args:
        parent: its pid. That of today's parent would not do: it may be who took over an orphan,
            and in a container the true one is 1 as well.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it had died before the kernel was asked
        sys.exit(0)
