"""Asking ModelsLab whether all is well, without ordering anything."""

import json
from http import HTTPStatus
from typing import Final

import aiohttp
from yarl import URL

from limner.domain.errors import DrawingError, ErrorCode
from limner.providers.http import Answer, ask
from limner.providers.modelslab.places import Places
from limner.providers.modelslab.refusals import code_of, sentence
from limner.providers.modelslab.replies import read_reply

_NO_ORDER: Final = "0"
"""The id of an order that nobody has."""
_SUCCESSOR: Final = "nano-banana-pro"
"""Draws the same orders as Imagen, which Google has retired."""


async def survey(
    session: aiohttp.ClientSession, places: Places, key: str, model: str, *, seconds: float
) -> str | None:
    """What is wrong and what to do about it, in one or two sentences; None when nothing is.

    Args:
        session: from `open_session`.
        places: where ModelsLab is.
        key: of the account.
        model: the one that is to draw.
        seconds: for each question.
    """
    try:
        for version in ("v7", "v6"):
            # what is asked for is not there; what counts is whether the key may ask
            url = places.fetch(_NO_ORDER, version)
            answer = await ask(session, "POST", url, seconds=seconds, body={"key": key})
            wrong = _about_key(answer, key)
            if answer.status != HTTPStatus.NOT_FOUND:
                break
        if wrong is not None:
            return wrong
        listed = await _list(session, places, key, model, seconds=seconds)
    except DrawingError as error:
        # its sentence alone: its detail has the URL in it, and that has the key
        return f"ModelsLab does not answer: {error} LIMNER_MODELSLAB_BASE_URL says where it is."
    return _about_model(listed, model)


async def _list(
    session: aiohttp.ClientSession, places: Places, key: str, model: str, *, seconds: float
) -> Answer:
    """ModelsLab's list of the models that are called like this one.

    The key is in the query, and in no other request: it is the only place that ModelsLab documents
    for this question, as `GET /api/v7/models?search=flux&key=…` in its guide to choosing a model.
    Not known is whether a header `key` would do, with which its command line orders; a body is
    what networks in front of servers refuse a GET for. Nothing is documented of the answer, and
    that `per_page` is understood here is a guess, from the list that its command line asks for.

    So the URL is secret. No answer to it and no error's detail may be told.
    """
    url = URL(places.models).with_query(search=model, per_page="100", key=key)
    return await ask(session, "GET", str(url), seconds=seconds)


def _about_key(answer: Answer, key: str) -> str | None:
    reply = read_reply(answer, key)
    if reply is None:
        return (
            f"What answers at LIMNER_MODELSLAB_BASE_URL does not speak as ModelsLab (HTTP"
            f" {answer.status})."
        )
    if not reply.is_failed:
        return None
    code = code_of(reply)
    if code in {ErrorCode.PROVIDER_UNAUTHORIZED, ErrorCode.PROVIDER_QUOTA}:
        return sentence(code, "")
    return None


def _about_model(answer: Answer, model: str) -> str | None:
    try:
        listed = json.loads(answer.body) if answer.is_ok else None
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, dict | list) or _is_error(listed):
        return (
            f"ModelsLab's list of models could not be read (HTTP {answer.status}), so it is not"
            f" known whether it has {model}, which LIMNER_MODELSLAB_MODEL names."
        )
    if _names(listed, model):
        return None
    other = f" {_SUCCESSOR} draws the same orders." if model.startswith("imagen-") else ""
    return f"{sentence(ErrorCode.PROVIDER_MODEL_UNAVAILABLE, model)}{other}"


def _is_error(listed: object) -> bool:
    return isinstance(listed, dict) and listed.get("status") in {"error", "failed"}


def _names(listed: object, model: str) -> bool:
    """Whether a model is anywhere in a list, of whose shape nothing is documented."""
    if isinstance(listed, dict):
        return listed.get("model_id") == model or any(
            _names(each, model) for each in listed.values()
        )
    return isinstance(listed, list) and any(_names(each, model) for each in listed)
