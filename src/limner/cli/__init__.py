"""The command line: `limner up`, `api`, `worker`, `migrate`, `doctor`."""

import gc

__all__ = ["main"]


def main() -> None:
    """Run the command line.

    The garbage collector rests until a command begins to work: nothing that is imported is garbage,
    and going through it again and again only takes time.
    """
    gc.disable()
    from limner.cli.commands import main as run  # noqa: PLC0415 - see above

    run()
