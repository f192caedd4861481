"""A bucket of S3 that refuses: told in words that help an operator, and tell nobody's keys."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from images.moto import SETTINGS, Moto
from limner.domain.errors import StartError, StorageUnavailableError
from limner.images import bucket
from limner.images.bucket import Bucket, open_bucket
from limner.images.s3 import S3Store
from limner.settings import Settings, load
from store.album import drawing_of

FACE = drawing_of("a face")
NAME = FACE.image.name
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
REFUSALS = {
    "NoSuchBucket": "no such bucket",
    "AccessDenied": "these keys may not do that",
    "InvalidAccessKeyId": "AWS_ACCESS_KEY_ID is not known there",
    "SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID",
    "ExpiredToken": "AWS_SESSION_TOKEN has expired",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "AuthorizationHeaderMalformed": "the bucket is not in AWS_REGION",
    "SomethingNew": "it answered SomethingNew",
    "AKIA, the secret: hunter2": "it answered what can't be understood",
}


async def test_what_is_overloaded_is_asked_again_and_not_for_ever(
    s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        writer.write(b"HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    monkeypatch.setattr(bucket, "TRIES", 2)
    async with _serving(busy, s3_settings) as it:
        with pytest.raises(StorageUnavailableError, match="it answered 503"):
            await it.get(NAME)
    assert asked == 2


async def test_a_refusal_is_told_in_words_that_help_and_without_those_of_the_server(
    s3_settings: Settings,
) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = (
            f"<Error><Code>{code}</Code><Message>You are {SETTINGS['AWS_ACCESS_KEY_ID']}, who "
            "signed AWS4-HMAC-SHA256 hunter2</Message><StringToSign>hunter2</StringToSign></Error>"
        )
        head = f"HTTP/1.1 400 No\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + body).encode())
        writer.close()
        await writer.wait_closed()

    async with _serving(refuse, s3_settings) as it:
        for refusal, told in REFUSALS.items():
            code = refusal
            for asked in (it.all(""), it.get(NAME), it.put(NAME, b"", ""), it.delete([NAME])):
                with pytest.raises(StorageUnavailableError) as refused:
                    await asked
                sentence = str(refused.value)
                assert told in sentence
                assert sentence.startswith(f"The bucket {it.name} at 127.0.0.1:")
                assert "hunter2" not in sentence
                assert not any(value in sentence for value in SETTINGS.values())


async def test_a_server_that_breaks_off_in_an_image_has_not_given_it(
    s3_settings: Settings, store: S3Store, opened: Bucket
) -> None:
    await store.put(FACE)
    (copy,) = await opened.all(f"{NAME[:2]}/{NAME}/")

    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        writer.close()
        await writer.wait_closed()

    async with _serving(break_off, s3_settings) as broken:
        with pytest.raises(StorageUnavailableError, match="the connection or the answer broke"):
            await broken.get(copy.key)


async def test_a_bucket_that_is_not_there_is_no_image_that_is_not_there(
    s3_settings: Settings, store: S3Store, moto: Moto, opened: Bucket
) -> None:
    await moto.ask("DELETE", f"/{opened.name}")
    with pytest.raises(StorageUnavailableError, match="no such bucket, create it or correct"):
        await store.put(FACE)
    with pytest.raises(StorageUnavailableError, match=f"The bucket {opened.name} at 127.0.0.1:"):
        await store.get(NAME)


async def test_keys_that_the_server_does_not_know_are_told_of(store: S3Store, moto: Moto) -> None:
    await moto.ask("POST", "/moto-api/reset-auth", "0")
    try:
        with pytest.raises(StorageUnavailableError, match=r"Invalid|not known|may not") as refused:
            await store.put(FACE)
    finally:
        await moto.ask("POST", "/moto-api/reset-auth", "inf")
    assert not any(value in str(refused.value) for value in SETTINGS.values())


@pytest.mark.parametrize("missing", [("AWS_ACCESS_KEY_ID",), ("AWS_SECRET_ACCESS_KEY",), SETTINGS])
async def test_a_bucket_without_keys_stops_the_start(
    s3_settings: Settings, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    for name in missing:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StartError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both"):
        async with open_bucket(load()):
            pass


async def test_no_key_is_ever_told(
    s3_settings: Settings, store: S3Store, opened: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await store.put(FACE)
    told = f"{s3_settings!r} {s3_settings} {store!r} {opened!r} {vars(opened)} {caplog.text}"
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert SETTINGS[name] not in told


@asynccontextmanager
async def _serving(answer: Answer, settings: Settings) -> AsyncIterator[Bucket]:
    """The bucket as a server has it that speaks so."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, open_bucket(settings.model_copy(update={"aws_endpoint_url": address})) as it:
        yield it
