"""Which palette a colour word is looked up in, by what it is said of."""

from limner.providers.avatar.palette import CLOTH, EYES, HAIR, SKIN
from limner.providers.avatar.traits import Part, Trait

COLOURS: dict[Part, tuple[Trait, dict[str, str]]] = {
    Part.HAIR: (Trait.HAIR_COLOUR, HAIR),
    Part.BEARD: (Trait.BEARD_COLOUR, HAIR),
    Part.MOUSTACHE: (Trait.BEARD_COLOUR, HAIR),
    Part.EYES: (Trait.EYE_COLOUR, EYES),
    Part.SKIN: (Trait.SKIN, SKIN),
    Part.FACE: (Trait.SKIN, SKIN),
    Part.CLOTHES: (Trait.CLOTH, CLOTH),
    Part.HAT: (Trait.HAT_COLOUR, CLOTH),
    Part.TRIM: (Trait.TRIM, CLOTH),
}
SKIN_OF_PEOPLE = frozenset(
    {
        "pale", "black", "dark", "white", "brown", "tanned", "tan", "olive", "swarthy", "pallid",
        "ashen", "sallow", "dusky", "ebony", "ruddy", "bronzed", "weathered", "sunburnt", "wan",
    }
)  # fmt: skip
"""Colours that are meant of the skin when they are said of somebody: "a pale girl"."""
