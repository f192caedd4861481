"""Finding out, for nothing, whether orders would be filled."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import aiohttp

from limner.domain.errors import DrawingError
from limner.providers.addresses import loggable_url
from limner.providers.http import Answer, ask
from limner.providers.openai.complaints import complaint_of

_NO_ROUTE: Final = frozenset({404, 405, 501})
_TOO_MANY: Final = 429
_SERVER_ERRORS: Final = 500


async def checkup(
    session: aiohttp.ClientSession,
    base_url: str,
    model: str,
    *,
    headers: Mapping[str, str],
    seconds: float,
) -> str | None:
    """What is wrong, and what to do about it; None when nothing is.

    That there is a model does not prove that the account may draw with it: OpenAI lists models that
    it wants an organization to be verified for, and says so only to an order.

    Args:
        session: from `open_session`.
        base_url: where the API is.
        model: what is to be drawn with.
        headers: the key, if there is one.
        seconds: for each of two requests at most.
    """
    place = loggable_url(base_url)
    has_key = "Authorization" in headers
    try:
        # a model's name may have a slash in it, and servers differ in whether it is quoted
        url = f"{base_url}/models/{quote(model, safe='/:@')}"
        answer = await ask(session, "GET", url, seconds=seconds, headers=headers)
        if answer.status not in _NO_ROUTE or complaint_of(answer, None).code == "model_not_found":
            return _verdict(answer, place, model, has_key=has_key)
        listed = await ask(session, "GET", f"{base_url}/models", seconds=seconds, headers=headers)
    except DrawingError as error:
        return (
            f"{str(error).removesuffix('.')} at {place}: "
            "is LIMNER_OPENAI_BASE_URL right, and does the server run?"
        )
    if listed.status in _NO_ROUTE:
        return (
            f"{place} has no list of models, so it can't be told whether it draws: "
            "is LIMNER_OPENAI_BASE_URL right?"
        )
    if not listed.is_ok or _lists(listed, model):
        return _verdict(listed, place, model, has_key=has_key)
    return _no_model(place, model)


def _verdict(answer: Answer, place: str, model: str, *, has_key: bool) -> str | None:
    status = answer.status
    if answer.is_ok and answer.json_object() is not None:
        return None
    if status in _NO_ROUTE:
        return _no_model(place, model)
    if status in {401, 403} and has_key:
        words = "does not accept LIMNER_OPENAI_API_KEY: set another"
    elif status in {401, 403}:
        words = "wants a key: set LIMNER_OPENAI_API_KEY"
    elif status in range(300, 400):
        words = "leads elsewhere: set LIMNER_OPENAI_BASE_URL to where it is now"
    elif status == _TOO_MANY or status >= _SERVER_ERRORS:
        words = "is in trouble or has too much to do: try again later"
    else:
        words = "does not answer as it should: LIMNER_OPENAI_BASE_URL usually ends in /v1"
    return f"{place} {words} (HTTP {status})."


def _no_model(place: str, model: str) -> str:
    return f"{place} has no model {model}: set LIMNER_OPENAI_MODEL to one that it has."


def _lists(answer: Answer, model: str) -> bool:
    models = (answer.json_object() or {}).get("data")
    if not isinstance(models, list):
        return False
    return any(isinstance(each, dict) and each.get("id") == model for each in models)
