"""Colours by their names, one table for each thing that has them, and how to mix two."""

HAIR = {
    "black": "#2a211f", "raven": "#1f1b22", "ebony": "#241c1a", "dark": "#3b2820",
    "brown": "#6b4530", "brunette": "#5a3826", "chestnut": "#7a4527", "auburn": "#8f4522",
    "mousy": "#8a7460", "mouse": "#8a7460", "hazel": "#7d5a38", "tawny": "#a5713c",
    "red": "#b9441c", "ginger": "#cd6526", "copper": "#b5562a", "orange": "#d9742a",
    "flaming": "#d1491a", "fiery": "#d1491a", "carroty": "#d9702c", "russet": "#93472a",
    "strawberry": "#d58a5a", "redhead": "#c0501f", "sandy": "#c29a62", "honey": "#c68e45",
    "straw": "#dcbd6e",
    "blond": "#e2bf6d", "fair": "#dfc183", "golden": "#e0ac3f", "gold": "#e0ac3f",
    "yellow": "#e8cc5a", "flaxen": "#e8d394", "platinum": "#efe6cf", "light": "#d8b97c",
    "grey": "#a7a6a8", "silver": "#ccd0d6", "silvery": "#ccd0d6", "steel": "#8e959c",
    "white": "#f0eeea", "snowy": "#f5f4f1", "pepper": "#85817e", "grizzled": "#8f8a86",
    "greying": "#98928d", "iron": "#7f8285", "ash": "#b8ab95", "pale": "#eadfbe",
    "blue": "#3f6fc4", "green": "#4c9a5a", "pink": "#ef87ae", "purple": "#7d4fa8",
    "violet": "#7d4fa8", "lilac": "#b79ad6", "turquoise": "#36aeb0", "teal": "#2b8a8a",
}  # fmt: skip

EYES = {
    "blue": "#3f86cf", "green": "#3f9a4c", "brown": "#6b4226", "grey": "#7c8b96",
    "hazel": "#8f7337", "black": "#231b1a", "dark": "#3a2618", "amber": "#c98a1e",
    "golden": "#d9a520", "gold": "#d9a520", "yellow": "#dcbc1c", "violet": "#7a55b8",
    "purple": "#7a55b8", "red": "#c02f25", "silver": "#a8b4bf", "silvery": "#a8b4bf",
    "emerald": "#1f9a58", "sapphire": "#2458c2", "turquoise": "#26a5a5", "pale": "#a9cbe2",
    "light": "#86b8de", "orange": "#d97a1c", "pink": "#db7fa0", "steel": "#75858f",
    "icy": "#a6d3ea", "chestnut": "#7a4527", "honey": "#b97f2c", "white": "#dfe5e8",
    "blueish": "#6f9dc4", "olive": "#7a8040", "aqua": "#2fb0bd", "indigo": "#4048a8",
}  # fmt: skip

CLOTH = {
    "black": "#2b2d36", "white": "#f1efe9", "grey": "#858b93", "silver": "#bcc4cd",
    "charcoal": "#41454d", "red": "#c0392f", "scarlet": "#cc2d2a", "crimson": "#a3202f",
    "maroon": "#762733", "burgundy": "#6f2238", "ruby": "#a8173c", "pink": "#e58cab",
    "rose": "#d77f94", "salmon": "#e89580", "orange": "#dd7a2f", "rust": "#a9512c",
    "brown": "#79553a", "tan": "#bf9a6d", "beige": "#d9c6a2", "cream": "#efe4c8",
    "khaki": "#a39564", "tweed": "#8a7a5c", "yellow": "#e8c545", "mustard": "#c99a2e",
    "gold": "#d0a437", "golden": "#d0a437", "green": "#4a8a4d", "emerald": "#167a52",
    "olive": "#6f7440", "lime": "#92bf3f", "mint": "#9fd3b5", "forest": "#2f5d3a",
    "bottle": "#1f4f3a", "teal": "#23787a", "turquoise": "#37a6a6", "blue": "#3b6fb0",
    "navy": "#27375f", "sapphire": "#214fa0", "azure": "#4a9ad4", "indigo": "#3c3f86",
    "violet": "#6d4a9c", "purple": "#66408f", "plum": "#6c3560", "lilac": "#b39acb",
    "lavender": "#b3a4d6", "magenta": "#b93a83", "bronze": "#96703d", "copper": "#a9663d",
    "ivory": "#f2ecd9", "dark": "#343a48", "midnight": "#232b52", "leather": "#6a4630",
    "denim": "#47648c", "velvet": "#54325f", "fur": "#7a6350", "amber": "#cf8f2b",
    "peach": "#f0b48e", "aubergine": "#4f2d4f", "sky": "#7db7de", "lemon": "#eedd70",
}  # fmt: skip

SKIN = {
    "white": "#f6d9c3", "pale": "#f7e0d0", "fair": "#f4d0b3", "light": "#efc4a0",
    "milky": "#f8e4d6", "porcelain": "#f9e6da", "pallid": "#eedccb", "ashen": "#ddd0c4",
    "pasty": "#f0dccb", "sallow": "#e5cb97", "wan": "#eedccb", "rosy": "#f4c3ac",
    "ruddy": "#e5a482", "red": "#dd8d75", "pink": "#f2bda6", "florid": "#e29b81",
    "purple": "#c98a96", "tanned": "#d79d6b", "tan": "#d79d6b", "bronzed": "#c98a55",
    "bronze": "#c08552", "sunburnt": "#e08f6f", "weathered": "#cf9a70", "olive": "#cfa172",
    "golden": "#dca970", "honey": "#d6a068", "copper": "#b5754a", "brown": "#9a633c",
    "tawny": "#b27a4b", "swarthy": "#b07c51", "dusky": "#8d5c3c", "dark": "#74472d",
    "ebony": "#4d3024", "black": "#573626", "deep": "#5d3a28", "chocolate": "#6b4129",
    "green": "#8fb573", "blue": "#8fb0d0", "grey": "#b3b5b3", "yellow": "#ecd27c",
    "silver": "#c9cdd2", "orange": "#dc9455", "caramel": "#b87d4d", "mahogany": "#6a3b26",
    "leathery": "#b98a62",
}  # fmt: skip


def mix(colour: str, other: str, share: float) -> str:
    """The colour with that share (0 to 1) of the other; all are `#rrggbb`."""
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def darker(colour: str, share: float) -> str:
    """Towards a warm black, which shadows on skin and cloth look less dead in."""
    return mix(colour, "#1a1016", share)


def lighter(colour: str, share: float) -> str:
    """Towards a warm white."""
    return mix(colour, "#fffaf0", share)
