"""What words can say about somebody, and a reading: what they did say."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Trait(StrEnum):
    """Something that a description may settle. Values are words of `look.Look`, or `#rrggbb`."""

    SEX = "sex"
    AGE = "age"
    BUILD = "build"
    NECK = "neck"
    FACE = "face"
    SKIN = "skin"
    EYE_COLOUR = "eye-colour"
    EYES = "eyes"
    MOOD = "mood"
    BROWS = "brows"
    NOSE = "nose"
    EARS = "ears"
    HAIR = "hair"
    """A haircut, a key of `hair.STYLES`."""
    HAIR_LENGTH = "hair-length"
    HAIR_KIND = "hair-kind"
    """Straight, wavy, curly or messy."""
    HAIR_COLOUR = "hair-colour"
    BEARD = "beard"
    MOUSTACHE = "moustache"
    BEARD_COLOUR = "beard-colour"
    GLASSES = "glasses"
    HAT = "hat"
    HAT_COLOUR = "hat-colour"
    CLOTHES = "clothes"
    CLOTH = "cloth"
    TRIM = "trim"
    SCENE = "scene"


class Part(StrEnum):
    """What an adjective or a colour can belong to."""

    HAIR = "hair"
    BEARD = "beard"
    MOUSTACHE = "moustache"
    BROWS = "brows"
    EYES = "eyes"
    SKIN = "skin"
    FACE = "face"
    NOSE = "nose"
    EARS = "ears"
    NECK = "neck"
    CLOTHES = "clothes"
    HAT = "hat"
    TRIM = "trim"
    GLASSES = "glasses"
    SMILE = "smile"
    BODY = "body"
    PERSON = "person"
    THING = "thing"
    """Anything else that has a colour or an age without its being the character's."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words said. A trait that is missing was left open; an empty value was ruled out."""

    traits: Mapping[Trait, str]
    shown: frozenset[str]
    """Marks and extras that are there."""
    denied: frozenset[str]
    """Marks and extras that are said not to be there."""
