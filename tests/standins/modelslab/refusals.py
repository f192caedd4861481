"""The answers by which no order is taken, each by the word that asks for it."""

import time
from collections.abc import Callable
from typing import Final

from aiohttp import web

from .demands import Json
from .words import Words

HTML: Final = "<!doctype html><title>502 Bad Gateway</title><center>cloudflare</center>"
MISSPELT: Final = "messege"  # codespell:ignore messege
"""As some of its answers spell it."""
RETRY_SECONDS: Final = 30.0
SPAM: Final = {
    "status": "error",
    "message": "Rate limit exceeded",
    "tips": "you are sending same request multiple times, spam filter is enabled, please wait for"
    " 30 seconds and try again",
}
_QUEUE: Final = "Rate limit exceeded. Maximum 5 queued requests allowed."


def error(message: object, status: int = 200, **more: object) -> web.Response:
    """An error as ModelsLab has them."""
    body: Json = {"status": "error", "message": message, **more}
    return web.json_response(body, status=status)


def page(status: int) -> web.Response:
    """What a gateway says when it has no answer of ModelsLab's."""
    return web.Response(text=HTML, status=status, content_type="text/html")


def too_many(wait_seconds: float) -> web.Response:
    """The queue of the account is full."""
    return error(_QUEUE, 429, retry_after=wait_seconds)


def _late(words: Words, word: str, header: str, since: float = 0.0) -> web.Response:
    answer = error("Rate limit exceeded.", 429)
    answer.headers[header] = str(int(since + words.number(word, RETRY_SECONDS)))
    return answer


REFUSALS: Final[dict[str, Callable[[Words], web.Response]]] = {
    "400": lambda _: error("width must be between 256 and 1024", 400),
    "401": lambda _: error("Invalid API key", 401),
    "402": lambda _: error("Insufficient credits. Please add more credits to continue.", 402),
    "403": lambda _: error("This feature requires a premium subscription", 403),
    "403-odd": lambda _: error("Not for you", 403),
    "403-key": lambda _: error("The API key was revoked", 403),
    "429": lambda words: too_many(words.number("429", RETRY_SECONDS)),
    "429-header": lambda words: _late(words, "429-header", "Retry-After"),
    "429-reset": lambda words: _late(words, "429-reset", "X-RateLimit-Reset", time.time()),
    "429-html": lambda _: page(429),
    "500": lambda _: error("Internal server error. Please try again.", 500),
    "502-json": lambda _: error("Upstream failed. Please try again.", 502),
    "503": lambda _: error("Service temporarily unavailable. Please try again later.", 503),
    "503-html": lambda _: page(503),
    "404-html": lambda _: page(404),
    "moved": lambda _: web.Response(status=301, headers={"Location": "https://example.com/"}),
    "unauthenticated": lambda _: web.json_response({"message": "Unauthenticated."}, status=401),
    "key": lambda _: web.json_response(
        {"status": "error", MISSPELT: "Invalid Api Key", "tip": "Buy credits for a key."}
    ),
    "key-required": lambda _: error("API key required"),
    "key-field": lambda _: error({"key": ["The key field is required."]}),
    "fields": lambda _: error({"prompt": ["The prompt field is required."]}),
    "checker": lambda _: error({"safety_checker": ["The safety checker must be yes or no."]}),
    "model": lambda _: error("Model not found: invalid_model_name"),
    "model-id": lambda _: error("Model id not found", tip="Some models need a subscription."),
    "model-wish": lambda _: error("Model flux: invalid guidance scale, insufficient for this size"),
    "model-field": lambda _: error({"model_id": ["The selected model id is gone."]}),
    "model-loading": lambda _: error("The model is not available yet, it is loading."),
    "credits": lambda _: error("Insufficient credits. Please add more credits and try again."),
    "premium": lambda _: error("This feature requires a premium subscription"),
    "policy": lambda _: error("NSFW content detected in the prompt. Please try again."),
    "policy-500": lambda _: error("The prompt violates the content policy.", 500),
    "failed": lambda _: web.json_response(
        {"status": "failed", "id": "", "message": "Failed, Try Again", "output": ""}
    ),
    "conflict-own": lambda _: error("Already there", 409),
    "odd": lambda _: error("Computer says no"),
    "spam": lambda _: web.json_response(SPAM),
}
"""One of these and no order is taken."""

RIDDLES: Final[dict[str, Callable[[Words], web.Response]]] = {
    "500-html": lambda _: page(500),
    "502-html": lambda _: page(502),
    "504-html": lambda _: page(504),
    "200-html": lambda _: page(200),
    "garbage": lambda _: web.Response(text='{"status":"succ', content_type="application/json"),
    "list": lambda _: web.json_response(["success"]),
    "wordless": lambda _: web.json_response({"output": []}),
    "server-error": lambda _: web.json_response({"message": "Server Error"}, status=500),
    "408-json": lambda _: web.json_response({"message": "Request Timeout"}, status=408),
    "408-html": lambda _: page(408),
    "409-json": lambda _: web.json_response({"error": "conflict"}, status=409),
    "409-status": lambda _: web.json_response({"status": "409", "error": "Conflict"}, status=409),
    "500-status": lambda _: web.json_response({"status": "500", "path": "/api"}, status=500),
    "502-status": lambda _: web.json_response(
        {"status": "502", "error": "Bad Gateway"}, status=502
    ),
    "504-json": lambda _: web.json_response({"message": "Timed out"}, status=504),
    "taken-500": lambda _: web.json_response({"status": "processing"}, status=500),
    "queued-nameless": lambda _: web.json_response({"status": "queued"}),
    "no-handle": lambda _: web.json_response({"status": "processing", "eta": 1}),
}
"""One of these, and nobody but the account's owner knows that the order was taken."""
