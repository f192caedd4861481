"""Beards and moustaches."""

from limner.providers.avatar.drawings import sheet
from limner.providers.avatar.look import Look
from limner.providers.avatar.parts import part

_LIBRARY = {
    "short": "beard_light", "full": "beard_medium", "bushy": "beard_magestic",
    "plain": "moustache_magnum", "fancy": "moustache_fancy", "brush": "einstien_mustache",
}  # fmt: skip


def names() -> frozenset[str]:
    """Every beard and moustache there is."""
    return frozenset(_LIBRARY) | frozenset(sheet("beards"))


def beard(look: Look) -> str:
    """What grows on cheeks and chin; the mouth is drawn over it."""
    return _drawn(look.beard)


def moustache(look: Look) -> str:
    """What grows on the lip; it is drawn over the mouth."""
    return _drawn(look.moustache)


def _drawn(name: str) -> str:
    if name in _LIBRARY:
        return f'<g transform="translate(49 72)">{part(f"facial_hair/{_LIBRARY[name]}")}</g>'
    return sheet("beards").get(name, "")
