"""Whether the image store would do: a picture there and back, and nothing of it left."""

from pathlib import Path

import pytest

from images.relay import Relay
from limner.domain.errors import StartError
from limner.domain.finding import Finding, Mark
from limner.images.bucket import Bucket
from limner.images.checkup import check_images
from limner.settings import Settings


async def found(settings: Settings, **bounds: int) -> Finding:
    """The one thing that is found out; it tells no key."""
    (told,) = await check_images(settings, **bounds)
    assert "never-to-be-told" not in str(told)
    return told


def in_folder(folder: Path) -> Settings:
    return Settings(storage_url=str(folder), _env_file=None)  # type: ignore[call-arg] # pydantic's


def all_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


def files_in(folder: Path) -> list[Path]:
    """What is kept there, locks aside."""
    return [path for path in all_in(folder) if path.is_file() and path.parent.name != ".locks"]


async def test_a_folder_that_keeps_images_is_well_and_left_as_it_was(tmp_path: Path) -> None:
    told = await found(in_folder(tmp_path))
    assert told.mark == Mark.OK
    assert f"{tmp_path} takes, gives and deletes" in told.words
    assert files_in(tmp_path) == []


async def test_a_folder_that_is_yet_to_be_made_is_tried_and_not_made(tmp_path: Path) -> None:
    told = await found(in_folder(tmp_path / "not" / "yet"))
    assert told.mark == Mark.OK
    assert all_in(tmp_path) == []


@pytest.mark.parametrize("folder", ["/sys/kernel", "/sys/limner/images"])
async def test_a_folder_in_which_nothing_can_be_written_is_named(folder: str) -> None:
    told = await found(in_folder(Path(folder)))
    assert told.mark == Mark.WRONG
    assert folder in told.words + told.advice
    assert "LIMNER_STORAGE_URL" in told.advice


async def test_a_file_where_the_folder_should_be_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "images").touch()
    assert (await found(in_folder(tmp_path / "images"))).mark == Mark.WRONG


async def test_little_room_is_worth_a_warning(tmp_path: Path) -> None:
    told = await found(in_folder(tmp_path), room_bytes=2**62)
    assert told.mark == Mark.WARNING
    assert "GiB are free" in told.words


async def test_a_bucket_that_keeps_images_is_well_and_left_as_it_was(
    s3_settings: Settings, opened: Bucket
) -> None:
    told = await found(s3_settings)
    assert told.mark == Mark.OK
    assert str(s3_settings.storage_url) in told.words
    assert await opened.all("") == []


async def test_a_bucket_that_there_is_not_is_told_as_one(s3_settings: Settings) -> None:
    elsewhere = s3_settings.model_copy(update={"storage_url": "s3://elsewhere"})
    told = await found(elsewhere)
    assert told.mark == Mark.WRONG
    assert "there is no such bucket" in told.words


async def test_a_store_that_is_away_is_wrong(s3_settings: Settings, relay: Relay) -> None:
    await relay.go()
    told = await found(s3_settings)
    await relay.come()
    assert told.mark == Mark.WRONG
    assert "can't be reached" in told.words


async def test_a_bucket_without_keys_names_what_is_missing(s3_settings: Settings) -> None:
    with pytest.raises(StartError, match="AWS_SECRET_ACCESS_KEY"):
        await check_images(s3_settings.model_copy(update={"aws_secret_access_key": None}))
