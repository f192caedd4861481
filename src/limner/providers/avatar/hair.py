"""Hair: most of it the library's, with plaits, tails and manes drawn behind or above."""

from dataclasses import dataclass

from limner.providers.avatar.drawings import sheet
from limner.providers.avatar.look import Look
from limner.providers.avatar.parts import part


@dataclass(frozen=True, slots=True)
class Style:
    """How one haircut is put together."""

    front: str
    """The library's part, drawn over the face; empty for none."""
    behind: str = ""
    """The drawing behind the head."""
    above: str = ""
    """The drawing over the front."""
    under_hat: str = "round"
    """The haircut that is seen when a hat sits on this one."""


STYLES: dict[str, Style] = {
    "": Style("", under_hat=""),
    "fringe": Style("sides", under_hat="fringe"),
    "short": Style("short_flat"),
    "cropped": Style("buzzcut", under_hat="cropped"),
    "side": Style("caesar_side_part", under_hat="side"),
    "caesar": Style("caesar", under_hat="caesar"),
    "round": Style("short_round", under_hat="round"),
    "waved": Style("short_waved"),
    "curls": Style("short_curly"),
    "coils": Style("short_dreads_1", under_hat="coils"),
    "springs": Style("short_dreads_2", under_hat="coils"),
    "swept": Style("shaggy", under_hat="round"),
    "messy": Style("mowgli", under_hat="swept"),
    "wild": Style("wild", under_hat="wild"),
    "electric": Style("einstein_hair", under_hat="wild"),
    "spiky": Style("evil_spike"),
    "quiff": Style("quiff"),
    "rocker": Style("elvis"),
    "pompadour": Style("pompadour"),
    "tuft": Style("frizzle", under_hat=""),
    "mohawk": Style("mohawk", under_hat="cropped"),
    "undercut": Style("half_shaved", under_hat="bob"),
    "mullet": Style("shaggy_mullet", under_hat="shoulder"),
    "pixie": Style("pixie", under_hat="round"),
    "bun": Style("bun", under_hat="bun-low"),
    "bun-low": Style("caesar", "knot", under_hat="bun-low"),
    "tendrils": Style("bride", under_hat="shoulder"),
    "topknot": Style("braids", under_hat="cornrows"),
    "cornrows": Style("cornrows", under_hat="cornrows"),
    "locks-up": Style("dreadlocks", under_hat="dreads"),
    "twists": Style("twist_long_hair", under_hat="twists"),
    "dreads": Style("dreads", under_hat="dreads"),
    "afro": Style("fro", under_hat="springs"),  # codespell:ignore fro
    "afro-band": Style("fro_band", under_hat="springs"),
    "bob": Style("bob", under_hat="bob"),
    "page": Style("mia_wallace", under_hat="bob"),
    "shoulder": Style("long_not_too_long", under_hat="shoulder"),
    "sleek": Style("straight_strand", under_hat="sleek"),
    "straight": Style("straight_1", under_hat="sleek"),
    "flowing": Style("big_hair", under_hat="flowing"),
    "wavy": Style("curvy", under_hat="loose"),
    "loose": Style("loose_hair", under_hat="loose"),
    "siren": Style("long_hair_curly", under_hat="loose"),
    "curly": Style("curly", under_hat="curly"),
    "lion": Style("short_flat", "lion", under_hat="lion"),
        "tail": Style("short_round", "tail", under_hat="tail"),
    "pigtails": Style("short_round", "pigtails", under_hat="pigtails"),
    "plaits": Style("short_round", "", "plaits", under_hat="plaits"),
    "beehive": Style("bun", "", "beehive", under_hat="shoulder"),
}  # fmt: skip


def drawn() -> frozenset[str]:
    """The drawings that a style may add to the library's part."""
    return frozenset(sheet("hair"))


def behind(look: Look) -> str:
    """What hangs behind the head."""
    return sheet("hair").get(STYLES[look.hair].behind, "")


def front(look: Look) -> str:
    """What grows over the forehead and beside the face."""
    style = STYLES[look.hair]
    grown = part(f"top/hair/{style.front}") if style.front else ""
    return grown + sheet("hair").get(style.above, "")
