"""What variables accept, each kind once, with the words that say it."""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from limner.domain.prompt import check_template

_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w!.*'()/-]*)?", re.ASCII)
"""A bucket's name as S3 has it, and a prefix of what S3 calls safe characters."""


@dataclass(frozen=True, slots=True)
class Accepts:
    """What a variable accepts, in words that follow "it must be"."""

    words: str


def _folded(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = (name.strip().lower() for name in value.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _without_slash(value: str) -> str:
    return value.rstrip("/")


def _has_a_port(value: str) -> str:
    _ = urlsplit(value).port  # the driver's complaint would hold a piece of the password
    return value


def _is_key(value: SecretStr) -> SecretStr:
    key = value.get_secret_value()
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ValueError("it can't be sent in a header")
    return value


def _is_template(value: str) -> str:
    check_template(value)
    return value


def _is_place(value: str) -> str:
    if "://" in value.removeprefix("file://") and not _BUCKET.fullmatch(value):
        raise ValueError("it is neither a folder nor a bucket")
    return value


Seconds = Annotated[
    float, Field(ge=0, allow_inf_nan=False), Accepts("a number of seconds, 0 or more")
]
PositiveSeconds = Annotated[
    float, Field(gt=0, allow_inf_nan=False), Accepts("a number of seconds, more than 0")
]
Count = Annotated[int, Field(ge=1), Accepts("a whole number, 1 or more")]
Port = Annotated[int, Field(ge=0, le=65535), Accepts("a whole number from 0 to 65535")]

DatabaseUrl = Annotated[
    str, Field(pattern=r"^postgres(ql)?://"), Accepts("a URL that begins with postgresql://")
]
RedisUrl = Annotated[
    str,
    Field(pattern=r"^(rediss?|unix)://"),
    AfterValidator(_has_a_port),
    Accepts("a URL that begins with redis://, rediss:// or unix://, / in a password being %2F"),
]
HttpUrl = Annotated[
    str,
    Field(pattern=r"^https?://[^/?#@]+[^?#@]*$"),
    AfterValidator(_without_slash),
    Accepts("a URL that begins with https:// or http://, with no password in it"),
]
HttpUrlWithPassword = Annotated[
    str,
    Field(pattern=r"^https?://[^/?#]+[^?#]*$"),
    AfterValidator(_without_slash),
    Accepts("a URL that begins with https:// or http://"),
]
ApiKey = Annotated[
    SecretStr,
    BeforeValidator(_stripped),
    AfterValidator(_is_key),
    Accepts("a key: letters, digits and signs, without blanks"),
]
ProviderName = Literal["avatar", "blank", "modelslab", "openai", "automatic1111"]
ProviderNames = Annotated[
    tuple[ProviderName, ...],
    NoDecode,
    BeforeValidator(_split),
    Field(min_length=1),
    Accepts("one or more of avatar, blank, modelslab, openai, automatic1111, with commas between"),
]
StorageUrl = Annotated[
    str,
    AfterValidator(_is_place),
    Accepts("a folder, as a path or as file://…, or s3://bucket/prefix"),
]
PromptTemplate = Annotated[
    str,
    AfterValidator(_is_template),
    Accepts("words with {name}, {description} and {style}, and [ ] around what may be left out"),
]
LogFormat = Annotated[Literal["console", "json"], BeforeValidator(_folded)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_folded)]
