"""Finding the picture in what a server sends: in an answer, or in the events of a stream."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final

from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.transition import JsonObject
from limner.providers.openai.event_stream import StreamEvent

_HANDLE_CHARACTERS: Final = 16_000
_PARTIAL: Final = ".partial_image"
_COMPLETED: Final = ".completed"
_FAILED: Final = frozenset({"error", "image_generation.failed"})


@dataclass(frozen=True, slots=True)
class Link:
    """Where the picture lies; for 60 minutes, at OpenAI."""

    url: str

    def handle(self) -> str | None:
        """What the order can be asked for by; None when that would be longer than handles are."""
        handle = json.dumps({"url": self.url}, ensure_ascii=False)
        return handle if len(handle) <= _HANDLE_CHARACTERS else None

    @classmethod
    def of_handle(cls, handle: str) -> "Link":
        """The link that an earlier attempt has kept.

        Raises:
            DrawingError: `internal`, it is no handle of this provider.
        """
        try:
            value = json.loads(handle)
        except ValueError:
            value = None
        url = value.get("url") if isinstance(value, dict) else None
        if not isinstance(url, str):
            raise DrawingError(ErrorCode.INTERNAL, "What was kept of the order can't be read.")
        return cls(url)


@dataclass(frozen=True, slots=True)
class Partial:
    """A picture on the way."""

    data: bytes
    index: int
    """From 0."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The server's word, within a stream, that there will be no picture."""

    value: JsonObject


Found = bytes | Link
"""A picture, or where it is."""


def picture_in(value: JsonObject) -> Found | None:
    """The picture of a plain answer; None when it brings none.

    Raises:
        DrawingError: as `_found`.
    """
    data = value.get("data")
    for entry in data if isinstance(data, list) else []:
        found = _found(entry) if isinstance(entry, dict) else None
        if found is not None:
            return found
    return None


def heard(event: StreamEvent) -> Found | Partial | Failure | None:
    """What an event brings; None: nothing of interest, such as a sign of life.

    Raises:
        DrawingError: as `_found`.
    """
    value = _object(event.data)
    if value is None:
        return Failure({"error": event.data}) if event.name == "error" else None
    if value.get("error"):
        return Failure(value)
    kind = _kind(value, event)
    if kind in _FAILED:
        return Failure(value)
    if kind.endswith(_PARTIAL):
        return _partial(value)
    if kind.endswith(_COMPLETED):
        return _found(value) or picture_in(value)
    return picture_in(value)  # a plain answer, as the only event of a stream


def _kind(value: JsonObject, event: StreamEvent) -> str:
    """What sort of event it is: by what its data says, and if that says nothing, by its name."""
    kind = value.get("type")
    if isinstance(kind, str) and (kind.endswith((_PARTIAL, _COMPLETED)) or kind in _FAILED):
        return kind
    return event.name


def _partial(value: JsonObject) -> Partial | None:
    """A picture on the way; None when it can't be read: nothing hangs on it."""
    index = value.get("partial_image_index")
    try:
        found = _found(value)
    except DrawingError:
        return None
    if not isinstance(found, bytes):
        return None
    return Partial(found, index if isinstance(index, int) and index >= 0 else 0)


def _found(entry: JsonObject) -> Found | None:
    """A picture as it stands in an answer: base64, or a URL, which may be one of data.

    Raises:
        DrawingError: `provider_unavailable`, what should be base64 is not.
    """
    text, url = entry.get("b64_json"), entry.get("url")
    if isinstance(text, str) and text:
        return _decoded(text)
    if not isinstance(url, str) or not url:
        return None
    return _decoded(url) if url.startswith("data:") else Link(url)


def _decoded(text: str) -> bytes:
    if text.startswith("data:"):
        text = text.partition(",")[2]
    text = "".join(text.split())  # MIME's lines
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise DrawingError(
            ErrorCode.PROVIDER_UNAVAILABLE,
            "The provider's picture could not be read.",
            detail=f"{len(text)} characters that are no base64",
        ) from None


def _object(text: str) -> JsonObject | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
