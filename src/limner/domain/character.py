"""A character: a person in a plot, whom images are drawn of."""

from dataclasses import dataclass
from datetime import datetime

from limner.domain.image import Image
from limner.domain.transition import Transition

NAME_CHARACTERS = 120
DESCRIPTION_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Character:
    """A person in a plot."""

    id: str
    plot_id: str
    owner: str
    name: str
    description: str
    created_at: datetime
    updated_at: datetime
    newest: Transition | None
    """The newest transition of its newest generation; None while it was never drawn."""
    portrait: Image | None
    """The image of its newest completed generation, which stays while a new one is drawn."""
