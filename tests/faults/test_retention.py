"""What a real worker removes while users draw and delete, and what it leaves."""

from pathlib import Path

from faults.story import StartApi, StartWorker
from limner.store.database import Database
from stage.author import Author, Json
from store.album import PASSED, Album


async def _drawn(author: Author, plot_id: str) -> Json:
    character_id = await author.character(plot_id)
    await author.draw(character_id)
    return await author.finished(character_id)


def _files(status: Json) -> set[str]:
    urls = (status["image_url"], status["metadata"]["image"]["thumbnail_url"])
    return {url.rpartition("/")[2] for url in urls}


async def test_a_worker_removes_what_was_deleted_and_nothing_else(
    api: StartApi, hired: StartWorker, env: dict[str, str], database: Database
) -> None:
    images = Path(env["LIMNER_DATA_DIR"]) / "images"
    async with api() as (_, author), hired() as worker:
        kept, doomed = await author.plot(), await author.plot()
        stays = await _drawn(author, kept)
        while (gone := await _drawn(author, doomed))["image_url"] == stays["image_url"]:
            pass  # blank squares have sixteen colours
        assert Album.files_of(images) == _files(stays) | _files(gone)
        assert (await author.ask("DELETE", f"/api/plots/{doomed}")).status == 204
        for path in (f"/api/plots/{doomed}", str(gone["image_url"])):
            assert (await author.ask("GET", path)).status == 404
        async with database.connection() as connection:
            await connection.execute(PASSED)
        await worker.said("Removed what nobody needs any more", images=1)
        assert Album.files_of(images) == _files(stays)
        assert (await author.ask("GET", str(stays["image_url"]))).status == 200
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM plots") == 1
