"""What a process writes to standard error, byte for byte; each in a process of its own."""

import json
import subprocess
import sys

from structlog.dev import ConsoleRenderer

from limner import log

SPEAK = """
import logging
from limner import log
log.configure({log_format!r}, {level!r})
log.get().debug("thinking")
log.get().info("Done", seconds=1.5, name="Žofie")
logging.getLogger("uvicorn.error").warning("from %s", "a library", extra={{"port": 8000}})
logging.getLogger("arq").info("chatter of a library")
secret = "open sesame"
try:
    raise OSError("gone")
except OSError:
    logging.getLogger("asyncpg.pool").warning("Lost %d", 1, exc_info=True)
try:
    1 / 0
except ZeroDivisionError:
    log.get().exception("Broke")
"""


def said(log_format: str, level: str) -> str:
    program = SPEAK.format(log_format=log_format, level=level)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=20
    )
    assert ended.stdout == b""
    return ended.stderr.decode()


def test_json_is_one_object_a_line_with_time_and_level_also_for_libraries() -> None:
    done, library, _, broke = [json.loads(line) for line in said("json", "info").splitlines()]
    assert done.pop("timestamp").endswith("Z")
    assert done == {"event": "Done", "level": "info", "seconds": 1.5, "name": "Žofie"}
    assert (library["event"], library["level"]) == ("from a library", "warning")
    assert library["port"] == 8000
    assert "ZeroDivisionError" in broke["exception"]


def test_what_drivers_tell_of_lost_connections_is_a_line_and_no_variable_is_ever_shown() -> None:
    for log_format in ("json", "console"):
        text = said(log_format, "info")
        assert "Lost 1 (OSError)" in text
        assert "sesame" not in text
        assert text.count("Traceback") == 1, "only that of our own defect"


def test_nothing_below_the_level_is_written() -> None:
    assert "thinking" in said("json", "debug")
    assert [json.loads(line)["event"] for line in said("json", "error").splitlines()] == ["Broke"]


def test_a_person_gets_lines_to_read_and_no_colours_in_a_file() -> None:
    text = said("console", "info")
    assert "Done" in text
    assert "seconds=1.5" in text
    assert "ZeroDivisionError" in text
    assert "\x1b[" not in text


def test_a_line_is_the_one_that_the_console_of_structlog_writes() -> None:
    events = (
        {"event": "Done", "seconds": 1.5, "name": "\u017dofie", "image": None},
        {
            "event": "Status moved: pending \u2192 generating, and much more than fits",
            "of": (1, "a"),
        },
        {
            "event": "Said",
            "a": "two words",
            "b": "a=b",
            "c": "it's",
            "d": "",
            "e": "tab\t",
            "f": "\r",
        },
        {"event": ""},
    )
    console = ConsoleRenderer(colors=False)
    for event in events:
        for level in ("info", "warning", "critical"):
            whole = {"timestamp": "2026-11-23T10:07:40.765997Z", "level": level, **event}
            assert log._Plainly(console)(None, level, dict(whole)) == console(  # noqa: SLF001 - it
                None, level, dict(whole)
            )


def test_a_log_that_nobody_can_read_any_more_stops_nobody() -> None:
    program = """
import os
from limner import log
log.configure("console", "info")
reading, writing = os.pipe()
os.close(reading)
os.dup2(writing, 2)
for _ in range(3):
    log.get().info("Done")
print("went on")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=20
    )
    assert ended.stdout == b"went on\n"
