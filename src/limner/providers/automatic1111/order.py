"""The order as it is sent: what is drawn, how large, with how much care."""

from typing import Final

from limner.domain.transition import JsonObject
from limner.providers.base import Order

WIDTH_PIXELS: Final = 512
HEIGHT_PIXELS: Final = 768
"""A portrait's shape, in the sizes that the oldest checkpoints were trained on and all can draw."""
STEPS: Final = 30
CFG_SCALE: Final = 7.0
"""How closely the prompt is followed."""
SAMPLER: Final = "Euler a"
"""There in every release."""
PICTURES: Final = 1
_ANY_SEED: Final = -1


def txt2img(order: Order, *, task: str, checkpoint: str | None) -> JsonObject:
    """The body of `POST /sdapi/v1/txt2img`.

    Args:
        order: what is to be drawn.
        task: the id by which its progress can be asked for; releases before 1.8 overlook it.
        checkpoint: by its title; None: the one that is loaded.
    """
    body: JsonObject = {
        "prompt": order.prompt,
        "negative_prompt": "",
        "seed": _ANY_SEED if order.seed is None else order.seed,
        "sampler_name": SAMPLER,
        "scheduler": "Automatic",
        "steps": STEPS,
        "cfg_scale": CFG_SCALE,
        "width": WIDTH_PIXELS,
        "height": HEIGHT_PIXELS,
        "batch_size": PICTURES,
        "n_iter": 1,
        "send_images": True,
        "save_images": False,
        "force_task_id": task,
    }
    if checkpoint is not None:
        body["override_settings"] = {"sd_model_checkpoint": checkpoint}
        body["override_settings_restore_afterwards"] = True
    return body
