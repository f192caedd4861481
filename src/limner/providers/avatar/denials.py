"""Which words of a text are denied: "no beard", "never smiles", "without hat or glasses"."""

from collections.abc import Sequence

from limner.providers.avatar.tokens import STOP
from limner.providers.avatar.traits import Part

_DENYING = frozenset(
    {
        "no", "not", "never", "without", "nor", "neither", "lacks", "lacking", "hardly",
        "barely", "scarcely", "rarely", "seldom", "cannot", "lost", "missing",
    }
)  # fmt: skip
_ENDING = frozenset(
    {
        "but", "though", "however", "yet", "except", "although", "only", "with", "has",
        "who", "which", "whose", "he", "she",
    }
)  | {STOP}  # fmt: skip
_FILLING = frozenset(
    {
        "any", "a", "an", "the", "his", "her", "their", "its", "of", "as", "been", "ever",
        "wear", "wears", "wearing", "much",
    }
)  # fmt: skip


def denied_places(words: Sequence[str], parts: Sequence[Part | None]) -> frozenset[int]:
    """The places of all words that a denial reaches.

    It reaches to the noun it denies and, over "or" and "nor", to the next; two denials in a row
    ("never without his hat") are none.
    """
    places: set[int] = set()
    denying = done = False
    for place, word in enumerate(words):
        if word in _DENYING:
            denying, done = not denying if denying and not done else True, False
        elif word in _ENDING or (word == "," and words[place + 1 : place + 2] != ["or"]):
            denying = False
        elif word in ("or", "nor") and denying:
            done = False
        elif done and word not in ("or", "nor"):
            denying = False
        elif denying and word not in _FILLING:
            places.add(place)
            done = parts[place] is not None
    return frozenset(places)
