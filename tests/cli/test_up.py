"""`limner up`: everything in one command, and nothing of it left behind."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from cli.command import ran, reason
from cli.family import descendants, held, survivors
from cli.upped import settings_of, upped
from stage.author import Author
from stage.process import Process
from stage.reader import watching

STOPPED_SECONDS = 10
ROLES = ("limner.cli api", "limner.cli worker", "postgres", "valkey-server")


async def busy(author: Author) -> str:
    """Have one image drawn, and another one begun; the plot they are in."""
    plot_id = await author.plot()
    ready, begun = await author.character(plot_id, "Ready"), await author.character(plot_id)
    await author.draw(ready, provider="blank")
    assert (await author.finished(ready))["status"] == "completed"
    async with watching(author.session, f"/api/characters/{begun}/image/events") as stream:
        await author.draw(begun, provider="avatar")
        await stream.find(lambda event: event.json.get("status") == "generating")
    return plot_id


async def ended(process: Process, author: Author, plot_id: str, how: signal.Signals) -> None:
    """End it while somebody watches, and see that nothing of it is left."""
    family = descendants(process.pid)
    for role in ROLES:
        assert any(role in words for words in family.values()), role
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.greeted()
        with held(family) as holding:
            process.send(how)
            if how == signal.SIGINT:  # a terminal sends it to the children as well
                for pid in (pid for pid, words in family.items() if "limner.cli" in words):
                    os.kill(pid, how)
            if how != signal.SIGKILL:
                await stream.rest()
                assert stream.is_ended
            async with asyncio.timeout(STOPPED_SECONDS):
                code = await process.ended()
            assert await survivors(holding, STOPPED_SECONDS) == []
    assert code == (-how if how == signal.SIGKILL else 0)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_all_of_it_ends_with_it_whatever_it_is_doing(
    tmp_path: Path, how: signal.Signals
) -> None:
    async with upped(tmp_path / "data") as (process, author):
        assert (await author.ask("GET", "/")).raw.startswith(b"<!doctype html>")
        await ended(process, author, await busy(author), how)
    if how == signal.SIGTERM:
        assert not any("Traceback" in line for line in process.raw), "\n".join(process.raw)


async def test_what_was_made_outlives_a_ctrl_c_and_parts_that_die_are_started_again(
    tmp_path: Path,
) -> None:
    async with upped(tmp_path / "data") as (process, author):
        plot_id = await busy(author)
        plot = (await author.ask("GET", f"/api/plots/{plot_id}")).json
        await ended(process, author, plot_id, signal.SIGINT)
    async with upped(tmp_path / "data") as (process, author):
        kept = (await author.ask("GET", f"/api/plots/{plot_id}")).json
        assert kept["characters"][0] == plot["characters"][0]
        assert (await author.ask("GET", kept["characters"][0]["image_url"])).status == 200
        second = await ran("up", env=settings_of(tmp_path / "data"))
        assert f"pid {process.pid}" in reason(second)
        for pid, words in descendants(process.pid).items():
            if any(role in words for role in ROLES[:2]):
                os.kill(pid, signal.SIGKILL)
        for name in ("api", "worker"):
            await process.said("A process died", process=name, exit_code=-signal.SIGKILL)
        # The listening socket is still there: what is asked meanwhile waits for the next API.
        character_id = await author.character(plot_id)
        await author.draw(character_id, provider="blank")
        assert (await author.finished(character_id))["status"] == "completed"
        assert await process.stop() == 0
