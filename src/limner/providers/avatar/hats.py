"""What is worn on the head."""

from limner.providers.avatar.drawings import sheet
from limner.providers.avatar.look import Look
from limner.providers.avatar.parts import part

_LIBRARY = {
    "hijab": "hijab", "turban": "turban", "chef": "chef_cap", "bobble": "winter_hat_3",
    "ushanka": "winter_hat_1", "chullo": "winter_hat_2", "sunhat": "hat", "cat": "winter_hat_4",
}  # fmt: skip
_SITTING = frozenset({"crown", "tiara", "flowers", "band", "halo", "horns", "bow", "nurse"})
_HIDING = frozenset({"hijab", "kerchief", "turban"})
_TALL = frozenset({"wizard", "witch", "mitre", "top"})


def names() -> frozenset[str]:
    """Every hat there is."""
    return frozenset(_LIBRARY) | frozenset(sheet("hats"))


def hat(look: Look) -> str:
    """The hat, over hair and ears."""
    if look.hat in _LIBRARY:
        return part(f"top/hat/{_LIBRARY[look.hat]}").replace("@fabric@", "@hat@")
    return sheet("hats").get(look.hat, "")


def covers(name: str) -> bool:
    """Whether it presses the hair down; the others sit on it."""
    return bool(name) and name not in _SITTING


def hides(name: str) -> bool:
    """Whether no hair is seen under it."""
    return name in _HIDING


def is_tall(name: str) -> bool:
    """Whether the whole figure must shrink to make room for it."""
    return name in _TALL
