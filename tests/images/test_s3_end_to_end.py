"""An API and a worker whose images are in a bucket of S3."""

from contextlib import AsyncExitStack
from pathlib import Path

from faults.story import StartApi, StartWorker
from images.moto import SETTINGS
from images.relay import Relay
from limner.images.bucket import Bucket
from limner.images.s3 import S3Store
from stage.process import Process, running


async def test_an_image_is_drawn_into_a_bucket_and_served_out_of_it(
    api: StartApi,
    worker: StartWorker,
    env: dict[str, str],
    s3_env: dict[str, str],
    opened: Bucket,
) -> None:
    async with AsyncExitStack() as stack:
        serving, author = await stack.enter_async_context(api(**s3_env, LIMNER_LOG_LEVEL="debug"))
        drawing = await stack.enter_async_context(worker(**s3_env, LIMNER_LOG_LEVEL="debug"))
        character_id = await author.character(await author.plot())
        await author.draw(character_id)
        final = await author.finished(character_id)
        assert final["status"] == "completed", final
        image, url = final["metadata"]["image"], final["image_url"]
        whole = await author.ask("GET", url)
        assert (whole.status, whole.headers["Content-Type"]) == (200, "image/png")
        assert len(whole.raw) == image["bytes"]
        etag = f'"{image["sha256"]}"'
        assert whole.headers["ETag"] == etag
        head = await author.ask("HEAD", url)
        assert (head.status, head.raw) == (200, b"")
        assert head.headers["Content-Length"] == str(image["bytes"])
        part = await author.ask("GET", url, Range="bytes=1-3")
        assert (part.status, part.raw) == (206, b"PNG")
        assert (await author.ask("GET", url, **{"If-None-Match": etag})).status == 304
        small = await author.ask("GET", image["thumbnail_url"])
        assert (small.status, small.raw[8:12]) == (200, b"WEBP")
        assert await S3Store(opened).get(url.rpartition("/")[2]) == whole.raw
        assert len(await opened.all("")) == 2
        assert not _is_there(env["LIMNER_DATA_DIR"])
        assert await serving.stop() == await drawing.stop() == 0
        assert _tells_no_key(serving)
        assert _tells_no_key(drawing)


async def test_a_bucket_that_is_away_costs_an_attempt_and_no_image(
    api: StartApi, worker: StartWorker, s3_env: dict[str, str], relay: Relay
) -> None:
    async with AsyncExitStack() as stack:
        serving, author = await stack.enter_async_context(api(**s3_env))
        drawing = await stack.enter_async_context(worker(**s3_env))
        character_id = await author.character(await author.plot())
        await relay.go()
        await author.draw(character_id)
        lost = await drawing.said("Lost the attempt")
        assert lost["code"] == "storage_unavailable"
        assert "can't be reached" in str(lost["detail"])
        await relay.come()
        final = await author.finished(character_id)
        assert (final["status"], final["metadata"]["attempt"]) == ("completed", 2)
        await relay.go()
        answer = await author.ask("GET", final["image_url"])
        assert (answer.status, answer.json["code"]) == (503, "storage_unavailable")
        assert "bucket" not in answer.raw.decode()
        told = await serving.said("The image store did not answer")
        assert "can't be reached" in str(told["why"])
        await relay.come()
        assert (await author.ask("GET", final["image_url"])).status == 200


async def test_keys_that_are_missing_stop_the_start_with_their_names(
    worker: StartWorker, s3_env: dict[str, str], env: dict[str, str]
) -> None:
    env |= {**s3_env, "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
    async with running("worker", "--child", env=env) as process:
        assert await process.ended() == 2
    assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set" in "".join(process.raw)


def _tells_no_key(process: Process) -> bool:
    told = "".join(process.raw)
    return not any(value in told for value in SETTINGS.values())


def _is_there(path: str) -> bool:
    return Path(path).exists()
