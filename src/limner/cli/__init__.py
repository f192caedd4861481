"""The command line: `limner up`, `api`, `worker`, `migrate`, `doctor`."""

from limner.cli.commands import main

__all__ = ["main"]
