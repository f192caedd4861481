"""A bucket that speaks as S3 does: the home of aiobotocore.

Requests are signed, retried and read by aiobotocore. The alternative, obstore, is a third of the
size and starts ten times as quickly, but a process that ends right after a request is aborted now
and then by its threads, and a worker that was told to stop must end with exit code 0.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

import aiohttp
from aiobotocore.config import AioConfig  # type: ignore[import-untyped] # it brings no types
from aiobotocore.session import get_session  # type: ignore[import-untyped] # the same
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped] # too
from pydantic import SecretStr

from limner.domain.errors import StartError, StorageUnavailableError
from limner.images.words import is_gone, why
from limner.settings import Settings

CONNECT_SECONDS: Final = 3.0
"""For one connection."""
READ_SECONDS: Final = 8.0
"""For one piece of an answer."""
TOTAL_SECONDS: Final = 12.0
"""For all that one call does, its retries and their pauses included."""
TRIES: Final = 3
"""Of one request; only what can't be reached, is overloaded or broken is asked again."""
CONNECTIONS: Final = 50
PAGE: Final = 1000
"""Keys in one answer; S3 gives no more."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object of a bucket."""

    key: str
    """Without the prefix of all of them."""
    at: datetime
    """When it was stored, by the clock of the store."""


class Bucket:
    """The objects of a bucket whose keys begin with a prefix.

    Every call ends within `TOTAL_SECONDS`.

    Args:
        client: aiobotocore's, for S3.
        name: the bucket's.
        prefix: of every key, with a slash at its end; or nothing.
        address: where it is, for sentences.
    """

    def __init__(self, client: Any, name: str, prefix: str, address: str) -> None:
        self._client = client
        self.name = name
        self._prefix = prefix
        self._address = address

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store an object, whole or not at all.

        Raises:
            StorageUnavailableError: the store did not take it, or it is not known whether it did.
        """
        async with self._refusing("take an image"):
            await self._client.put_object(
                **self._object(key), Body=data, ContentType=content_type, ContentLength=len(data)
            )

    async def get(self, key: str) -> bytes | None:
        """The content of an object; None if there is none.

        Raises:
            StorageUnavailableError: the store did not give it.
        """
        async with self._refusing("give an image"):
            try:
                answer = await self._client.get_object(**self._object(key))
            except ClientError as error:
                if is_gone(error):
                    return None
                raise
            async with answer["Body"] as body:
                return cast("bytes", await body.read())

    async def delete(self, keys: list[str]) -> None:
        """Delete objects; those that are not there are no error.

        One by one, because not every store can do it at once.

        Raises:
            StorageUnavailableError: the store did not do it, or it is not known whether it did.
        """
        async with self._refusing("delete an image"):
            for key in keys:
                await self._client.delete_object(**self._object(key))

    async def all(self, start: str) -> list[Stored]:
        """All objects whose keys begin so, in the order of their keys.

        Raises:
            StorageUnavailableError: the store did not tell.
        """
        async with self._refusing("tell what is in it"):
            found, following = await self._look(start)
            while following:
                more, following = await self._look(start, ContinuationToken=following)
                found += more
            return found

    async def page(self, after: str, start: str = "", most: int | None = None) -> list[Stored]:
        """At most `PAGE` objects, in the order of their keys.

        Args:
            after: the key behind which to begin; or nothing.
            start: what their keys begin with; or nothing.
            most: how many, if fewer than `PAGE` will do.

        Raises:
            StorageUnavailableError: the store did not tell.
        """
        async with self._refusing("tell what is in it"):
            asked = {"StartAfter": self._prefix + after} if after else {}
            return (await self._look(start, most, **asked))[0]

    async def _look(
        self, start: str, most: int | None = None, **asked: str
    ) -> tuple[list[Stored], str | None]:
        """Some objects, and how to ask for those that follow, if there are any."""
        answer = await self._client.list_objects_v2(
            Bucket=self.name, Prefix=self._prefix + start, MaxKeys=most or PAGE, **asked
        )
        found = [
            Stored(content["Key"].removeprefix(self._prefix), content["LastModified"])
            for content in answer.get("Contents", ())
        ]
        return found, answer.get("NextContinuationToken")

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": self._prefix + key}

    @asynccontextmanager
    async def _refusing(self, what: str) -> AsyncIterator[None]:
        """A bound for the time it takes, and what is said there as an error of ours."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                yield
        except (BotoCoreError, ClientError, aiohttp.ClientError, OSError) as error:
            raise StorageUnavailableError(
                f"The bucket {self.name} at {self._address} did not {what}: {why(error)}."
            ) from error


@asynccontextmanager
async def open_bucket(settings: Settings) -> AsyncIterator[Bucket]:
    """The bucket that the settings name, with connections for as long as the block runs.

    Raises:
        StartError: no keys are set, and the machine has no role either.
    """
    name, _, prefix = (settings.storage_url or "").removeprefix("s3://").partition("/")
    prefix = f"{prefix.strip('/')}/".lstrip("/")
    address = settings.aws_endpoint_url or f"https://s3.{settings.aws_region}.amazonaws.com"
    session = get_session()
    if settings.aws_access_key_id is None or settings.aws_secret_access_key is None:
        await _has_role(session, settings)
    async with session.create_client(
        "s3",
        region_name=settings.aws_region,
        endpoint_url=settings.aws_endpoint_url,
        aws_access_key_id=settings.aws_access_key_id,
        aws_secret_access_key=_told(settings.aws_secret_access_key),
        aws_session_token=_told(settings.aws_session_token),
        config=AioConfig(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=CONNECTIONS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            # only Amazon has a name in DNS for each bucket
            s3={"addressing_style": "path" if settings.aws_endpoint_url else "auto"},
            # the trailers that are the default are unknown to many that speak as S3 does
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    ) as client:
        yield Bucket(client, name, prefix, urlsplit(address).netloc.rpartition("@")[2])


async def _has_role(session: Any, settings: Settings) -> None:
    """Raise `StartError` unless botocore finds keys by itself, as for a machine with a role."""
    is_half = settings.aws_access_key_id or settings.aws_secret_access_key
    if is_half or await session.get_credentials() is None:
        raise StartError(
            "LIMNER_STORAGE_URL names a bucket, so AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
            "must both be set, or the machine must have a role."
        )


def _told(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
