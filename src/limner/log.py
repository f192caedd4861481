"""The one configuration of logging. Entry points call it; nothing else does."""

import logging
import re
import sys
import time
from contextlib import suppress
from typing import Literal

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

_QUIET = ("arq", "uvicorn.access", "asyncio", "botocore", "aiobotocore")
"""Libraries that are heard from warnings on: what they tell of in passing, we tell in our words."""
_BRIEF = ("asyncpg", "redis")
"""Drivers whose errors are told in a line: tracebacks of lost connections only bury the cause."""

_OF_ERRORS = frozenset({"exc_info", "exception", "stack"})
_TO_QUOTE = re.compile("[ \\t=\\r\\n\"']")


def configure(log_format: Literal["console", "json"], level: str) -> None:
    """Send every log line of this process, ours and the libraries', to standard error.

    Args:
        log_format: `console` for a person at a terminal, `json` for a collector.
        level: the least severe level that is written.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _elapsed,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor]
    if log_format == "json":
        renderer = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # never with local variables: a password is one of them
        plain = structlog.dev.plain_traceback
        colours = sys.stderr.isatty()
        console = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)
        renderer = [console if colours else _Plainly(console)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _plain],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "arq"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    handler.addFilter(_in_a_line)
    structlog.configure(
        # straight to the file: through the library's own records a line costs twice as much
        processors=[*shared, structlog.processors.StackInfoRenderer(), *renderer],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        cache_logger_on_first_use=True,
    )


class _Plainly:
    """Lines as structlog's console has them, at a third of the cost: there are no colours here.

    Args:
        console: for whatever has a traceback.
    """

    def __init__(self, console: structlog.dev.ConsoleRenderer) -> None:
        self._console = console

    def __call__(self, logger: object, method: str, event: EventDict) -> str:
        """The line of an event."""
        if not _OF_ERRORS.isdisjoint(event):
            return self._console(logger, method, event)
        at, level, told = event.pop("timestamp"), event.pop("level"), event.pop("event")
        words = (f"{key}={_word(event[key])}" for key in sorted(event))
        return " ".join((f"{at} [{level:<9}] {told:<30}", *words)).rstrip(" ")


def _word(value: object) -> str:
    return value if isinstance(value, str) and not _TO_QUOTE.search(value) else repr(value)


class _Lines:
    """Writes lines to standard error. One that can't be written stops nobody at their work."""

    def __init__(self, *_names: str) -> None:
        self._file = sys.stderr

    def msg(self, line: str) -> None:
        """Write a line, at once, and in one piece: others may write, too."""
        with suppress(OSError, ValueError):  # a full disk, a reader that has gone, a closed file
            self._file.write(line + "\n")
            self._file.flush()

    debug = info = warning = error = critical = msg


def _plain(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Drop what uvicorn adds for terminals."""
    event.pop("color_message", None)
    return event


def _elapsed(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Tell how long something has taken so far, where a moment of its beginning is bound."""
    began = event.pop("began", None)
    if began is not None:
        event.setdefault("seconds", round(time.monotonic() - began, 3))
    return event


def _in_a_line(record: logging.LogRecord) -> bool:
    """Put the name of a driver's error in place of its traceback."""
    is_brief = record.name.partition(".")[0] in _BRIEF
    if is_brief and record.exc_info and record.exc_info[0] is not None:
        record.msg = f"{record.getMessage()} ({record.exc_info[0].__name__})"
        record.args, record.exc_info = (), None
    return True


def get() -> FilteringBoundLogger:
    """A logger that takes an event and named values: `log.info("done", seconds=1.2)`."""
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger
