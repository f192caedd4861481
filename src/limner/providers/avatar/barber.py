"""Hair and beard, as far as the words leave them to the barber."""

from collections.abc import Mapping

from limner.providers.avatar.chance import Chance
from limner.providers.avatar.palette import HAIR, SKIN, mix
from limner.providers.avatar.traits import Trait

_DARK_SKINS = frozenset(
    SKIN[name]
    for name in ("brown", "mahogany", "dark", "ebony", "black", "deep", "chocolate", "dusky")
)
_COLOURS = (
    "black", "dark", "brown", "brown", "chestnut", "auburn", "sandy", "blond", "ginger", "honey",
    "mousy",
)  # fmt: skip

# Haircuts by sex, length and kind; empty stands for "not said".
_CUTS = {
    ("man", "short", ""): ("short", "side", "caesar", "round", "waved", "swept", "quiff", "curls"),
    ("man", "short", "curly"): ("curls", "springs"),
    ("man", "short", "wavy"): ("waved", "swept"),
    ("man", "short", "messy"): ("messy",),
    ("man", "short", "wild"): ("messy", "wild"),
    ("man", "short", "straight"): ("short", "round", "caesar"),
    ("man", "short", "coily"): ("coils",),
    ("man", "", "thin"): ("fringe",),
    ("man", "shoulder", ""): ("sleek", "wild", "shoulder"),
    ("man", "shoulder", "straight"): ("sleek", "shoulder"),
    ("man", "long", ""): ("lion",),
    ("man", "long", "curly"): ("loose",),
    ("man", "long", "wavy"): ("loose",),
    ("man", "long", "straight"): ("sleek",),
    ("man", "long", "wild"): ("wild",),
    ("man", "long", "messy"): ("wild",),
    ("woman", "short", ""): ("pixie", "bob", "page", "mullet"),
    ("woman", "short", "curly"): ("curly", "springs"),
    ("woman", "short", "messy"): ("messy",),
    ("woman", "short", "straight"): ("bob", "page"),
    ("woman", "short", "wild"): ("messy", "wild"),
    ("woman", "short", "wavy"): ("swept", "bob"),
    ("woman", "", "curly"): ("curly", "loose"),
    ("woman", "", "wavy"): ("wavy", "flowing"),
    ("woman", "", "wild"): ("curly", "wild"),
    ("woman", "", "messy"): ("wild", "messy"),
    ("woman", "", "straight"): ("sleek", "straight", "shoulder"),
    ("woman", "", "coily"): ("afro",),
    ("woman", "", "thin"): ("bun",),
    ("woman", "shoulder", ""): ("shoulder", "bob", "sleek"),
    ("woman", "long", ""): ("straight", "sleek", "flowing", "loose"),
    ("woman", "long", "curly"): ("loose", "wavy"),
    ("woman", "long", "wavy"): ("wavy", "flowing"),
    ("woman", "long", "straight"): ("sleek", "straight"),
    ("woman", "long", "messy"): ("wild", "loose"),
    ("woman", "long", "wild"): ("wild", "loose"),
}
# Haircuts of whom nothing is said, by sex and by what else is known.
_USUAL = {
    ("man", "dark"): ("cropped", "coils", "caesar", "springs"),
    ("woman", "dark"): ("afro", "curly", "bun", "twists", "coils"),
    ("man", "old"): ("fringe", "short", "", "side"),
    ("woman", "old"): ("bun", "curly", "bob", "pixie"),
    ("woman", "child"): ("plaits", "pigtails", "tail", "bob", "straight"),
}


def is_dark(skin: str) -> bool:
    """Whether the skin is one that comes with dark hair and eyes."""
    return skin in _DARK_SKINS


def colour(age: str, skin: str, chance: Chance) -> str:
    """What the hair has grown or gone."""
    dark = ("black", "raven", "dark")
    grown = HAIR[chance.pick("hair colour", dark if is_dark(skin) else _COLOURS)]
    if age == "old":
        return HAIR[chance.pick("grey", ("white", "silver", "grey"))]
    if age == "middle" and chance.happens("greying", 0.5):
        return mix(grown, HAIR["grey"], 0.35)
    return grown


def haircut(said: Mapping[Trait, str], *, woman: bool, age: str, skin: str, chance: Chance) -> str:
    """A key of `hair.STYLES`."""
    if Trait.HAIR in said:
        return said[Trait.HAIR]
    sex = "woman" if woman else "man"
    length, kind = said.get(Trait.HAIR_LENGTH, ""), said.get(Trait.HAIR_KIND, "")
    beard = said.get(Trait.BEARD)
    if kind == "spiky":
        return "spiky"
    if beard == "wild" and not kind:
        kind = "wild"
    if beard == "long" and age == "old" and not length:
        length = "long"
    if not length and not kind:
        if age == "baby":
            return chance.pick("cut", ("tuft", "", "cropped"))
        known = "dark" if is_dark(skin) else age
        if (sex, known) in _USUAL:
            return chance.pick("cut", _USUAL[sex, known])
        length = chance.pick("length", ("long", "shoulder", "short", "long")) if woman else "short"
    length = length or ("" if woman else "short")
    wanted = ((sex, length, kind), (sex, "", kind), (sex, length, ""), (sex, "short", ""))
    return chance.pick("cut", next(_CUTS[cut] for cut in wanted if cut in _CUTS))


def shave(said: Mapping[Trait, str], *, bearded: bool, chance: Chance) -> tuple[str, str]:
    """Beard and moustache: what was said, or what somebody who may have one happens to wear."""
    if Trait.BEARD in said or Trait.MOUSTACHE in said or not bearded:
        return said.get(Trait.BEARD, ""), said.get(Trait.MOUSTACHE, "")
    beard = chance.pick("beard", ("", "", "", "", "stubble", "short", "full"))
    return beard, chance.pick("moustache", ("", "", "", "", "plain"))
