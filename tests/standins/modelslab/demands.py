"""What ModelsLab demands of an order."""

from typing import Any, Final

Json = dict[str, Any]

IMAGEN: Final = ("imagen-4.0-ultra", "imagen-4", "imagen-4.0-fast-generate")
ONLY_WORDS: Final = ("imagen-3", "nano-banana-t2i", "seedream-t2i")
STABLE_DIFFUSION: Final = ("flux", "sdxl", "midjourney")
MODELS: Final = (*IMAGEN, *ONLY_WORDS, *STABLE_DIFFUSION, "nano-banana-pro")
_RATIOS: Final = ("1:1", "3:4", "4:3", "9:16", "16:9")
_OF_ALL: Final = {"key", "model_id", "prompt", "webhook", "track_id"}
_OF_STABLE_DIFFUSION: Final = {
    "negative_prompt",
    "width",
    "height",
    "samples",
    "num_inference_steps",
    "guidance_scale",
    "seed",
    "scheduler",
    "safety_checker",
    "enhance_prompt",
    "base64",
    "temp",
}


def why_refused(order: Json) -> tuple[int, Json] | None:
    """The status and the body with which an order is refused; None when it is in order."""
    prompt, model = order.get("prompt"), order.get("model_id")
    if not prompt:
        return 400, _error("prompt is required")
    if not isinstance(prompt, str):
        return 400, _error("prompt must be a string")
    if not isinstance(model, str):
        return 200, _error({"model_id": ["The model id field is required."]})
    if model not in MODELS:
        return 200, _error(f"Model not found: {model}")
    faults = _faults(model, order)
    return (200, _error(faults)) if faults else None


def _faults(model: str, order: Json) -> dict[str, list[str]]:
    """Stricter than it perhaps is: what a model does not take is a fault, too."""
    taken = set(_OF_ALL)
    faults: dict[str, list[str]] = {}
    if model in IMAGEN:
        taken |= {"aspect_ratio", "samples"}
        faults = _faults_of_imagen(order)
    elif model in STABLE_DIFFUSION:
        taken |= _OF_STABLE_DIFFUSION
        faults = _faults_of_stable_diffusion(order)
    elif model == "nano-banana-pro":
        taken |= {"aspect_ratio"}
    for name in order.keys() - taken:
        faults[name] = [f"The {name} field is prohibited."]
    for name in ("webhook", "track_id"):
        if not isinstance(order.get(name, ""), str):
            faults[name] = [f"The {name} must be a string."]
    return faults


def _faults_of_imagen(order: Json) -> dict[str, list[str]]:
    faults = {}
    if order.get("aspect_ratio") not in _RATIOS:
        faults["aspect_ratio"] = ["The selected aspect ratio is invalid."]
    if str(order.get("samples", 1)) not in {"1", "2", "3", "4"}:
        faults["samples"] = ["samples must be between 1 and 4"]
    return faults


def _faults_of_stable_diffusion(order: Json) -> dict[str, list[str]]:
    faults = {}
    for side in ("width", "height"):
        pixels = order.get(side, 512)
        if not isinstance(pixels, int) or not 256 <= pixels <= 1024 or pixels % 8:
            faults[side] = [f"{side} must be between 256 and 1024"]
    if order.get("safety_checker", "yes") not in {"yes", "no"}:
        faults["safety_checker"] = ["The selected safety checker is invalid."]
    if not isinstance(order.get("seed", 0), int | None):
        faults["seed"] = ["The seed must be an integer."]
    return faults


def _error(message: object) -> Json:
    return {"status": "error", "message": message}
