"""AUTOMATIC1111's web UI, or Forge, as far as its API goes; nothing of it draws more than squares.

How it behaves is said at its start (`wire.SERVER_WORDS`), by words in brackets in an order's prompt
(`orders.WORDS`), such as `[oom]`, or by a test that holds it at a step (`Studio.hold`).
"""

from .state import Hold
from .studio import Studio
from .wire import Automatic1111Standin, application

__all__ = ["Automatic1111Standin", "Hold", "Studio", "application"]
