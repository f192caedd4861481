"""Parents and children: nothing that `limner up` started outlives it, even when it is killed."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_INIT = 1


def die_with_parent() -> None:
    """Be told to stop when the parent dies. Linux alone can do this; elsewhere it does nothing."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == _INIT:  # it had died before the kernel was asked
        sys.exit(0)
