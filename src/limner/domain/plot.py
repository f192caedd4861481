"""A plot: a story, which owns characters and one sequence of numbers."""

from dataclasses import dataclass
from datetime import datetime

LOCAL_OWNER = "local"
"""Who owns everything while no authentication is set."""

TITLE_CHARACTERS = 200
STYLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Plot:
    """A story."""

    id: str
    owner: str
    title: str
    style: str
    """How its characters are to be drawn, in the author's words; may be empty."""
    seq: int
    """The number of its newest transition; 0 at first."""
    created_at: datetime
    updated_at: datetime
    character_count: int
