"""Whether the process lives, and whether what it needs answers."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from limner.domain.errors import DatabaseUnavailableError
from limner.store.database import Database
from limner.web.answers import json_answer, resources_of


async def live(_request: Request) -> Response:
    """`GET /healthz`: the process answers."""
    return json_answer({"status": "ok"})


async def ready(request: Request) -> Response:
    """`GET /readyz`: 503 without Postgres; without Redis only later, so 200 and `degraded`."""
    resources = resources_of(request)
    postgres, redis = await asyncio.gather(_postgres(resources.database), resources.bus.check())
    checks = {"postgres": postgres or "ok", "redis": redis or "ok"}
    if postgres:
        return json_answer({"status": "unavailable", "checks": checks}, 503, {"Retry-After": "2"})
    return json_answer({"status": "degraded" if redis else "ok", "checks": checks})


async def _postgres(database: Database) -> str | None:
    try:
        await database.check()
    except DatabaseUnavailableError as error:
        return str(error)
    return None
