"""Every setting of Limner, once. Read from the environment and from `.env`."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from limner.domain.errors import StartError
from limner.domain.prompt import DEFAULT_TEMPLATE, check_template


@dataclass(frozen=True, slots=True)
class Accepts:
    """What a variable accepts, in words that follow "it must be"."""

    words: str


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
    Accepts("a URL that begins with redis://, rediss:// or unix://, / in a password being %2F"),
]
HttpUrl = Annotated[
    str,
    Field(pattern=r"^https?://[^/?#@]+[^?#@]*$"),
    Accepts("a URL that begins with https:// or http://, with no password in it"),
]
HttpUrlWithPassword = Annotated[
    str,
    Field(pattern=r"^https?://[^/?#]+[^?#]*$"),
    Accepts("a URL that begins with https:// or http://"),
]
ProviderName = Literal["avatar", "blank", "modelslab", "openai", "automatic1111"]
ProviderNames = Annotated[
    tuple[ProviderName, ...],
    NoDecode,
    Field(min_length=1),
    Accepts("one or more of avatar, blank, modelslab, openai, automatic1111, with commas between"),
]
StorageUrl = Annotated[str, Accepts("a folder, as a path or as file://…, or s3://bucket/prefix")]

PromptTemplate = Annotated[
    str,
    Accepts("words with {name}, {description} and {style}, and [ ] around what may be left out"),
]

OPENAI_BASE_URL: Final = "https://api.openai.com/v1"
_PREFIX: Final = "LIMNER_"
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w!.*'()/-]*)?", re.ASCII)
"""A bucket's name as S3 has it, and a prefix of what S3 calls safe characters."""


class Settings(BaseSettings):
    """The settings, with their defaults; `LIMNER_` and the name in capitals is the variable."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    database_url: DatabaseUrl | None = Field(
        default=None, description="Postgres 14 or newer; unset, `limner up` starts its own"
    )
    redis_url: RedisUrl | None = Field(
        default=None, description="Redis 6.2 or newer, or Valkey; unset, `limner up` starts its own"
    )
    host: str = Field(
        default="127.0.0.1", description="the address the API listens on: loopback only"
    )
    port: Port = Field(default=8000, description="its port; 0: a free one")
    data_dir: Path = Field(
        default=Path(".limner"), description="where the embedded servers and images live"
    )
    storage_url: StorageUrl | None = Field(
        default=None,
        description="the folder for images, or `s3://bucket/prefix`; unset, `images` in the data "
        "folder",
    )
    aws_access_key_id: str | None = Field(
        default=None,
        validation_alias="AWS_ACCESS_KEY_ID",
        description="for S3; unset, the role of the machine",
    )
    aws_secret_access_key: SecretStr | None = Field(
        default=None, validation_alias="AWS_SECRET_ACCESS_KEY", description="what belongs to it"
    )
    aws_session_token: SecretStr | None = Field(
        default=None, validation_alias="AWS_SESSION_TOKEN", description="where keys are passing"
    )
    aws_region: str = Field(
        default="us-east-1", validation_alias="AWS_REGION", description="where the bucket is"
    )
    aws_endpoint_url: HttpUrl | None = Field(
        default=None,
        validation_alias="AWS_ENDPOINT_URL",
        description="a store that speaks as S3 does; unset, Amazon's",
    )
    download_allow_private: bool = Field(
        default=False,
        description="true lets image downloads use http and private addresses, for tests",
    )
    provider: ProviderNames = Field(
        default=("avatar",), description="what draws; of a comma list, the next one where one fails"
    )
    avatar_seconds: Seconds = Field(default=6, description="how long the built-in provider takes")
    modelslab_api_key: SecretStr | None = Field(default=None, description="the key of an account")
    modelslab_base_url: HttpUrl = Field(
        default="https://modelslab.com", description="where it is, without `/api/v7`"
    )
    modelslab_model: str = Field(default="imagen-4.0-ultra", description="the model it draws with")
    modelslab_concurrency: Count = Field(
        default=5, description="queued orders that the account allows, of all workers together"
    )
    openai_api_key: SecretStr | None = Field(
        default=None, description="the key; a server of your own may need none"
    )
    openai_base_url: HttpUrl = Field(
        default=OPENAI_BASE_URL, description="OpenAI, or any server that speaks as it does"
    )
    openai_model: str = Field(default="gpt-image-1", description="the model it draws with")
    automatic1111_url: HttpUrlWithPassword | None = Field(
        default=None, description="AUTOMATIC1111 or Forge with `--api`; may hold user:password@"
    )
    repeat_paid_orders: bool = Field(
        default=False, description="draw again, and pay again, what may have been drawn and lost"
    )
    prompt_template: PromptTemplate = Field(
        default=DEFAULT_TEMPLATE, description="how a prompt is made; see Prompts"
    )
    worker_concurrency: Count = Field(default=20, description="drawings at once in one worker")
    max_attempts: Count = Field(default=3, description="tries at one generation")
    lease_seconds: PositiveSeconds = Field(
        default=15, description="how long a silent worker keeps its generation"
    )
    attempt_seconds: PositiveSeconds = Field(
        default=120, description="how long one attempt may take"
    )
    deadline_seconds: PositiveSeconds = Field(
        default=600, description="from accepted to final, at the most"
    )
    heartbeat_seconds: PositiveSeconds = Field(
        default=15, description="a stream silent for so long gets a heartbeat"
    )
    stream_seconds: PositiveSeconds = Field(
        default=3600, description="a stream is closed at a random 80 to 100 % of this"
    )
    max_streams: Count = Field(
        default=10000, description="streams of one API process, polls that wait included"
    )
    log_format: Literal["console", "json"] = Field(default="console", description="console or json")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _fold(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("provider", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        names = (name.strip().lower() for name in value.split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    @field_validator("modelslab_base_url", "openai_base_url", "automatic1111_url")
    @classmethod
    def _without_slash(cls, value: str | None) -> str | None:
        return None if value is None else value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _has_a_port(cls, value: str | None) -> str | None:
        _ = urlsplit(value or "").port  # the driver's complaint would hold a piece of the password
        return value

    @field_validator("prompt_template")
    @classmethod
    def _is_template(cls, value: str) -> str:
        check_template(value)
        return value

    @field_validator("storage_url")
    @classmethod
    def _is_place(cls, value: str | None) -> str | None:
        if value and "://" in value.removeprefix("file://") and not _BUCKET.fullmatch(value):
            raise ValueError("it is neither a folder nor a bucket")
        return value

    @property
    def images_folder(self) -> Path:
        """The folder where images are stored, if it is one."""
        if self.storage_url is None:
            return self.data_dir / "images"
        return Path(self.storage_url.removeprefix("file://"))


def load() -> Settings:
    """The settings from the environment.

    Raises:
        StartError: a variable has a value that it does not accept; the sentence names both.
    """
    try:
        return Settings()
    except ValidationError as error:
        fields = {variable(name): name for name in Settings.model_fields}
        faults = [(str(fault["loc"][0]), fault["input"]) for fault in error.errors()]
        sentences = [_sentence(fields.get(name, name), value) for name, value in faults]
        raise StartError(" ".join(sentences)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"The file .env can't be read: {error}.") from None


def variable(field: str) -> str:
    """The environment variable of a setting."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{_PREFIX}{field.upper()}"


def _sentence(field: str, value: object) -> str:
    # a URL may hold a password, and a sentence goes to logs
    told = "" if field.endswith(("_url", "_key", "_secret")) else f"is {value!r}, but it "
    return f"{variable(field)} {told}must be {_accepted(field)}."


def _accepted(field: str) -> str:
    info = Settings.model_fields[field]
    parts = get_args(info.annotation)
    inside = [detail for part in parts for detail in getattr(part, "__metadata__", ())]
    words = [each.words for each in (*info.metadata, *inside) if isinstance(each, Accepts)]
    return words[0] if words else " or ".join(map(str, parts))
