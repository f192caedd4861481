"""The one configuration of logging. Entry points call it; nothing else does."""

import logging
import sys
import time
from typing import Literal

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

_QUIET = ("arq", "uvicorn.access", "asyncio", "botocore", "aiobotocore")
"""Libraries that are heard from warnings on: what they tell of in passing, we tell in our words."""
_BRIEF = ("asyncpg", "redis")
"""Drivers whose errors are told in a line: tracebacks of lost connections only bury the cause."""


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
        structlog.stdlib.ExtraAdder(),
        _plain,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor]
    if log_format == "json":
        renderer = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # never with local variables: a password is one of them
        plain = structlog.dev.plain_traceback
        renderer = [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
        ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
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
        processors=[
            structlog.stdlib.filter_by_level,
            *shared[:3],
            shared[-1],
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


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
