"""What is asked of a model: each family of models takes its own parameters, and refuses others'."""

from typing import Final

from limner.domain.errors import ErrorCode, RefusedError
from limner.domain.transition import JsonObject
from limner.providers.base import Order

_ASPECT_RATIO: Final = "3:4"
"""Of those that Imagen draws in, the one of a portrait; the page's cards are as high."""
_WIDTH: Final = 768
_HEIGHT: Final = 1024
"""The same for models that take pixels: 1,024 is their limit, 8 must divide both."""
_ONLY_WORDS: Final = ("imagen-3",)
_BY_RATIO: Final = ("imagen-", "nano-banana-pro")
_BY_PIXELS: Final = (
    "flux",
    "sd",
    "stable-diffusion",
    "midjourney",
    "openjourney",
    "realistic-vision",
    "absolute-reality",
    "deliberate",
    "dreamshaper",
    "anything-v",
    "counterfeit",
    "meinamix",
)
"""Models of Stable Diffusion's kind, by the names that ModelsLab's own guides use."""
_NOT_BY_PIXELS: Final = ("flux-kontext", "flux-pro", "flux-2", "flux2")
"""Named alike, and yet not of the kind: they are drawn elsewhere, with other parameters."""
_IMAGEN_TOKENS: Final = 480


def wishes(order: Order) -> JsonObject:
    """The parameters of an order, the key aside.

    A model that is not known here is asked with what all of them take: a parameter too many is an
    error, one too few is ModelsLab's default. A seed goes only to models that take one.

    Raises:
        RefusedError: `provider_rejected`, the prompt is longer than the model takes.
    """
    model = order.model.lower()
    asked: JsonObject = {"model_id": order.model, "prompt": order.prompt}
    if model.startswith("imagen-"):
        _check_length(order)
    if model.startswith(_ONLY_WORDS):
        return asked
    if model.startswith(_BY_RATIO):
        asked["aspect_ratio"] = _ASPECT_RATIO
        if model.startswith("imagen-"):
            asked["samples"] = "1"  # a string in its documentation, a number in the SDK's
    elif model.startswith(_BY_PIXELS) and not model.startswith(_NOT_BY_PIXELS):
        asked |= {"width": _WIDTH, "height": _HEIGHT, "samples": 1, "safety_checker": "yes"}
        if order.seed is not None:
            asked["seed"] = order.seed
    return asked


def _check_length(order: Order) -> None:
    """Refuse what is too long for certain: a word is one token or more, and often more.

    What is near the limit, only ModelsLab can count.
    """
    words = len(order.prompt.split())
    if words > _IMAGEN_TOKENS:
        raise RefusedError(
            ErrorCode.PROVIDER_REJECTED,
            f"The prompt has {words} words, and {order.model} takes at most {_IMAGEN_TOKENS}.",
        )
