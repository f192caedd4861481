"""The command line: `limner up`, `api`, `worker`, `migrate`."""

from limner.cli.commands import main

__all__ = ["main"]
