"""Every setting of Limner, once. Read from the environment and from `.env`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from limner.domain.errors import StartError


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
    Accepts("a URL that begins with redis://, rediss:// or unix://"),
]
StorageUrl = Annotated[str, Accepts("a folder, as a path or as file://…")]

_PREFIX = "LIMNER_"


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
        default=None, description="the folder for images; unset, `images` in the data folder"
    )
    provider: Literal["avatar", "blank"] = Field(default="avatar", description="what draws")
    avatar_seconds: Seconds = Field(default=6, description="how long the built-in provider takes")
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

    @field_validator("log_level", "log_format", "provider", mode="before")
    @classmethod
    def _fold(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("storage_url")
    @classmethod
    def _is_folder(cls, value: str | None) -> str | None:
        if value is not None and "://" in value.removeprefix("file://"):
            raise ValueError("it is no folder")
        return value

    @property
    def images_folder(self) -> Path:
        """Where images are stored."""
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
        sentences = [_sentence(str(fault["loc"][0]), fault["input"]) for fault in error.errors()]
        raise StartError(" ".join(sentences)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"The file .env can't be read: {error}.") from None


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return f"{_PREFIX}{field.upper()}"


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
