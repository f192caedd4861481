"""What a model is asked with: each takes other parameters, and refuses those of the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from limner.domain.errors import ErrorCode, RefusedError
from limner.domain.transition import JsonObject
from limner.providers.base import Order

PARTIAL_IMAGES: Final = 2
"""Of the 0 to 3 pictures on the way that a model sends when it is asked to: each may cost some."""


@dataclass(frozen=True, slots=True)
class Family:
    """Models that are asked alike."""

    extras: Mapping[str, str | int | bool]
    """What goes with the model's name and the prompt."""
    prompt_characters: int | None = None
    """More than these are refused; None: it is not known how many."""


def _family(prompt_characters: int | None = None, **extras: str | bool | int) -> Family:
    return Family(MappingProxyType({"n": 1, **extras}), prompt_characters)


_FAMILIES: Final = {
    # pictures in base64 whatever is asked for; the only ones that stream
    "gpt-image": _family(32_000, size="1024x1536", stream=True, partial_images=PARTIAL_IMAGES),
    "dall-e-3": _family(4_000, size="1024x1792", response_format="b64_json"),
    "dall-e-2": _family(1_000, size="1024x1024", response_format="b64_json"),
}
"""By what stands in a model's name, with a gateway's or a date around it. The size is upright where
there is one that is."""
_OTHERS: Final = _family(size="1024x1024", response_format="b64_json")
"""Of servers of one's own: some give a URL at themselves unless they are asked for the bytes, and
their addresses are private, so nothing is downloaded from them."""

_OPTIONAL: Final = {
    "n": ("n",),
    "size": ("size",),
    "response_format": ("response_format",),
    "stream": ("stream", "partial_images"),
    "partial_images": ("stream", "partial_images"),
}
"""What an order can do without, by what a server has said it does not take."""


def form_of(order: Order) -> JsonObject:
    """The body of a request that orders one picture.

    Raises:
        RefusedError: `provider_rejected`, the prompt is longer than the model takes.
    """
    family = next(
        (each for name, each in _FAMILIES.items() if name in order.model.lower()), _OTHERS
    )
    limit = family.prompt_characters
    if limit is not None and len(order.prompt) > limit:
        raise RefusedError(
            ErrorCode.PROVIDER_REJECTED,
            f"The prompt has {len(order.prompt):,} characters, "
            f"and the model {order.model} takes {limit:,}.",
        )
    return {"model": order.model, "prompt": order.prompt, **family.extras}


def without(form: JsonObject, parameter: str) -> JsonObject | None:
    """The same order without a parameter that the server does not take.

    Args:
        form: as it was sent.
        parameter: the name that the server complains of.

    Returns:
        None when there is no such parameter in it, or nothing can be ordered without.
    """
    dropped = _OPTIONAL.get(parameter, ())
    left = {name: value for name, value in form.items() if name not in dropped}
    return left if len(left) < len(form) else None


def parameter_named(message: str, param: str) -> str:
    """The optional parameter that a server complains of; empty when it complains of none.

    Args:
        message: the server's words.
        param: what it says in `param`, where it fills it in.
    """
    if param in _OPTIONAL:
        return param
    for name in _OPTIONAL:
        # the short ones are words that may stand in any sentence
        spellings = (name,) if "_" in name else (f"'{name}'", f'"{name}"', f"`{name}`")
        if any(spelling in message for spelling in spellings):
            return name
    return ""
