"""`limner`, which says at its end whether the garbage collector was at work."""

import atexit
import gc

from limner.cli import main

atexit.register(lambda: print(f"collector: {gc.isenabled()}"))  # noqa: T201 - it is read from here
main()
