"""The lexicon turned round: from a word, or the words of a phrase, to what it says."""

import functools
from collections.abc import Container, Mapping
from dataclasses import dataclass

from limner.providers.avatar import lexicon
from limner.providers.avatar.colours import COLOURS
from limner.providers.avatar.tokens import cut
from limner.providers.avatar.traits import Part, Trait

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All that can be understood."""

    sayings: Mapping[Phrase, list[tuple[Trait, str]]]
    """Traits that a phrase settles by itself."""
    marks: Mapping[Phrase, str]
    kinds: Mapping[Phrase, Mapping[Trait, str]]
    nouns: Mapping[str, Part]
    adjectives: Mapping[tuple[Part, str], list[tuple[Trait, str]]]
    colours: frozenset[str]
    describing: frozenset[str]
    """Adjectives and colours: what may stand between an adjective and its noun."""
    given_names: Mapping[str, str]
    known: frozenset[str]
    longest: int
    """Words in the longest phrase."""


@functools.cache
def vocabulary() -> Vocabulary:
    """Built once for a process."""
    nouns = {word: Part(part) for part, words in lexicon.lists("nouns").items() for word in words}
    adjectives: dict[tuple[Part, str], list[tuple[Trait, str]]] = {}
    for part, trait, value, words in lexicon.adjectives():
        for word in words:
            adjectives.setdefault((Part(part), word), []).append((Trait(trait), value))
    colours = frozenset(word for _, palette in COLOURS.values() for word in palette)
    describing = colours | {word for _, word in adjectives}
    # A phrase's words take the forms of single ones: "eyes closed" is looked up as "eye closed".
    single = describing | nouns.keys() | _single_words()
    sayings = _sayings(single, describing)
    marks = {
        form: mark
        for mark, phrases in lexicon.lists("marks").items()
        for form in _forms(phrases, single, describing)
    }
    kinds = {
        form: {Trait(trait): value for trait, value in traits.items()}
        for phrases, traits in lexicon.kinds()
        for form in _forms(phrases, single, describing)
    }
    phrases = [*sayings, *marks, *kinds]
    given_names = {name: sex for sex, names in lexicon.lists("names").items() for name in names}
    return Vocabulary(
        sayings=sayings,
        marks=marks,
        kinds=kinds,
        nouns=nouns,
        adjectives=adjectives,
        colours=colours,
        describing=describing,
        given_names=given_names,
        known=single | {word for phrase in phrases for word in phrase},
        longest=max(map(len, phrases)),
    )


def _sayings(
    known: Container[str], describing: Container[str]
) -> dict[Phrase, list[tuple[Trait, str]]]:
    said: dict[Phrase, list[tuple[Trait, str]]] = {}
    for table in ("sayings", "wardrobe"):
        for trait, value, phrases in lexicon.values(table):
            for form in _forms(phrases, known, describing):
                said.setdefault(form, []).append((Trait(trait), value))
    return said


def _forms(phrases: list[str], known: Container[str], describing: Container[str]) -> list[Phrase]:
    return [tuple(cut(phrase, known, describing)) for phrase in phrases]


def _single_words() -> frozenset[str]:
    lists = [phrases for table in ("sayings", "wardrobe") for *_, phrases in lexicon.values(table)]
    lists += lexicon.lists("marks").values()
    lists += [phrases for phrases, _ in lexicon.kinds()]
    return frozenset(phrase for phrases in lists for phrase in phrases if " " not in phrase)
