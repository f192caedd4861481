"""Body and clothes, and what is worn with them."""

from limner.providers.avatar.drawings import sheet
from limner.providers.avatar.look import Look
from limner.providers.avatar.palette import darker
from limner.providers.avatar.parts import part

_LIBRARY = {
    "shirt": "shirt_crew_neck", "vneck": "shirt_v_neck", "scoop": "shirt_scoop_neck",
    "hoodie": "hoodie", "overall": "overall", "jacket": "blazer_shirt", "blazer": "blazer_sweater",
    "jumper": "collar_sweater", "chef": "chef", "dinner": "bond_suit", "space": "astronaut_suit",
}  # fmt: skip
_BODY = "C64.200 199 32 231 32 271V300H232V271C232 231 199.800 199 160 199H156"
_ON_EARS = "earrings"


def names() -> frozenset[str]:
    """All clothes there are."""
    return frozenset(_LIBRARY) | frozenset(sheet("clothes"))


def extra_names() -> frozenset[str]:
    """Everything that may be worn with them."""
    return frozenset(sheet("extras"))


def body(look: Look, lift: float) -> str:
    """Neck and shoulders; the neck reaches up to a head that was lifted by so many units."""
    half = {"thin": 17, "long": 18, "thick": 36, "short": 30, "none": 36}.get(look.neck, 24)
    top, chin = 150 - lift, 190 - lift
    left, right = 132 - half, 132 + half
    shade = (
        f'<path d="M{left} {top}V{chin + 4}C{left + 8} {chin + 16} {right - 8} {chin + 16} {right}'
        f' {chin + 4}V{top}Z" fill="#000" fill-opacity=".13"/>'
    )
    sinews = ""
    if look.neck == "long":
        sinews = (
            f'<path d="M122 {chin + 18}L126 206M142 {chin + 18}L138 206" fill="none"'
            f' stroke="{darker(look.skin, 0.16)}" stroke-width="2.500" stroke-linecap="round"/>'
        )
    shoulders = f"M{left} {top}V199H104{_BODY}H{right}V{top}Z"
    return f'<path d="{shoulders}" fill="url(#skin)"/>{shade}{sinews}'


def clothes(look: Look) -> str:
    """What covers the shoulders."""
    if look.clothes == "overall":
        shirt = part("clothes/shirt_crew_neck").replace("@fabric@", "@trim-light@")
        return f'<g transform="translate(0 170)">{shirt}{part("clothes/overall")}</g>'
    if look.clothes in _LIBRARY:
        return f'<g transform="translate(0 170)">{part(f"clothes/{_LIBRARY[look.clothes]}")}</g>'
    return sheet("clothes")[look.clothes]


def extras(look: Look) -> str:
    """Jewellery and neckwear, over the clothes."""
    drawings = sheet("extras").items()
    return "".join(text for name, text in drawings if name in look.extras and name != _ON_EARS)


def earrings(look: Look) -> str:
    """They hang from the head and move with it."""
    return sheet("extras")[_ON_EARS] if _ON_EARS in look.extras else ""
