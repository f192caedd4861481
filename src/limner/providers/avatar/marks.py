"""What life leaves on a face, and what is put on it: wrinkles, freckles, scars, glasses."""

from limner.providers.avatar.look import Look
from limner.providers.avatar.palette import darker, mix

_SPOTS = ((90, 132), (97, 138), (104, 131), (100, 145), (88, 141), (111, 138))
_GLASSES = {
    "round": '<circle cx="106" cy="112" r="21"/><circle cx="158" cy="112" r="21"/>',
    "square": '<rect x="84" y="95" width="43" height="35" rx="5"/>'
    '<rect x="137" y="95" width="43" height="35" rx="5"/>',
    "half": '<path d="M84 113H128A22 21 0 0 1 84 113ZM136 113H180A22 21 0 0 1 136 113Z"/>',
    "small": '<ellipse cx="106" cy="116" rx="16" ry="11"/>'
    '<ellipse cx="158" cy="116" rx="16" ry="11"/>',
    "cat": '<path d="M80 94C92 96 118 96 128 102C129 120 118 130 105 130C90 130 84 116 80 94Z'
    'M184 94C172 96 146 96 136 102C135 120 146 130 159 130C174 130 180 116 184 94Z"/>',
    "thick": '<rect x="82" y="94" width="45" height="37" rx="14"/>'
    '<rect x="137" y="94" width="45" height="37" rx="14"/>',
    "sun": '<path d="M82 98H127C128 124 119 131 105 131C89 131 82 120 82 98Z'
    'M137 98H182C182 120 175 131 159 131C145 131 136 124 137 98Z"/>',
    "monocle": '<circle cx="158" cy="112" r="20"/>',
    "goggles": '<circle cx="106" cy="110" r="25"/><circle cx="158" cy="110" r="25"/>',
}
GLASSES = frozenset(_GLASSES)


def marks(look: Look) -> str:
    """Everything on the skin, under hair and beard."""
    dark = darker(look.skin, 0.26)
    blush = mix(look.skin, "#e0503f", 0.42)
    old = look.age == "old"
    drawn = {
        "wrinkles": _lines(
            "M104 66Q132 60 160 66M108 76Q132 71 156 76M86 120L78 117M86 124L79 126M178 120L186"
            " 117M178 124L185 126M98 126Q106 130 115 126M149 126Q158 130 166 126M114 139Q107 146"
            " 107 156M150 139Q157 146 157 156",
            dark,
            2.2 if old else 1.6,
        ),
        "cheeks": f'<g fill="{blush}" fill-opacity=".6"><ellipse cx="93" cy="138" rx="13" ry="9"/>'
        '<ellipse cx="171" cy="138" rx="13" ry="9"/></g>',
        "freckles": f'<g fill="{mix(look.skin, "#8a4a20", 0.55)}">'
        + "".join(
            f'<circle cx="{x}" cy="{y}" r="1.900"/><circle cx="{264 - x}" cy="{y}" r="1.900"/>'
            for x, y in _SPOTS
        )
        + '<circle cx="128" cy="127" r="1.700"/><circle cx="137" cy="126" r="1.700"/></g>',
        "lightning": '<path d="M146 58L137 73L144 73L136 89" fill="none" stroke="'
        f'{mix(look.skin, "#a31f1f", 0.7)}" stroke-width="3.600" stroke-linejoin="round"'
        ' stroke-linecap="round"/>',
        "scar": _lines(
            "M176 84Q170 116 174 148M168 98L179 96M167 114L178 113M168 131L179 131",
            mix(look.skin, "#a8433c", 0.55),
            2.6,
        ),
        "mole": f'<circle cx="152" cy="146" r="2.600" fill="{darker(look.skin, 0.65)}"/>',
        "wart": f'<circle cx="140" cy="131" r="4.500" fill="{mix(look.skin, "#7a5a34", 0.4)}"/>',
        "chin": _lines("M132 174V182", dark, 2.6),
        "jowl": _lines("M92 176Q132 204 172 176", dark, 2.8),
        "gaunt": f'<g fill="{darker(look.skin, 0.35)}" fill-opacity=".4">'
        '<path d="M82 132Q92 142 96 164Q84 154 82 132Z"/>'
        '<path d="M182 132Q172 142 168 164Q180 154 182 132Z"/></g>',
        "bags": _lines("M97 124Q106 129 115 124M149 124Q158 129 167 124", dark, 2.4),
        "lipstick": "",
        "fangs": '<path d="M122 156l3 9l3 -8zM136 157l3 8l3 -9z" fill="#fff"/>',
        "tusks": '<path d="M116 156l-2 -14l8 13zM148 156l2 -14l-8 13z" fill="#f4ecd6"/>',
    }
    return "".join(drawing for name, drawing in drawn.items() if name in look.marks)


MARKS = frozenset(
    {
        "wrinkles", "cheeks", "freckles", "lightning", "scar", "mole", "wart", "chin",
        "jowl", "gaunt", "bags", "lipstick", "fangs", "tusks",
    }
)  # fmt: skip


def glasses(look: Look) -> str:
    """Spectacles and the patch over an eye."""
    drawn = ""
    if look.patch:
        drawn = (
            '<path d="M76 86L190 104" stroke="#1d1a1c" stroke-width="4"/>'
            '<path d="M86 98Q108 92 128 102Q128 130 106 132Q86 128 86 98Z" fill="#1d1a1c"/>'
        )
    if look.glasses not in _GLASSES:
        return drawn
    shape = _GLASSES[look.glasses]
    if look.glasses == "sun":
        return f'{drawn}<g fill="#23252c" stroke="#101116" stroke-width="3">{shape}</g>' + _lines(
            "M127 102Q132 99 137 102M82 102L72 104M182 102L192 104M92 106L100 118", "#5b5e68", 3
        )
    frame, width = {
        "half": ("#b48a3a", 2.8), "small": ("#b48a3a", 2.6), "monocle": ("#c39a45", 3.2),
        "thick": ("#26211f", 6.5), "goggles": ("#6a4a30", 7), "cat": ("#7d2440", 4.2),
    }.get(look.glasses, ("#25282e", 3.8))  # fmt: skip
    bridge = {
        "monocle": "M178 114Q186 150 176 196",
        "half": "M128 114Q132 109 136 114M84 114L74 108M180 114L190 108",
        "small": "M122 114Q132 108 142 114M90 114L74 108M174 114L190 108",
    }.get(look.glasses, "M127 109Q132 104 137 109M85 108L73 105M179 108L191 105")
    return (
        f'{drawn}<g fill="#dff1ff" fill-opacity=".1" stroke="{frame}" stroke-width="{width}">'
        f"{shape}</g>" + _lines(bridge, frame, min(width, 4))
    )


def _lines(path: str, colour: str, width: float) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )
