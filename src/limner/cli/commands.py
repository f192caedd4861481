"""The commands. Each reads the settings, does one thing, and says in one sentence why it can't.

Each imports what it runs when it runs: `limner up` starts two more of us, and a worker has no use
for Starlette, nor the API for arq's worker.
"""

# ruff: noqa: PLC0415 - see above

import asyncio
import gc
import os
import sys
from collections.abc import Coroutine
from typing import Annotated

import typer
from rich.console import Console

from limner import log
from limner.cli.family import die_with
from limner.cli.help import settings_help
from limner.domain.errors import SchemaError, StartError
from limner.settings import Settings, load

WORKER_GRACE_SECONDS = 10.0
WRONG_USE = 2
"""The exit code for wrong use or settings."""

app = typer.Typer(
    help="Draws a story's characters and lets people watch, truthfully, while it happens.",
    epilog=settings_help(),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

Parent = Annotated[int | None, typer.Option(hidden=True, help="the process to end with")]
Child = Annotated[
    bool, typer.Option("--child", hidden=True, help="end with whatever process is the parent")
]


@app.command()
def up() -> None:
    """Start everything: Postgres and Valkey unless their URLs are set, the API and a worker."""
    from limner.cli.up import up as run_up

    settings = _prepare()
    asyncio.run(run_up(settings))


@app.command()
def api(
    *,
    parent: Parent = None,
    child: Child = False,
    listen_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve HTTP and the event streams."""
    from limner.web.server import serve

    if parent or child:
        die_with(parent or os.getppid())
    settings = _prepare()
    _run(serve(settings, listen_fd))


@app.command()
def worker(
    *,
    parent: Parent = None,
    child: Child = False,
    grace_seconds: Annotated[
        float, typer.Option(min=0, help="how long to go on drawing when told to stop")
    ] = WORKER_GRACE_SECONDS,
) -> None:
    """Draw what has been asked for."""
    from limner.worker.supervise import work

    if parent or child:
        die_with(parent or os.getppid())
    settings = _prepare()
    _run(work(settings, grace_seconds=grace_seconds))


@app.command()
def migrate() -> None:
    """Bring the database up to this program."""
    from limner.resources import database_url
    from limner.store.migrate import migrate as run_migrate

    settings = _prepare()
    applied = asyncio.run(run_migrate(database_url(settings)))
    Console().print(f"Applied {', '.join(applied)}." if applied else "The database is up to date.")


@app.command()
def doctor(
    *, json: Annotated[bool, typer.Option("--json", help="tell it to a program")] = False
) -> None:
    """See whether all that Limner needs is there and well, and say what to do where it is not."""
    from limner.cli.doctor import doctor as run_doctor

    _collect_again()
    run_doctor(as_json=json)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except (StartError, SchemaError) as error:
        sys.stderr.write(f"limner: {error}\n")
        sys.exit(WRONG_USE)


def _run(work: Coroutine[None, None, None]) -> None:
    """Run a process's main coroutine in the fastest event loop there is."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _prepare() -> Settings:
    _collect_again()
    settings = load()
    log.configure(settings.log_format, settings.log_level)
    return settings


def _collect_again() -> None:
    """Wake the garbage collector that `limner.cli.main` has put to rest.

    What was imported meanwhile it never looks at: the first time would take a tenth of a start.
    """
    gc.freeze()
    gc.enable()
