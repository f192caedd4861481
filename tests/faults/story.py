"""What a reader of a story's stream should have seen."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from stage.author import Author
from stage.process import Process
from stage.reader import Event, Stream

StartApi: TypeAlias = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
StartWorker: TypeAlias = Callable[..., AbstractAsyncContextManager[Process]]

FINAL = {"completed", "failed", "canceled"}


async def until_final(stream: Stream, count: int = 1) -> list[Event]:
    """Read a plot's stream until so many generations are final; every status on the way."""
    events: list[Event] = []
    while sum(event.json["status"] in FINAL for event in events) < count:
        events.append(await stream.next())
    return events


def statuses(events: list[Event]) -> list[object]:
    """What they say."""
    return [event.json["status"] for event in events]


def ids(events: list[Event]) -> list[int]:
    """Their numbers, each its own."""
    return [int(event.own_id or 0) for event in events]


def metadata(event: Event) -> dict[str, object]:
    """What an event tells besides its status."""
    value = event.json["metadata"]
    assert isinstance(value, dict)
    return value
