"""`limner doctor`: a look at all that Limner works with, and what to do about what is found."""

import asyncio
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Final, NoReturn, get_args

from limner import log
from limner.bus import checkup as redis
from limner.cli.misspelt import PART, misspelt, set_in_environment, set_in_file
from limner.cli.report import Report, told_as_json
from limner.domain.errors import StartError
from limner.domain.finding import Finding, Mark, ok, wrong
from limner.embedded import PostgresServer, ValkeyServer
from limner.embedded import checkup as embedded
from limner.embedded.folder import holder
from limner.flows import examine_queue as queue
from limner.flows.examine import Check, examine
from limner.images import checkup as images
from limner.providers import checkup as providers
from limner.settings import ProviderName, Settings, load, variable
from limner.store import checkup as postgres
from limner.web import checkup as port

WRONG: Final = 1
WRONG_SETTINGS: Final = 2

Tell = Callable[[Finding], None]


def doctor(*, as_json: bool) -> NoReturn:
    """Look, tell, and end the process: with 1 if anything is wrong, with 2 if settings are.

    It ends at once: a thread that hangs with a disk would otherwise be waited for.
    """
    log.configure("console", "error")
    report = None if as_json else Report()
    findings, code = asyncio.Runner().run(_examined(report.tell if report else lambda _: None))
    if report:
        report.close(findings)
    else:
        sys.stdout.write(f"{told_as_json(findings)}\n")
    sys.stdout.flush()
    os._exit(code)


async def _examined(tell: Tell) -> tuple[list[Finding], int]:
    settings, findings = _read_settings()
    for finding in findings:
        tell(finding)
    if settings is None:
        return findings, WRONG_SETTINGS
    findings += await examine(await _checks(settings), tell)
    return findings, WRONG if any(each.mark == Mark.WRONG for each in findings) else 0


def _read_settings() -> tuple[Settings | None, list[Finding]]:
    """The settings, unless they are wrong, and what is to be said of them."""
    outside = set_in_environment()
    try:
        settings = load()
    except StartError as error:
        return None, [wrong(PART, str(error)), *misspelt(outside)]
    inside = set_in_file()
    known = {variable(field) for field in Settings.model_fields}
    words = (
        f"{len(known & outside)} set in the environment, {len(known & inside - outside)} in .env."
    )
    return settings, [ok(PART, words), *misspelt(outside | inside)]


async def _checks(settings: Settings) -> list[Check]:
    """What is to be looked at, in the order of the report."""
    own, database_url, redis_url = await _servers(settings)
    checks = [own] if own else []
    if database_url:
        look = partial(postgres.check_postgres, database_url)
        checks.append(Check(postgres.PART, look, postgres.ADVICE))
    if redis_url:
        look = partial(redis.check_redis, redis_url)
        checks.append(Check(redis.PART, look, redis.ADVICE))
        checks.append(Check(queue.PART, partial(queue.check_queue, redis_url), queue.ADVICE))
    checks.append(Check(images.PART, partial(images.check_images, settings), images.ADVICE))
    for name in dict.fromkeys((*settings.provider, *_others())):
        look = partial(providers.check_provider, settings, name)
        checks.append(Check(name, look, providers.ADVICE, providers.SECONDS))
    look = partial(port.check_port, settings.host, settings.port)
    return [*checks, Check(port.PART, look, port.ADVICE)]


def _others() -> list[str]:
    """Providers that a request may name, if they are set up; the built-in ones always are."""
    return [name for name in get_args(ProviderName) if name not in {"avatar", "blank"}]


async def _servers(settings: Settings) -> tuple[Check | None, str | None, str | None]:
    """Where Postgres and Redis are; those of a `limner up` where nobody else's are named.

    Returns:
        What is to be said of `limner up`, if it is needed, and the two URLs, if there are any.
    """
    database_url, redis_url, folder = settings.database_url, settings.redis_url, settings.data_dir
    if database_url and redis_url:
        return None, database_url, redis_url
    try:
        pid = await asyncio.to_thread(holder, folder)
    except StartError as error:
        look = partial(_said, wrong(embedded.PART, str(error)))
    else:
        if pid is not None:
            database_url = database_url or PostgresServer(folder).url
            redis_url = redis_url or ValkeyServer(folder).url
            look = partial(_said, ok(embedded.PART, f"Runs on {folder} (pid {pid})."))
        else:
            look = partial(
                embedded.check_embedded, folder, postgres=not database_url, valkey=not redis_url
            )
    return Check(embedded.PART, look, embedded.ADVICE), database_url, redis_url


async def _said(finding: Finding) -> list[Finding]:
    return [finding]
