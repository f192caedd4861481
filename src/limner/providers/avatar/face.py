"""The head and what is on it: shape, ears, eyes, brows, nose, mouth.

Coordinates are the figure's, 264 wide and 280 high as in avataaars: the head reaches from 36 to
186, the eyes are at (106, 112) and (158, 112).
"""

from limner.providers.avatar.look import Look
from limner.providers.avatar.palette import darker, lighter, mix
from limner.providers.avatar.parts import part

_HEAD = (
    "M132 36C163 36 188 61 188 92V98.2C193.700 99.100 198 104 198 110V124C198 130 193.500 135"
    " 187.700 135.900C185.600 155.700 173.200 172.400 156 180.600C148.500 184.300 140 186 132 186"
    "C124 186 115.500 184.300 108 180.600C90.800 172.400 78.400 155.700 76.300 135.900C70.500 135"
    " 66 130 66 124V110C66 104 70.300 99.100 76 98.200V92C76 61 101 36 132 36Z"
)
_JOWLS = {
    "round": '<ellipse cx="132" cy="146" rx="57" ry="41" fill="url(#skin)"/>',
    "square": '<path d="M77 128C77 176 96 187 112 187H152C168 187 187 176 187 128Z"'
    ' fill="url(#skin)"/>',
}
_LEFT, _RIGHT, _LEVEL = 106, 158, 112

# Brows: height of the inner end, of the arch, of the outer end; and the mouth that goes with them.
_MOODS = {
    "calm": (0, -6, 0, "smile"),
    "kind": (-1, -7, 1, "smile"),
    "happy": (-2, -9, -1, "open"),
    "laughing": (-3, -10, -1, "grin"),
    "stern": (4, -4, -2, "straight"),
    "serious": (1, -4, 0, "straight"),
    "angry": (8, -3, -5, "frown"),
    "furious": (9, -3, -7, "teeth"),
    "sad": (-6, -5, 5, "frown"),
    "afraid": (-7, -9, 2, "worried"),
    "surprised": (-6, -13, -5, "oh"),
    "sly": (3, -6, -6, "smirk"),
    "proud": (-1, -9, -4, "smirk"),
    "shy": (-4, -6, 2, "small"),
    "sour": (3, -5, 0, "pursed"),
    "cheeky": (-3, -9, -3, "tongue"),
}
MOODS = frozenset(_MOODS)

_LIBRARY_MOUTHS = {
    "open": "smile", "grin": "big_smile", "teeth": "grimace", "worried": "concerned",
    "oh": "scream_open", "tongue": "tongue",
}  # fmt: skip
_LINES = {
    "smile": "M116 151Q132 164 148 151",
    "straight": "M119 155H145",
    "frown": "M118 160Q132 148 146 160",
    "smirk": "M119 156Q136 160 147 149",
    "small": "M123 154Q132 160 141 154",
    "pursed": "M123 157Q128 153 132 156Q136 153 141 157",
}
_NOSES = {
    "long": "M134 108C130 122 122 134 122 139C122 145 138 146 141 140",
    "hooked": "M136 106C140 116 120 126 121 139C124 147 137 145 141 139",
    "crooked": "M133 104L138 117L128 130C122 136 126 144 134 143Q140 142 142 138",
    "pointed": "M132 112L122 138Q128 144 140 139",
}


def head(look: Look) -> str:
    """The bare head with its ears."""
    ears = ""
    if look.ears == "pointed":
        ears = (
            '<path d="M78 98L44 66C44 96 56 128 80 132ZM186 98L220 66C220 96 208 128 184 132Z"'
            ' fill="url(#skin)"/><path d="M72 104L52 80C54 100 62 118 74 124ZM192 104L212 80'
            f'C210 100 202 118 190 124Z" fill="{darker(look.skin, 0.22)}"/>'
        )
    elif look.ears == "big":
        ears = (
            '<ellipse cx="64" cy="112" rx="20" ry="27" fill="url(#skin)"/>'
            '<ellipse cx="200" cy="112" rx="20" ry="27" fill="url(#skin)"/>'
        )
    shell = darker(look.skin, 0.2)
    folds = (
        f'<path d="M72 110Q78 112 75 124M192 110Q186 112 189 124" stroke="{shell}"'
        ' stroke-width="2.500" fill="none" stroke-linecap="round"/>'
    )
    return f'{ears}<path d="{_HEAD}" fill="url(#skin)"/>{_JOWLS.get(look.face, "")}{folds}'


def features(look: Look) -> str:
    """Eyes, brows, nose and mouth."""
    return _nose(look) + _mouth(look) + _eyes(look) + _brows(look)


def _eyes(look: Look) -> str:
    if look.eyes in ("closed", "happy"):
        return f'<g transform="translate(76 90)">{part(f"eyes/{look.eyes}")}</g>'
    if look.eyes == "wink":
        return (
            f'<g transform="translate(76 90)">{part("eyes/happy")}</g>'
            f'<rect x="86" y="98" width="38" height="24" fill="url(#skin)"/>{_eye(look, _LEFT)}'
        )
    tear = ""
    if look.eyes == "weeping":
        tear = '<path d="M101 124Q93 138 101 141Q109 138 101 124Z" fill="#8fd0f5"/>'
    return _eye(look, _LEFT) + _eye(look, _RIGHT) + tear


def _eye(look: Look, x: int) -> str:
    y = _LEVEL
    size = {"baby": 1.25, "child": 1.15, "teen": 1.05}.get(look.age, 1.0)
    size *= 1.2 if look.eyes == "wide" else 1.0
    outward = -1 if x == _LEFT else 1
    line = darker(look.skin, 0.78)
    white = f'<ellipse cx="{x}" cy="{y}" rx="10.500" ry="8.500" fill="#fdfcf8"/>'
    iris = (
        f'<circle cx="{x}" cy="{y}" r="6.200" fill="{look.eye_colour}"/>'
        f'<circle cx="{x}" cy="{y}" r="6.200" fill="none" stroke="{darker(look.eye_colour, 0.5)}"/>'
        f'<circle cx="{x}" cy="{y}" r="3" fill="#15100f"/>'
        f'<circle cx="{x + 2}" cy="{y - 2.5}" r="1.700" fill="#fff"/>'
    )
    inner, outer = {
        "angry": (-1.5, -6), "furious": (-0.5, -6), "stern": (-4, -5), "sad": (-7, -2.5),
        "sly": (-3.5, -3.5), "sour": (-3.5, -4.5), "proud": (-4, -4),
    }.get(look.mood, (-6.5, -6))  # fmt: skip
    if look.eyes in ("narrow", "sleepy"):
        inner, outer = max(inner, -3), max(outer, -2.5)
    left, right = (outer, inner) if x == _LEFT else (inner, outer)
    lid = (
        f'<path d="M{x - 13} {y - 12}H{x + 13}V{y + right + 3}Q{x} {y + (left + right) / 2 - 4}'
        f' {x - 13} {y + left + 3}Z" fill="url(#skin)"/>'
        f'<path d="M{x - 11.5} {y + left + 3}Q{x} {y + (left + right) / 2 - 4} {x + 11.5}'
        f' {y + right + 3}" fill="none" stroke="{line}" stroke-width="2.400"'
        ' stroke-linecap="round"/>'
    )
    if look.eyes == "wide":
        lid = ""
    lash = ""
    if look.woman and look.age not in ("baby", "child"):
        edge = x + outward * 10
        lash = (
            f'<path d="M{edge} {y - 3}l{outward * 5} -4M{edge - outward * 3} {y - 6}'
            f'l{outward * 4} -5" stroke="{line}" stroke-width="2" stroke-linecap="round"/>'
        )
    return (
        f'<g transform="translate({x} {y}) scale({size}) translate({-x} {-y})">'
        f"{white}{iris}{lid}{lash}</g>"
    )


def _brows(look: Look) -> str:
    inner, arch, outer, _ = _MOODS[look.mood]
    colour = mix(darker(look.hair_colour, 0.3), look.skin, 0.08)
    y = 94 if look.eyes != "wide" else 90
    return (
        f'<path d="M118 {y + inner}Q106 {y + arch} 93 {y + outer}M146 {y + inner}'
        f'Q158 {y + arch} 171 {y + outer}" fill="none" stroke="{colour}"'
        f' stroke-width="{look.brow_weight}" stroke-linecap="round"/>'
    )


def _nose(look: Look) -> str:
    dark = darker(look.skin, 0.28)
    if look.nose in _NOSES:
        return (
            f'<path d="{_NOSES[look.nose]}" fill="none" stroke="{dark}" stroke-width="3.200"'
            ' stroke-linecap="round" stroke-linejoin="round"/>'
        )
    if look.nose in ("red", "bulbous"):
        tip = "#d9604f" if look.nose == "red" else mix(look.skin, "#cc6b55", 0.3)
        light = lighter(tip, 0.4)
        return (
            f'<ellipse cx="132" cy="134" rx="13" ry="11" fill="{tip}"/>'
            f'<circle cx="128" cy="130" r="3" fill="{light}"/>'
        )
    name = look.nose if look.nose in ("small", "wide") else "default"
    return f'<g transform="translate(104 122)">{part(f"nose/{name}")}</g>'


def _mouth(look: Look) -> str:
    name = _MOODS[look.mood][3]
    if name in _LIBRARY_MOUTHS:
        return f'<g transform="translate(78 134)">{part("mouth/" + _LIBRARY_MOUTHS[name])}</g>'
    colour = darker(look.skin, 0.6)
    line = (
        f'<path d="{_LINES[name]}" fill="none" stroke="{colour}" stroke-width="3.500"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )
    if not look.woman or look.age in ("baby", "child"):
        return line
    lips = mix(look.skin, "#c22f4c" if "lipstick" in look.marks else "#b5475a", 0.62)
    return (
        f'<g fill="none" stroke="{lips}" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{_LINES[name]}" stroke-width="8.500"/></g>'
        f'<path d="{_LINES[name]}" fill="none" stroke="{darker(lips, 0.5)}" stroke-width="1.800"/>'
    )
