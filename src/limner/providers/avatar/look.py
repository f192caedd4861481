"""How somebody looks, settled to the last detail: what the drawing modules work from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """Every choice made. Colours are `#rrggbb`; words are keys of the drawing modules' tables."""

    woman: bool
    age: str
    """baby, child, teen, adult, middle or old."""
    build: str
    """thin, slim, average, stout or giant."""
    neck: str
    """none, short, average, thick or long."""
    face: str
    """average, round, long or square."""
    skin: str
    eye_colour: str
    eyes: str
    """open, wide, narrow, closed, happy, wink, weeping or sleepy."""
    mood: str
    """What brows and mouth do."""
    brow_weight: float
    """Thickness of the brows, in units of the figure."""
    nose: str
    ears: str
    """average, big or pointed."""
    hair: str
    """A key of `hair.STYLES`; empty is bald."""
    hair_colour: str
    beard: str
    """A key of `beard.STYLES`; empty is shaved."""
    moustache: str
    beard_colour: str
    glasses: str
    patch: bool
    """Over the left eye, as we see it."""
    hat: str
    hat_colour: str
    clothes: str
    cloth: str
    trim: str
    """The second colour of the clothes."""
    marks: frozenset[str]
    """Freckles, scars and the like: keys of `marks.MARKS`."""
    extras: frozenset[str]
    """Earrings, necklace, tie, bow tie, scarf: keys of `wear.EXTRAS`."""
    scene: str
    """A key of `backdrop.SCENES`."""
