"""The books of the account: what was ordered, what is in the queue, what was asked for."""

import asyncio
import hashlib
import itertools
import json
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from .demands import Json
from .words import Words

_FIRST_ID: Final = 123456
_SPAM_SECONDS: Final = 30.0
_QUEUED: Final = 5
_SECONDS: Final = 2.0
_FORGOTTEN_SECONDS: Final = 60.0
"""What is never asked for leaves the queue by then."""


@dataclass(slots=True)
class Drawing:
    """An order that was taken. It is done by the clock, or after so many questions."""

    id: int
    model: str
    prompt: str
    words: Words
    began: float
    fetches: int = 0
    downloads: Counter[str] = field(default_factory=Counter)
    is_over: bool = False

    @property
    def left_seconds(self) -> float:
        """Until it is done, as far as the clock decides it."""
        return self.began + self.words.number("seconds", _SECONDS) - time.monotonic()

    @property
    def is_done(self) -> bool:
        """Whether the picture is there."""
        if self.words.has("processing"):
            return self.fetches > self.words.number("processing", 1)
        return self.left_seconds <= 0

    @property
    def is_queued(self) -> bool:
        """Whether it counts for the limit of the account."""
        if self.is_over or time.monotonic() > self.began + _FORGOTTEN_SECONDS:
            return False
        return self.words.has("processing") or not self.is_done


@dataclass(slots=True)
class Request:
    """What somebody asked, without the key."""

    method: str
    path: str
    body: Json
    headers: dict[str, str]
    has_key: bool
    """The right one."""
    at: float = field(default_factory=time.monotonic)
    """When it came, by a clock of this process, in seconds."""


class Account:
    """All that one stand-in knows.

    Args:
        behave: words for every order, beside those of its prompt.
    """

    def __init__(self, behave: Sequence[str] = ()) -> None:
        self.behave = list(behave)
        self.next: deque[str] = deque()
        """For the next orders, one each: words with blanks between."""
        self.requests: list[Request] = []
        self.submitted = 0
        """Orders that came, refused ones too."""
        self.by_prompt: Counter[str] = Counter()
        """Orders that were taken, and are paid."""
        self.most_queued = 0
        """How many orders were in the queue at once, at the most."""
        self.drawings: dict[str, Drawing] = {}
        self.held: asyncio.Queue[str] = asyncio.Queue()
        """Says what an answer is held back for: `order` or `fetch`."""
        self.go_on = asyncio.Event()
        """Held answers are given."""
        self.left: asyncio.Queue[str] = asyncio.Queue()
        """Says what was asked by somebody who then hung up."""
        self._ids = itertools.count(_FIRST_ID)
        self._bodies: dict[str, float] = {}
        self._tries: Counter[str] = Counter()
        words = Words.of("", behave)
        self._limit = int(words.number("limit", _QUEUED))
        self._spam_seconds = words.number("spam-seconds", _SPAM_SECONDS)

    @property
    def taken(self) -> int:
        """Orders that were taken."""
        return len(self.drawings)

    @property
    def fetches(self) -> int:
        """Questions after orders."""
        return sum("/images/fetch" in request.path for request in self.requests)

    @property
    def is_full(self) -> bool:
        """Whether the queue takes no more."""
        return self._queued() >= self._limit

    def words_for(self, prompt: str) -> tuple[Words, int]:
        """How an order is to go, and how many of this prompt there were before."""
        self.submitted += 1
        before = self._tries[prompt]
        self._tries[prompt] += 1
        scripted = self.next.popleft().split() if self.next else []
        return Words.of(prompt, scripted, self.behave), before

    def is_spam(self, body: Json) -> bool:
        """Whether the same was ordered a moment ago."""
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        now = time.monotonic()
        last = self._bodies.get(digest)
        self._bodies[digest] = now
        return last is not None and now - last < self._spam_seconds

    def take(self, order: Json, words: Words) -> Drawing:
        """Take an order."""
        drawing = Drawing(
            next(self._ids), order["model_id"], order["prompt"], words, time.monotonic()
        )
        self.drawings[str(drawing.id)] = drawing
        self.by_prompt[drawing.prompt] += 1
        self.most_queued = max(self.most_queued, self._queued())
        return drawing

    def _queued(self) -> int:
        return sum(drawing.is_queued for drawing in self.drawings.values())
