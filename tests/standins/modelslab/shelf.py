"""What can be had without an order: the list of models, and pictures that are drawn."""

from aiohttp import web

from .account import Drawing
from .demands import MODELS
from .pictures import portrait
from .refusals import error, page
from .wire import ACCOUNT, KEY, note, reset
from .words import Words


async def models(request: web.Request) -> web.Response:
    """The models whose names have a word in them. The key is in the query, as is documented."""
    key = request.query.get("key")
    note(request, {}, has_key=key == KEY)
    words = Words.of("", request.app[ACCOUNT].behave)
    if words.has("models-reset"):
        return reset(request)
    if request.can_read_body:  # networks in front of servers do not let a GET with one pass
        return page(403)
    if key != KEY:
        return error("Invalid API key" if key else "API key required", 401)
    if words.has("models-html"):
        return page(200)
    search, gone = request.query.get("search", ""), words.value("without-model")
    found = [name for name in MODELS if search in name and name != gone]
    data = [{"model_id": name, "name": name.title(), "provider": "google"} for name in found]
    return web.json_response({"status": "success", "data": data, "meta": {"total": len(data)}})


async def picture(request: web.Request) -> web.StreamResponse:
    """The picture of an order, where it lies or where it lies as well."""
    note(request, {}, has_key=False)
    drawing = request.app[ACCOUNT].drawings.get(request.match_info["id"])
    if drawing is None or not (drawing.is_done or drawing.words.has("now")):
        return page(404)
    place = "image" if request.match_info["place"] == "generations" else "proxy"
    before, words = drawing.downloads[place], drawing.words
    drawing.downloads[place] += 1
    if words.has(f"{place}-reset", before):
        return reset(request)
    return _bad(drawing, place, before) or web.Response(
        body=portrait(drawing.id, drawing.prompt), content_type="image/png"
    )


def _bad(drawing: Drawing, place: str, before: int) -> web.Response | None:
    """What is no picture."""
    words = drawing.words
    if words.has(f"{place}-404", before):
        return page(404)
    if words.has(f"{place}-html", before):
        return page(200)
    if words.has(f"{place}-cut", before):
        whole = portrait(drawing.id, drawing.prompt)
        return web.Response(body=whole[: len(whole) // 2], content_type="image/png")
    return None
