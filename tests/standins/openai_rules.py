"""What OpenAI's images API refuses, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

KEY: Final = "key/of+the-stand-in"
"""Not one that looks like a key."""
GPT_IMAGES: Final = ("gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5", "gpt-image-2")
DALL_E: Final = ("dall-e-2", "dall-e-3")
LOCAL: Final = "local-sd"
"""A model of a server of one's own: it takes what it knows and passes over the rest."""
MODELS: Final = (*GPT_IMAGES, *DALL_E, LOCAL)

_COMMON: Final = {"model", "prompt", "n", "size", "quality", "user"}
_GPT_ONLY: Final = {
    "background",
    "moderation",
    "output_compression",
    "output_format",
    "partial_images",
    "stream",
}
_DALL_E_ONLY: Final = {"response_format", "style"}
_GPT_SIZES: Final = {"auto", "1024x1024", "1536x1024", "1024x1536"}
_SIZES: Final = {
    "dall-e-2": {"256x256", "512x512", "1024x1024"},
    "dall-e-3": {"1024x1024", "1792x1024", "1024x1792"},
}
_PROMPT_CHARACTERS: Final = {"dall-e-2": 1000, "dall-e-3": 4000}
_GPT_PROMPT_CHARACTERS: Final = 32_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer with an error."""

    status: int
    body: Json | str
    """An error's object, or a page of HTML."""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    """Of a body that is an object."""


def error(
    message: str,
    kind: str = "invalid_request_error",
    code: str | None = None,
    param: str | None = None,
    **more: object,
) -> Json:
    """An error in the API's form: all four keys are always there."""
    told = {"message": message, "type": kind, "param": param, "code": code, **more}
    return {"error": told}


MODERATION: Final = error(
    "Your request was rejected by the safety system.",
    "image_generation_user_error",
    "moderation_blocked",
    moderation_details={"moderation_stage": "input", "categories": ["other"]},
)
_QUOTA_WORDS: Final = "You exceeded your current quota, please check your plan and billing details."
_RATE: Final = error("Rate limit reached for images.", "requests", "rate_limit_exceeded")
_HTML: Final = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_TROUBLE: Final = error("The server had an error while processing your request.", "server_error")

REFUSALS: Final = {
    "moderation": Refusal(400, MODERATION),
    "policy": Refusal(400, error("Your prompt is not allowed.", code="content_policy_violation")),
    "policy-words": Refusal(
        400, error("litellm.BadRequestError: content_policy_violation", "None", "400")
    ),
    "rejected": Refusal(400, error("Invalid value for 'quality'.", param="quality")),
    "bad-model": Refusal(
        400, error("The model 'x' does not exist.", param="model", code="invalid_value")
    ),
    "billing": Refusal(
        400, error("Billing hard limit has been reached", code="billing_hard_limit_reached")
    ),
    "unauthorized": Refusal(401, error("Incorrect API key provided.", code="invalid_api_key")),
    "payment": Refusal(402, error("Insufficient credits", "billing", "402")),
    "unverified": Refusal(
        403, error("Your organization must be verified to use the model `gpt-image-1`.")
    ),
    "forbidden": Refusal(
        403, error("Country not supported", "request_forbidden", "unsupported_country")
    ),
    "no-model": Refusal(404, error("The model `x` does not exist.", code="model_not_found")),
    "no-route": Refusal(404, _HTML.format("404 Not Found")),
    "request-timeout": Refusal(408, _HTML.format("408 Request Timeout")),
    "request-timeout-own": Refusal(408, error("Request timed out.", "server_error", "408")),
    "conflict": Refusal(409, error("The lock could not be acquired.")),
    "conflict-bare": Refusal(409, {"message": "Conflict"}),
    "retry-anyway": Refusal(
        400, error("Not now.", code="odd"), {"x-should-retry": "true", "retry-after": "3"}
    ),
    "rate": Refusal(429, _RATE, {"retry-after": "7"}),
    "rate-ms": Refusal(429, _RATE, {"retry-after-ms": "1500", "retry-after": "2"}),
    "rate-reset": Refusal(
        429,
        _RATE,
        {
            "x-ratelimit-limit-requests": "5",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "1m30.5s",
            "x-ratelimit-remaining-tokens": "4999",
            "x-ratelimit-reset-tokens": "6m0s",
        },
    ),
    "rate-as-stream": Refusal(429, _RATE, kind="text/event-stream"),
    "rate-bare": Refusal(429, _HTML.format("429 Too Many Requests")),
    "quota": Refusal(
        429, error(_QUOTA_WORDS, "insufficient_quota", "insufficient_quota"), {"retry-after": "1"}
    ),
    "quota-by-type": Refusal(429, error(_QUOTA_WORDS, "insufficient_quota")),
    "no-retry": Refusal(429, error("No.", "tokens"), {"x-should-retry": "false"}),
    "server-error": Refusal(500, _TROUBLE),
    "server-error-bare": Refusal(500, _HTML.format("500 Internal Server Error")),
    "for-good": Refusal(500, _TROUBLE, {"x-should-retry": "false"}),
    "bad-gateway": Refusal(502, _HTML.format("502 Bad Gateway")),
    "bad-gateway-own": Refusal(502, _TROUBLE),
    "overloaded": Refusal(503, error("The engine is overloaded.", "server_error")),
    "overloaded-bare": Refusal(503, _HTML.format("503"), {"retry-after": "20"}),
    "gateway-timeout": Refusal(504, _HTML.format("504 Gateway Time-out")),
    "gateway-timeout-own": Refusal(504, error("The upstream timed out.", "server_error")),
    "cloudflare-timeout-own": Refusal(524, error("A timeout occurred.", "server_error")),
    "timeout-by-type": Refusal(500, error("The model took too long.", "timeout_error")),
    "gateway-words": Refusal(504, {"message": "Endpoint request timed out"}),
    "moved": Refusal(301, "", {"location": "/v2/images/generations"}),
    "telltale": Refusal(500, error(f"Upstream refused 'Bearer {KEY}'.", "server_error")),
    "telltale-bare": Refusal(502, f"<html>Authorization: Bearer {KEY}</html>"),
    "stubborn": Refusal(400, error("Argument not supported: size", param="size")),
    # asked without what they do not take, these draw
    "no-response-format": Refusal(
        500,
        error(
            "failed parsing request body: json: cannot unmarshal string into Go struct "
            "field OpenAIRequest.response_format",
            "",
        ),
    ),
    "no-size": Refusal(400, error("Argument not supported: size", param="size")),
    "no-stream": Refusal(400, error("Unknown parameter: 'stream'.", code="unknown_parameter")),
}
"""By the name of the behaviour."""
PICKY: Final = {"no-response-format": "response_format", "no-size": "size", "no-stream": "stream"}
"""Behaviours that refuse an order only for a parameter."""


def why_refused(form: Json) -> Refusal | None:
    """What is wrong with an order; None when it is taken."""
    model, prompt = form.get("model", "dall-e-2"), form.get("prompt")
    if model not in MODELS:
        words = f"The model `{model}` does not exist or you do not have access to it."
        return Refusal(404, error(words, code="model_not_found"))
    if not isinstance(prompt, str) or not prompt:
        return _invalid("prompt", "Missing required parameter: 'prompt'.")
    if model == LOCAL:
        return None
    is_gpt = model in GPT_IMAGES
    known = _COMMON | (_GPT_ONLY if is_gpt else _DALL_E_ONLY)
    for name in form.keys() - known:
        return _invalid(name, f"Unknown parameter: '{name}'.", "unknown_parameter")
    checks = {
        "prompt": len(prompt) <= _PROMPT_CHARACTERS.get(model, _GPT_PROMPT_CHARACTERS),
        "n": _is_within(form.get("n", 1), 1, 1 if model == "dall-e-3" else 10),
        "size": form.get("size", "1024x1024") in _SIZES.get(model, _GPT_SIZES),
        "stream": isinstance(form.get("stream", False), bool),
        "partial_images": _is_within(form.get("partial_images", 0), 0, 3)
        and (form.get("stream") is True or "partial_images" not in form),
        "response_format": form.get("response_format", "url") in {"url", "b64_json"},
    }
    wrong = next((name for name, holds in checks.items() if not holds), None)
    return _invalid(wrong, f"Invalid value for '{wrong}'.", "invalid_value") if wrong else None


def _invalid(param: str, message: str, code: str | None = None) -> Refusal:
    return Refusal(400, error(message, code=code, param=param))


def _is_within(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
