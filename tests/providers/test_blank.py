"""The provider for load tests."""

import io

from PIL import Image

from limner.domain.progress import Progress
from limner.providers.base import Order, Ticket
from limner.providers.blank import BlankProvider


def order(character: str) -> Order:
    return Order("task", character, "X", "words", "prompt", "square")


def ignore(_: Progress) -> None:
    """Take progress that no one looks at."""


async def test_a_blank_picture_is_one_colour_of_64_by_64() -> None:
    picture = await BlankProvider().draw(order("c"), Ticket(ignore))
    image = Image.open(io.BytesIO(picture.data))
    assert (image.format, image.size) == ("PNG", (64, 64))
    assert len(image.getcolors() or ()) == 1


async def test_a_character_keeps_its_colour_and_it_is_made_once() -> None:
    first, again = [(await BlankProvider().draw(order("c"), Ticket(ignore))).data for _ in range(2)]
    assert first is again


async def test_characters_have_different_colours() -> None:
    pictures = [
        await BlankProvider().draw(order(f"character-{n}"), Ticket(ignore)) for n in range(64)
    ]
    assert len({picture.data for picture in pictures}) > 8
