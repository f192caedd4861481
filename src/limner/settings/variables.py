"""Every setting of Limner, once."""

from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from limner.domain.prompt import DEFAULT_TEMPLATE
from limner.settings.kinds import (
    ApiKey,
    Count,
    DatabaseUrl,
    HttpUrl,
    HttpUrlWithPassword,
    LogFormat,
    LogLevel,
    Port,
    PositiveSeconds,
    PromptTemplate,
    ProviderNames,
    RedisUrl,
    Seconds,
    StorageUrl,
)

OPENAI_BASE_URL: Final = "https://api.openai.com/v1"
PREFIX: Final = "LIMNER_"


class Settings(BaseSettings):
    """The settings, with their defaults; `LIMNER_` and the name in capitals is the variable."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
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
    modelslab_api_key: ApiKey | None = Field(default=None, description="the key of an account")
    modelslab_base_url: HttpUrl = Field(
        default="https://modelslab.com", description="where it is, without `/api/v7`"
    )
    modelslab_model: str = Field(default="imagen-4.0-ultra", description="the model it draws with")
    modelslab_concurrency: Count = Field(
        default=5, description="queued orders that the account allows, of all workers together"
    )
    openai_api_key: ApiKey | None = Field(
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
    log_format: LogFormat = Field(default="console", description="console or json")
    log_level: LogLevel = Field(default="info", description="debug, info, warning or error")

    @property
    def images_folder(self) -> Path:
        """The folder where images are stored, if it is one."""
        if self.storage_url is None:
            return self.data_dir / "images"
        return Path(self.storage_url.removeprefix("file://"))
