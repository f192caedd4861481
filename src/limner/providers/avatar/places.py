"""Places that words can name: each a painting of its own, with the character's own details."""

from collections.abc import Callable
from random import Random

from limner.providers.avatar.brushes import SIDE, dots, hills, sky
from limner.providers.avatar.palette import mix


def _night(lots: Random) -> str:
    return (
        sky("#141a3c", "#4a4f86")
        + dots(lots, 60, 1.7, "#fff6d8", 200)
        + '<circle cx="212" cy="44" r="22" fill="#f6edc8"/>'
        '<circle cx="203" cy="39" r="19" fill="#1c2247"/>' + hills(lots, 214, "#1a1f3f")
    )


def _forest(lots: Random) -> str:
    layers = ""
    for base, colour, size in ((190, "#8fb596", 52), (216, "#5f9070", 70), (250, "#335c49", 90)):
        trees = "".join(
            f"M{x} {base - size - tall}L{x - size // 3} {base}H{x + size // 3}Z"
            for x in range(-10, 280, size // 2)
            for tall in (lots.randint(-12, 30),)
        )
        layers += f'<path d="{trees}M0 {base - 2}H256V256H0Z" fill="{colour}"/>'
    return sky("#dfeccd", "#a9cdb0") + layers


def _snow(lots: Random) -> str:
    return (
        sky("#a9c3dc", "#e9f1f7")
        + hills(lots, 184, "#cfdeea") + hills(lots, 214, "#f4f8fb")
        + dots(lots, 70, 3, "#ffffff")
    )  # fmt: skip


def _castle(lots: Random) -> str:
    stone = lots.choice(("#5d5878", "#6b6472", "#54606f"))
    towers = "".join(
        f"M{x} 256V{top}h5v-8h6v8h6v-8h6v8h5V256ZM{x - 3} {top - 8}h34l-17 -42Z"
        for x, top in ((8, 118), (44, 158), (188, 148), (222, 108))
    )
    windows = "".join(
        f'<path d="M{x} {y}v-8a4 4 0 0 1 8 0v8z" fill="#f7d98a"/>'
        for x, y in ((18, 150), (18, 190), (54, 192), (198, 184), (232, 142), (232, 182))
    )
    return (
        sky("#8f9fc8", "#f0cfae")
        + hills(lots, 206, "#8d88a0")
        + f'<path d="{towers}M0 206H256V256H0Z" fill="{stone}"/>{windows}'
    )


def _sea(lots: Random) -> str:
    waves = "".join(
        f'<path d="M0 {y}{"q8 -6 16 0t16 0" * 8}V256H0Z"'
        f' fill="{mix("#5aa6bf", "#1d4e74", share)}"/>'
        for y, share in ((172, 0.1), (192, 0.4), (212, 0.7), (234, 1.0))
    )
    return (
        sky("#9fd0e8", "#f5e6c8")
        + f'<circle cx="{lots.choice((44, 210))}" cy="54" r="22" fill="#fff3c4"/>{waves}'
    )


def _space(lots: Random) -> str:
    return (
        sky("#0d1026", "#2c2050")
        + dots(lots, 90, 1.6, "#ffffff")
        + '<circle cx="214" cy="56" r="30" fill="#c9805a"/>'
        '<path d="M176 70Q214 86 254 38" fill="none"'
        ' stroke="#e9c9a0" stroke-width="5"/><circle cx="36" cy="92" r="13" fill="#6fa0c9"/>'
    )


def _library(lots: Random) -> str:
    books = ""
    for shelf in range(5):
        x = 0
        while x < SIDE:
            width, tall = lots.randint(7, 15), lots.randint(32, 43)
            colour = lots.choice(("#8a3b32", "#3d5a6c", "#6a7446", "#a7793c", "#5b3f5e", "#7a5a40"))
            books += (
                f'<rect x="{x}" y="{shelf * 54 + 47 - tall}" width="{width - 1}" height="{tall}"'
                f' fill="{colour}"/>'
            )
            x += width
        books += f'<rect y="{shelf * 54 + 47}" width="256" height="7" fill="#4a3222"/>'
    dusk = '<rect width="256" height="256" fill="#2a1a10" fill-opacity=".28"/>'
    return f'<rect width="256" height="256" fill="#33231a"/>{books}{dusk}'


def _suburb(lots: Random) -> str:
    wall, roof = lots.choice(
        (("#e9d9bd", "#a5553f"), ("#d9e0d0", "#5c6d7c"), ("#f0dcd0", "#7a4a44"))
    )
    house = "".join(
        f'<path d="M{x} 210V{132}L{x + 44} 96L{x + 88} 132V210Z" fill="{wall}"/>'
        f'<path d="M{x - 8} 138L{x + 44} 92L{x + 96} 138L{x + 90} 144L{x + 44} 106L{x - 2} 144Z"'
        f' fill="{roof}"/>'
        f'<path d="M{x + 12} 150h22v24h-22zM{x + 54} 150h22v24h-22z" fill="#9fc3d6"'
        ' stroke="#fff" stroke-width="3"/>'
        for x in (-22, 84, 190)
    )
    return (
        sky("#9fcdea", "#e3f1ee") + house + '<rect y="204" width="256" height="60" fill="#7fae62"/>'
        '<path d="M0 222V190l6 -6l6 6v32zM24 222v-32l6 -6l6 6v32zM220 222v-32l6 -6l6 6v32z'
        'M244 222v-32l6 -6l6 6v32zM0 200h256v5H0z" fill="#fbf9f4"/>'
    )


def _garden(lots: Random) -> str:
    flowers = "".join(
        f'<circle cx="{lots.randint(0, 256)}" cy="{lots.randint(150, 250)}"'
        f' r="{lots.randint(4, 8)}"'
        f' fill="{lots.choice(("#e36f8a", "#f2c14e", "#f7f3ea", "#b07ac9", "#ee8a5a"))}"/>'
        for _ in range(60)
    )
    return (
        sky("#bfe1f2", "#f4f6dc")
        + hills(lots, 168, "#8fbf72")
        + hills(lots, 190, "#6aa65c")
        + flowers
    )


def _desert(lots: Random) -> str:
    return (
        sky("#f3c98b", "#fbe7c0") + '<circle cx="204" cy="58" r="26" fill="#fff2cf"/>'
        + hills(lots, 178, "#e2ac68", 24) + hills(lots, 214, "#c98c4c", 20)
    )  # fmt: skip


def _mountains(lots: Random) -> str:
    return (
        sky("#9dbfe0", "#f1e4d6")
        + '<path d="M-20 220L44 84L104 220ZM120 220L206 66L290 220Z" fill="#7d8ba6"/>'
        '<path d="M44 84L62 124L48 116L38 126L28 118ZM206 66L232 114L212 104L200 116L182 110Z"'
        ' fill="#f6f8fb"/>' + hills(lots, 208, "#6f8f6c")
    )


def _fire(lots: Random) -> str:
    tongue = "M0 0C-20 -30 4 -44 -4 -84C22 -60 24 -26 12 0Z"
    return sky("#2a1016", "#a63a1e") + "".join(
        f'<path d="{tongue}" fill="{colour}"'
        f' transform="translate({x} 258) scale({lots.uniform(1, 2.1):.2f})"'
        ' fill-opacity=".85"/>'
        for colour, xs in (("#d9541e", range(0, 260, 36)), ("#f2a52e", range(16, 260, 44)))
        for x in xs
    ) + dots(lots, 40, 2, "#ffd27a")  # fmt: skip


def _city(lots: Random) -> str:
    blocks = ""
    for x in range(0, 256, 32):
        top = lots.randint(70, 150)
        wall = lots.choice(("#56617a", "#68718a", "#4b5468"))
        blocks += f'<rect x="{x}" y="{top}" width="31" height="190" fill="{wall}"/>'
        blocks += "".join(
            f'<rect x="{x + 5 + dx}" y="{y}" width="7" height="9" fill="#f4d58c"'
            f' fill-opacity="{lots.choice((0.25, 0.9))}"/>'
            for y in range(top + 8, 250, 20) for dx in (0, 13)
        )  # fmt: skip
    return sky("#7f8fb5", "#e8c3a5") + blocks


def _cave(lots: Random) -> str:
    spikes = "".join(
        f"M{x} -2h34l-{17 + lots.randint(-5, 5)} {lots.randint(26, 80)}Z"
        for x in range(-6, 256, 28)
    )
    return (
        sky("#3b3a46", "#5a5560")
        + f'<path d="{spikes}" fill="#26252e"/>' + dots(lots, 24, 2.4, "#9fe0d8")
        + hills(lots, 224, "#2b2932")
    )  # fmt: skip


PLACES: dict[str, Callable[[Random], str]] = {
    "night": _night,
    "forest": _forest,
    "snow": _snow,
    "castle": _castle,
    "sea": _sea,
    "space": _space,
    "library": _library,
    "suburb": _suburb,
    "garden": _garden,
    "desert": _desert,
    "mountains": _mountains,
    "fire": _fire,
    "city": _city,
    "cave": _cave,
}
