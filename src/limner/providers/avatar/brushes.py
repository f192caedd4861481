"""What several backdrops are painted with. Coordinates are the picture's, 256 by 256."""

from random import Random

SIDE = 256
"""Width and height of the picture."""


def sky(top: str, bottom: str) -> str:
    """The ground of every picture: one colour above, running into another below."""
    return (
        f'<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{top}"/>'
        f'<stop offset="1" stop-color="{bottom}"/></linearGradient>'
        '<rect width="256" height="256" fill="url(#sky)"/>'
    )


def dots(lots: Random, count: int, size: float, colour: str, low: int = 256) -> str:
    """Stars, flakes, sparks: strewn from the top down to `low`."""
    return f'<g fill="{colour}">' + "".join(
        f'<circle cx="{lots.uniform(0, 256):.1f}" cy="{lots.uniform(0, low):.1f}"'
        f' r="{lots.uniform(size / 2, size):.1f}" fill-opacity="{lots.uniform(0.35, 1):.2f}"/>'
        for _ in range(count)
    ) + "</g>"  # fmt: skip


def hills(lots: Random, base: int, colour: str, swing: int = 16) -> str:
    """A rolling horizon around the height `base`, filled to the bottom."""
    heights = [base + lots.randint(-swing, swing) for _ in range(5)]
    path = f"M0 256V{heights[0]}" + "".join(
        f"Q{index * 64 + 32} {heights[index] - swing} {index * 64 + 64} {heights[index + 1]}"
        for index in range(4)
    )
    return f'<path d="{path}V256Z" fill="{colour}"/>'
