"""Whose an adjective is."""

from collections.abc import Container, Sequence

from limner.providers.avatar.tokens import STOP
from limner.providers.avatar.traits import Part

_BEING = frozenset(
    {
        "is", "are", "was", "were", "look", "looks", "looked", "turned", "gone", "grown",
        "became", "being", "seem", "seems", "remained", "of", "like", "as", "colored",
        "dyed", "shines", "gleam", "gleamed", "shone", "has", "gets", "got", "going",
    }
)  # fmt: skip
_JOINING = frozenset({"and", ","})
_SOFT = frozenset(
    {
        "very", "so", "quite", "rather", "as", "too", "always", "slightly", "somewhat",
        "extremely", "really", "almost", "once", "now", "a", "an", "the", "usual",
        "amount", "most", "more", "still", "bit", "completely", "deep", "bright",
        "mostly", "colored", "of",
    }
)  # fmt: skip
_STUFF = frozenset(
    {
        "silk", "silken", "satin", "linen", "wool", "woollen", "cotton", "velvet",
        "leather", "denim", "lace", "tweed", "knitted", "striped", "checked", "spotted",
        "tartan", "embroidered", "shabby", "tattered", "ragged", "faded", "patched",
        "plain", "fine", "elegant", "expensive", "cheap", "dirty", "clean", "beautiful",
        "pretty", "handsome", "ugly", "lovely", "strange", "new", "old",
    }
)  # fmt: skip
"""Adjectives that say nothing to a painter and may stand before the noun all the same."""
_WEARING = frozenset(
    {
        "in", "wearing", "wears", "wore", "clad", "dressed",
    }
)  # fmt: skip
_REACH = 7


def owner_of(
    place: int, words: Sequence[str], parts: Sequence[Part | None], describing: Container[str]
) -> Part:
    """The part that the adjective at this place describes."""
    tight = _right(place, words, parts, describing, over=frozenset())
    if tight is not None:
        return tight
    linked = _linked(place, words, parts, describing)
    if linked is not None:
        return linked
    before = parts[place - 1] if place else None
    if before not in (None, Part.PERSON, Part.THING):
        return before or Part.PERSON
    loose = _right(place, words, parts, describing, over=_JOINING)
    if loose is not None:
        return loose
    if _worn(place, words, describing):
        return Part.CLOTHES
    return _listed(place, words, parts, describing) or Part.PERSON


def _right(
    place: int,
    words: Sequence[str],
    parts: Sequence[Part | None],
    describing: Container[str],
    over: frozenset[str],
) -> Part | None:
    """The noun that ends the phrase: only adjectives, and `over`, stand between."""
    for at in range(place + 1, min(place + _REACH, len(words))):
        word, part = words[at], parts[at]
        if part is not None:
            after = parts[at + 1] if at + 1 < len(words) else None
            return after if after in (Part.HAT, Part.CLOTHES, Part.TRIM) else part
        if (
            word in over
            and at + 1 < len(words)
            and (words[at + 1] in describing or words[at + 1] in _STUFF)
        ):
            continue
        if word not in describing and word not in _STUFF and not (over and word in _SOFT):
            # One unknown word may be an adjective too: "black pinstriped suit".
            if at + 1 < len(words) and parts[at + 1] not in (None, Part.PERSON) and _plain(word):
                continue
            return None
    return None


def _plain(word: str) -> bool:
    """Whether an unknown word may be an adjective: the little words, which bind, may not."""
    return len(word) > len("with") and word.isalpha() and word not in _BEING | _WEARING


def _linked(
    place: int, words: Sequence[str], parts: Sequence[Part | None], describing: Container[str]
) -> Part | None:
    """The noun before a verb of being, or before "of" and "as": "eyes of a deep green"."""
    at = place - 1
    while at >= 0 and (words[at] in _SOFT or words[at] in describing or words[at] == "and"):
        if words[at] in _BEING:
            break
        if parts[at] is not None:
            return None
        at -= 1
    if at < 0 or words[at] not in _BEING:
        return None
    while at >= 0 and words[at] != STOP:
        if parts[at] is not None:
            return parts[at]
        at -= 1
    return None


def _worn(place: int, words: Sequence[str], describing: Container[str]) -> bool:
    at = place - 1
    while at >= 0 and (
        words[at] in ("all", "nothing", "but", "and", "only") or words[at] in describing
    ):
        at -= 1
    return at >= 0 and words[at] in _WEARING


def _listed(
    place: int, words: Sequence[str], parts: Sequence[Part | None], describing: Container[str]
) -> Part | None:
    """The noun that a list of adjectives follows: "hair, long and black"."""
    at = place - 1
    while at >= 0 and (words[at] in _JOINING or words[at] in describing or words[at] in _SOFT):
        if parts[at] not in (None, Part.PERSON, Part.THING):
            return parts[at]
        at -= 1
    return parts[at] if at >= 0 and at < place - 1 and words[at + 1] != "," else None
