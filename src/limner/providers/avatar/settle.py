"""From what the words say to a whole look: what they leave open is the character's own chance."""

from limner.providers.avatar import barber
from limner.providers.avatar.chance import Chance
from limner.providers.avatar.look import Look
from limner.providers.avatar.palette import EYES, HAIR, SKIN, darker, mix
from limner.providers.avatar.traits import Reading, Trait

_SKINS = (
    "fair", "light", "rosy", "olive", "tanned", "caramel", "brown", "mahogany", "dark", "light",
    "fair",
)  # fmt: skip
_LIGHT_SKINS = ("fair", "light", "rosy")
_LIGHT_HAIRS = frozenset(
    HAIR[name]
    for name in ("blond", "red", "ginger", "fair", "golden", "strawberry", "sandy", "flaxen")
)
_LIGHT_EYES = frozenset(EYES[name] for name in ("blue", "green", "grey", "light", "pale"))
_CLOTHS = (
    "#3b6fb0", "#a3402f", "#4a8a4d", "#6d4a9c", "#c98a2e", "#2f5d6a", "#8a3b5c", "#4c5560",
    "#27375f", "#b0563f", "#5f7040", "#7a5a8a", "#23787a", "#a98b5c",
)  # fmt: skip
_MOODS = ("calm", "calm", "kind", "happy", "serious", "proud")
_YOUNG = frozenset({"baby", "child", "teen"})
_WARDROBES = {
    "young": ("shirt", "hoodie", "overall", "jumper", "vneck"),
    "woman": ("scoop", "vneck", "blazer", "jumper", "dress", "jacket"),
    "man": ("shirt", "vneck", "jacket", "blazer", "suit", "jumper", "coat"),
}


def settle(reading: Reading, chance: Chance) -> Look:
    """Decide everything."""
    said = reading.traits
    woman = _is_woman(reading, chance)
    age = said.get(Trait.AGE) or chance.pick("age", ("adult", "adult", "adult", "middle"))
    young = age in _YOUNG
    build = said.get(Trait.BUILD) or chance.pick("build", ("average", "average", "slim"))
    skin = said.get(Trait.SKIN) or _skin(reading, chance)
    hair_colour = (
        said.get(Trait.HAIR_COLOUR)
        or said.get(Trait.BEARD_COLOUR)
        or barber.colour(age, skin, chance)
    )
    beard, moustache = barber.shave(said, bearded=not woman and not young, chance=chance)
    cloth = said.get(Trait.CLOTH) or chance.pick("cloth", _CLOTHS)
    return Look(
        woman=woman,
        age=age,
        build=build,
        neck=said.get(Trait.NECK) or ("thick" if build in ("stout", "giant") else "average"),
        face=said.get(Trait.FACE) or ("round" if build == "stout" or age == "baby" else "average"),
        skin=skin,
        eye_colour=said.get(Trait.EYE_COLOUR) or _eye_colour(skin, chance),
        eyes=said.get(Trait.EYES) or "open",
        mood=said.get(Trait.MOOD) or chance.pick("mood", _MOODS),
        brow_weight=_brow_weight(reading, slight=woman or age in ("baby", "child")),
        nose=said.get(Trait.NOSE) or _nose(chance, young=young),
        ears=said.get(Trait.EARS) or "average",
        hair=barber.haircut(said, woman=woman, age=age, skin=skin, chance=chance),
        hair_colour=hair_colour,
        beard=beard,
        moustache=moustache,
        beard_colour=said.get(Trait.BEARD_COLOUR) or hair_colour,
        glasses=said.get(Trait.GLASSES, ""),
        patch="patch" in reading.shown,
        hat=_hat(reading, woman=woman),
        hat_colour=said.get(Trait.HAT_COLOUR)
        or said.get(Trait.CLOTH)
        or chance.pick("hat", _CLOTHS),
        clothes=said.get(Trait.CLOTHES)
        or chance.pick("clothes", _WARDROBES["young" if young else "woman" if woman else "man"]),
        cloth=cloth,
        trim=said.get(Trait.TRIM) or _trim(cloth, chance),
        marks=_marks(reading, age=age, build=build, chance=chance),
        extras=_extras(reading, grown_woman=woman and not young, age=age, chance=chance),
        scene=said.get(Trait.SCENE) or "studio",
    )


def _is_woman(reading: Reading, chance: Chance) -> bool:
    said = reading.traits
    if Trait.SEX in said:
        return said[Trait.SEX] == "woman"
    if said.get(Trait.BEARD) or said.get(Trait.MOUSTACHE):
        return False
    return chance.happens("woman", 0.5)


def _skin(reading: Reading, chance: Chance) -> str:
    """Any, but hair and eyes that mostly come with a light skin bring one."""
    said = reading.traits
    light = (
        said.get(Trait.HAIR_COLOUR) in _LIGHT_HAIRS
        or said.get(Trait.EYE_COLOUR) in _LIGHT_EYES
        or "freckles" in reading.shown
    )
    return SKIN[chance.pick("skin", _LIGHT_SKINS if light else _SKINS)]


def _eye_colour(skin: str, chance: Chance) -> str:
    common = ("brown", "dark", "brown", "hazel")
    choice = common if barber.is_dark(skin) else (*common, "blue", "green", "grey")
    return EYES[chance.pick("eyes", choice)]


def _brow_weight(reading: Reading, *, slight: bool) -> float:
    wanted = reading.traits.get(Trait.BROWS, "")
    return {"thick": 10.0, "thin": 3.0}.get(wanted, 4.4 if slight else 6.2)


def _nose(chance: Chance, *, young: bool) -> str:
    return "small" if young else chance.pick("nose", ("default", "default", "small", "wide"))


def _hat(reading: Reading, *, woman: bool) -> str:
    hat = reading.traits.get(Trait.HAT, "")
    if hat == "plain":
        return "sunhat" if woman else "bowler"
    return hat


def _trim(cloth: str, chance: Chance) -> str:
    tones = (darker(cloth, 0.35), mix(cloth, "#f4ecd8", 0.6), "#8c2f3a", "#2f4a6d", "#c79a3c")
    return chance.pick("trim", tones)


def _marks(reading: Reading, *, age: str, build: str, chance: Chance) -> frozenset[str]:
    found = set(reading.shown)
    found |= {"old": {"wrinkles"}, "child": {"cheeks"}, "baby": {"cheeks"}}.get(age, set())
    found |= {"stout": {"jowl", "cheeks"}, "thin": {"gaunt"}}.get(build, set())
    if age == "child" and chance.happens("freckles", 0.25):
        found.add("freckles")
    return frozenset(found - reading.denied)


def _extras(reading: Reading, *, grown_woman: bool, age: str, chance: Chance) -> frozenset[str]:
    found = set(reading.shown)
    if grown_woman and chance.happens("earrings", 0.3):
        found.add("earrings")
    if grown_woman and age != "adult" and chance.happens("pearls", 0.35):
        found.add("pearls")
    return frozenset(found - reading.denied)
