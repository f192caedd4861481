"""Whether the API's port is free, or has the API on it."""

from typing import Final

import aiohttp

from limner.domain.errors import StartError
from limner.domain.finding import Finding, ok, warning, wrong
from limner.web.server import bind, loopback

PART: Final = "port"
ADVICE: Final = "What has this port does not answer: end it, or set LIMNER_PORT to another."
ANSWER_SECONDS: Final = 4.0


async def check_port(host: str, port: int) -> list[Finding]:
    """What is on the port of the settings.

    Raises:
        StartError: the host is no loopback address.
    """
    _, address = loopback(host)
    try:
        bind(host, port).close()
    except StartError as error:
        return await _taken(f"[{address}]" if ":" in address else address, port, str(error))
    if port == 0:
        return [ok(PART, f"A free one of {host} will be taken.")]
    return [ok(PART, f"{port} of {host} is free.")]


async def _taken(host: str, port: int, why: str) -> list[Finding]:
    where = f"http://{host}:{port}"
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{where}/readyz", allow_redirects=False) as answer,
        ):
            told = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return [wrong(PART, why)]
    match told:
        case {"status": "ok", "checks": {"postgres": _, "redis": _}}:
            return [ok(PART, f"Limner is at {where}.")]
        case {"status": str(), "checks": {"postgres": str(postgres), "redis": str(redis)}}:
            words = f"Limner is at {where}, and says: Postgres {postgres}, Redis {redis}."
            make = warning if postgres == "ok" else wrong
            return [make(PART, words, "See what is said of them here; it comes back by itself.")]
    return [wrong(PART, why)]
