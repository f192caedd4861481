"""The queue over HTTP, for those who run it."""

from starlette.requests import Request
from starlette.responses import Response

from limner.domain.survey import survey_object
from limner.web.answers import json_answer, resources_of
from limner.web.paging import limit_of


async def show(request: Request) -> Response:
    """`GET /api/queue`: what waits, what is being drawn, and what has ended last."""
    survey = await resources_of(request).surveys.newest(count=limit_of(request))
    return json_answer(survey_object(survey))
