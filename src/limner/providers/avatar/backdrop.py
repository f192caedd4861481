"""What is behind the sitter: a place when the words name one, else a painter's backcloth."""

import math
from random import Random

from limner.providers.avatar.brushes import sky
from limner.providers.avatar.chance import Chance
from limner.providers.avatar.palette import darker, lighter
from limner.providers.avatar.places import PLACES

_GROUNDS = (
    "#b9c7c0", "#d9c3a0", "#c4a99a", "#a9bccb", "#cdbcd0", "#b7b58c", "#e0b99a", "#9fb7b0",
    "#d3a9a0", "#8fa6b5", "#c9c4b2", "#b59fb8", "#a8b89a", "#dcc58e", "#93a3a0", "#c99f86",
)  # fmt: skip


def backdrop(scene: str, chance: Chance) -> str:
    """The place, in colours and details that are the character's own."""
    lots = chance.lots(f"backdrop {scene}")
    return PLACES[scene](lots) if scene in PLACES else _studio(lots)


def vignette() -> str:
    """Darkness creeping in from the corners, over everything: it holds the picture together.

    Stacked rings in place of a radial gradient, whose every pixel differs from the next: that alone
    costs half of the rendering and doubles the PNG.
    """
    rings = "".join(
        f'<path d="M0 0H256V256H0ZM128 {122 - radius}a{radius} {radius} 0 1 0 .1 0Z"/>'
        for radius in (134, 150, 166)
    )
    return f'<g fill="#1a0f1e" fill-opacity=".1" fill-rule="evenodd">{rings}</g>'


def _studio(lots: Random) -> str:
    ground = lots.choice(_GROUNDS)
    halo = lighter(ground, 0.55)
    pattern = lots.choice((_strokes, _rays, _arch, _rings, _leaves))
    return (
        sky(lighter(ground, 0.12), darker(ground, 0.24))
        + pattern(lots, ground)
        + f'<g fill="{halo}" fill-opacity=".2">'
        + "".join(f'<circle cx="128" cy="112" r="{radius}"/>' for radius in (66, 94, 122))
        + "</g>"
    )


def _strokes(lots: Random, ground: str) -> str:
    lines = "".join(
        f'<path d="M{lots.randint(-20, 250)} {lots.randint(0, 250)}q{lots.randint(20, 60)}'
        f' {lots.randint(-24, 10)} {lots.randint(60, 120)} {lots.randint(-20, 20)}" stroke="'
        f'{lots.choice((lighter(ground, 0.4), darker(ground, 0.2)))}"'
        f' stroke-width="{lots.randint(7, 18)}"/>'
        for _ in range(16)
    )
    return f'<g fill="none" stroke-linecap="round" stroke-opacity=".32">{lines}</g>'


def _rays(lots: Random, ground: str) -> str:
    turn = lots.random()
    wedges = "".join(
        f"M128 120L{128 + 240 * math.cos(angle):.1f} {120 + 240 * math.sin(angle):.1f}"
        f"L{128 + 240 * math.cos(angle + 0.2):.1f} {120 + 240 * math.sin(angle + 0.2):.1f}Z"
        for angle in (turn + index * math.tau / 16 for index in range(16))
    )
    return f'<path d="{wedges}" fill="{lighter(ground, 0.5)}" fill-opacity=".4"/>'


def _arch(_: Random, ground: str) -> str:
    return (
        f'<path d="M34 256V118A94 94 0 0 1 222 118V256Z" fill="{lighter(ground, 0.35)}"/>'
        f'<path d="M34 256V118A94 94 0 0 1 222 118V256" fill="none" stroke="{darker(ground, 0.3)}"'
        ' stroke-width="3" stroke-opacity=".5"/>'
    )


def _rings(_: Random, ground: str) -> str:
    circles = "".join(
        f'<circle cx="128" cy="116" r="{radius}"/>' for radius in (66, 92, 118, 144, 170)
    )
    stroke = f'stroke="{lighter(ground, 0.5)}" stroke-width="9" stroke-opacity=".35"'
    return f'<g fill="none" {stroke}>{circles}</g>'


def _leaves(lots: Random, ground: str) -> str:
    leaf = "M0 0C9 -9 9 -22 0 -32C-9 -22 -9 -9 0 0Z"
    return f'<g fill="{darker(ground, 0.25)}" fill-opacity=".3">' + "".join(
        f'<path d="{leaf}"'
        f' transform="translate({x + lots.randint(-6, 6)} {y + lots.randint(-6, 6)})'
        f' rotate({lots.randint(0, 359)})"/>'
        for x in range(16, 256, 44)
        for y in range(24, 256, 46)
    ) + "</g>"  # fmt: skip
