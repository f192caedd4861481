"""From a name and a description to traits: what words are there, whose they are, what is denied.

No grammar, only its neighbourhood: an adjective belongs to the noun that ends its phrase ("long
silver beard"), to the one before a verb of being ("her eyes are green"), or else to the person.
Where words contradict each other the first one wins, as it does with a reader.
"""

from limner.providers.avatar.ages import age_in
from limner.providers.avatar.colours import COLOURS, SKIN_OF_PEOPLE
from limner.providers.avatar.denials import denied_places
from limner.providers.avatar.owners import owner_of
from limner.providers.avatar.palette import HAIR, SKIN, darker, lighter
from limner.providers.avatar.tokens import cut
from limner.providers.avatar.traits import Part, Reading, Trait
from limner.providers.avatar.vocabulary import Phrase, vocabulary

_RULED_OUT = frozenset({Trait.BEARD, Trait.MOUSTACHE, Trait.GLASSES, Trait.HAT})
"""Traits of which a denial says that there is nothing; of others it only says what it is not."""
_INSTEAD = {
    (Trait.MOOD, "happy"): "serious",
    (Trait.MOOD, "laughing"): "serious",
    (Trait.MOOD, "kind"): "stern",
    (Trait.MOOD, "sad"): "calm",
    (Trait.MOOD, "angry"): "calm",
    (Trait.AGE, "old"): "adult",
    (Trait.BUILD, "stout"): "average",
    (Trait.BUILD, "thin"): "average",
}
_ANY_HAT = frozenset({"plain", "helm"})
_SHADES = {"light": lighter, "pale": lighter, "bright": lighter, "dark": darker, "deep": darker}


def read(name: str, description: str) -> Reading:
    """What name and description say; any text is fine, and most of it says nothing."""
    page, title = _Page(description), _Page(name)
    page.read_owned()
    page.read_phrases()
    title.read_phrases()
    for trait in (Trait.SEX, Trait.AGE):
        if trait in title.traits:
            page.traits.setdefault(trait, title.traits[trait])
    given = vocabulary().given_names
    sexes = [given[word] for word in title.words if word in given]
    if sexes:
        page.traits.setdefault(Trait.SEX, sexes[0])
    if (age := age_in(page.words)) is not None:
        page.traits[Trait.AGE] = age
    kinds = title.kinds | page.kinds
    if page.traits.get(Trait.HAT) in _ANY_HAT and Trait.HAT in kinds:
        del page.traits[Trait.HAT]  # the hat of a wizard is a wizard's hat
    return Reading(kinds | page.traits, frozenset(page.shown - page.denied), frozenset(page.denied))


class _Page:
    """A text while it is read."""

    def __init__(self, text: str) -> None:
        self._knows = vocabulary()
        self.words = cut(text, self._knows.known, self._knows.describing)
        self.traits: dict[Trait, str] = {}
        self.kinds: dict[Trait, str] = {}
        self.shown: set[str] = set()
        self.denied: set[str] = set()
        self._parts = [self._knows.nouns.get(word) for word in self.words]
        self._no = denied_places(self.words, self._parts)

    def read_owned(self) -> None:
        """Take adjectives and colours, which mean something only for their noun."""
        for place, word in enumerate(self.words):
            if word not in self._knows.describing:
                continue
            owner = owner_of(place, self.words, self._parts, self._knows.describing)
            for trait, value in self._knows.adjectives.get((owner, word), ()):
                self._note(trait, value, denied=place in self._no)
            if word in self._knows.colours and place not in self._no:
                self._read_colour(place, word, owner)

    def read_phrases(self) -> None:
        """Take what says something by itself, the longest phrase at each place."""
        place = 0
        while place < len(self.words):
            length = self._phrase_at(place)
            phrase = tuple(self.words[place : place + length])
            self._read_phrase(phrase, denied=place in self._no)
            place += length

    def _read_colour(self, place: int, word: str, owner: Part) -> None:
        if owner is Part.PERSON and (owner, word) in self._knows.adjectives:
            self.traits[Trait.HAIR_COLOUR] = HAIR[word]
        elif owner is Part.PERSON and word in SKIN_OF_PEOPLE:
            self.traits.setdefault(Trait.SKIN, SKIN[word])
        if owner not in COLOURS:
            return
        trait, palette = COLOURS[owner]
        before, after = self.words[max(place - 1, 0)], self.words[place + 1 : place + 2]
        if word not in palette or (after and after[0] != word and after[0] in palette):
            return  # "dark brown": the second word is the colour, the first only shades it
        shade = _SHADES.get(before)
        colour = shade(palette[word], 0.28) if shade and place else palette[word]
        if trait is Trait.CLOTH and trait in self.traits:
            trait = Trait.TRIM
        self.traits.setdefault(trait, colour)

    def _phrase_at(self, place: int) -> int:
        """How many words the phrase that begins here has; 1 if there is none."""
        for length in range(self._knows.longest, 1, -1):
            phrase = tuple(self.words[place : place + length])
            if any(phrase in table for table in (self._knows.sayings, self._knows.marks)):
                return len(phrase)
            if phrase in self._knows.kinds:
                return len(phrase)
        return 1

    def _read_phrase(self, phrase: Phrase, *, denied: bool) -> None:
        for trait, value in self._knows.sayings.get(phrase, ()):
            self._note(trait, value, denied=denied)
        if phrase in self._knows.marks:
            (self.denied if denied else self.shown).add(self._knows.marks[phrase])
        if phrase in self._knows.kinds and not denied:
            self.kinds = {**self._knows.kinds[phrase], **self.kinds}
        if len(phrase) > 1:  # "old man" is an age, and still a man
            sexes = (said for said in self._knows.sayings.get(phrase[-1:], ()))
            for trait, value in sexes:
                if trait is Trait.SEX:
                    self._note(trait, value, denied=denied)
        elif denied and self._knows.nouns.get(phrase[0]) is Part.NECK:
            self.traits.setdefault(Trait.NECK, "none")
        elif denied and phrase == ("hair",):
            self.traits.setdefault(Trait.HAIR, "")

    def _note(self, trait: Trait, value: str, *, denied: bool) -> None:
        if not denied:
            self.traits.setdefault(trait, value)
        elif trait in _RULED_OUT:
            self.traits.setdefault(trait, "")
        elif (trait, value) in _INSTEAD:
            self.traits.setdefault(trait, _INSTEAD[trait, value])
