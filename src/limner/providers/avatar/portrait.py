"""The whole picture: ground, body, clothes, head, and where each stands."""

from dataclasses import replace

from limner.providers.avatar.backdrop import backdrop, vignette
from limner.providers.avatar.beard import beard, moustache
from limner.providers.avatar.chance import Chance
from limner.providers.avatar.face import features, head
from limner.providers.avatar.hair import STYLES, behind, front
from limner.providers.avatar.hats import covers, hat, hides, is_tall
from limner.providers.avatar.look import Look
from limner.providers.avatar.marks import glasses, marks
from limner.providers.avatar.palette import darker, lighter, mix
from limner.providers.avatar.reading import read
from limner.providers.avatar.settle import settle
from limner.providers.avatar.sitter import Sitter
from limner.providers.avatar.wear import body, clothes, earrings, extras

# Width and height of the head, width of the shoulders.
_BUILDS = {
    "thin": (0.87, 1.03, 0.84), "slim": (0.95, 1.0, 0.93), "average": (1.0, 1.0, 1.0),
    "stout": (1.17, 1.03, 1.26), "giant": (1.0, 0.97, 1.3),
}  # fmt: skip
# Size of the whole figure, and of the head on it: children are mostly head.
_AGES = {"baby": (0.72, 1.28), "child": (0.84, 1.16), "teen": (0.92, 1.06)}
_LIFTS = {"none": -19, "thick": -9, "short": -10, "long": 34}
_CHIN = 186


def compose(sitter: Sitter) -> str:
    """The sitter's portrait as SVG. Nothing of the sitter's own text gets into it."""
    chance = Chance(sitter)
    look = settle(read(sitter.name, sitter.description), chance)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256">'
        f"<defs>{_paints(look)}</defs>{backdrop(look.scene, chance)}{_figure(look)}{vignette()}"
        "</svg>"
    )


def _figure(look: Look) -> str:
    size, crown = _AGES.get(look.age, (1.0, 1.0))
    wide, high, shoulders = _BUILDS[look.build]
    lift = _LIFTS.get(look.neck, 0)
    size *= 0.98 if look.build == "giant" else 0.93
    if is_tall(look.hat):
        size *= 0.8
    elif lift > 0 or look.hat or look.hair in ("beehive", "topknot", "spiky"):
        size *= 0.92
    worn = replace(look, hair=_seen_hair(look))
    placed = (
        f"translate(132 {_CHIN - lift}) scale({wide * crown:.3f} {high * crown:.3f})"
        f" translate(-132 {-_CHIN})"
    )
    trunk = f"translate(132 0) scale({shoulders} 1) translate(-132 0)"
    drawing = (
        f'<g transform="{placed}">{behind(worn)}</g>'
        f'<g transform="{trunk}">{body(look, lift)}{clothes(look)}{extras(look)}</g>'
        f'<g transform="{placed}">{head(worn)}{marks(look)}{beard(look)}{features(look)}'
        f"{moustache(look)}{front(worn)}{earrings(look)}{glasses(look)}{hat(look)}</g>"
    )
    for role, paint in _roles(look).items():
        drawing = drawing.replace(role, paint)
    return f'<g transform="translate(128 258) scale({size:.3f}) translate(-132 -280)">{drawing}</g>'


def _seen_hair(look: Look) -> str:
    if hides(look.hat):
        return ""
    return STYLES[look.hair].under_hat if covers(look.hat) else look.hair


def _roles(look: Look) -> dict[str, str]:
    """What stands for the marks in the drawings."""
    roles = {
        "@hair@": "url(#hair)",
        "@beard@": "url(#beard)",
        "@strand@": darker(look.beard_colour, 0.3),
        "@fabric@": "url(#fabric)",
        "@skin@": "url(#skin)",
    }
    for name, colour in (("hat", look.hat_colour), ("cloth", look.cloth), ("trim", look.trim)):
        roles |= {
            f"@{name}@": colour,
            f"@{name}-dark@": darker(colour, 0.24),
            f"@{name}-deep@": darker(colour, 0.46),
            f"@{name}-light@": lighter(colour, 0.42),
        }
    return roles


def _paints(look: Look) -> str:
    """Light falls from the upper left; a flat colour would look cut out of paper."""
    warm = mix(look.skin, "#ffb199", 0.12)
    return (
        '<linearGradient id="skin" gradientUnits="userSpaceOnUse" x1="80" y1="50" x2="190"'
        ' y2="200">'
        f'<stop stop-color="{lighter(look.skin, 0.18)}"/><stop offset=".5" stop-color="{warm}"/>'
        f'<stop offset="1" stop-color="{darker(look.skin, 0.13)}"/></linearGradient>'
        + _gradient("hair", lighter(look.hair_colour, 0.2), darker(look.hair_colour, 0.22))
        + _gradient("beard", lighter(look.beard_colour, 0.12), darker(look.beard_colour, 0.18))
        + _gradient("fabric", lighter(look.cloth, 0.1), darker(look.cloth, 0.22))
    )


def _gradient(name: str, start: str, end: str) -> str:
    return (
        f'<linearGradient id="{name}" x1=".15" y1="0" x2=".85" y2="1"><stop stop-color="{start}"/>'
        f'<stop offset="1" stop-color="{end}"/></linearGradient>'
    )
