"""arq workers: `limner worker`, or `arq limner.worker.WorkerSettings`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limner.worker.settings import WorkerSettings

__all__ = ["WorkerSettings"]


def __getattr__(name: str) -> object:
    """Read the settings when arq asks for them, and not when somebody imports this room."""
    if name != "WorkerSettings":
        raise AttributeError(name)
    from limner.settings import load  # noqa: PLC0415 - see above
    from limner.worker.settings import worker_settings  # noqa: PLC0415 - see above

    return worker_settings(load())
