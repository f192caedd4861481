"""Settings: what the environment may say, and the sentence when it says something else."""

import os
from pathlib import Path

import pytest

from limner.domain.errors import StartError
from limner.settings import Settings, load, variable


@pytest.fixture(autouse=True)
def _empty_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.upper().startswith(("LIMNER_", "AWS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refusal() -> str:
    with pytest.raises(StartError) as refused:
        load()
    return str(refused.value)


def test_with_nothing_set_the_defaults_of_the_contract_hold() -> None:
    settings = load()
    assert (settings.host, settings.port, settings.provider) == ("127.0.0.1", 8000, ("avatar",))
    assert (settings.database_url, settings.redis_url) == (None, None)
    assert (settings.max_attempts, settings.worker_concurrency) == (3, 20)
    assert (settings.lease_seconds, settings.attempt_seconds) == (15, 120)
    assert (settings.deadline_seconds, settings.avatar_seconds) == (600, 6)
    assert (settings.heartbeat_seconds, settings.stream_seconds) == (15, 3600)
    assert settings.images_folder == Path(".limner/images")


WHOLE = "a whole number, 1 or more"
POSITIVE = "a number of seconds, more than 0"
PROVIDERS = "one or more of avatar, blank, modelslab, openai, automatic1111, with commas between"
TEMPLATE = "words with {name}, {description} and {style}, and [ ] around what may be left out"
NOT_NEGATIVE = "a number of seconds, 0 or more"


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("LIMNER_PROMPT_TEMPLATE", "{nickname}", TEMPLATE),
        ("LIMNER_PORT", "http", "a whole number from 0 to 65535"),
        ("LIMNER_PORT", "65536", "a whole number from 0 to 65535"),
        ("LIMNER_PORT", "-1", "a whole number from 0 to 65535"),
        ("LIMNER_MAX_ATTEMPTS", "0", WHOLE),
        ("LIMNER_MAX_ATTEMPTS", "2.5", WHOLE),
        ("LIMNER_WORKER_CONCURRENCY", "many", WHOLE),
        ("LIMNER_LEASE_SECONDS", "0", POSITIVE),
        ("LIMNER_LEASE_SECONDS", "15s", POSITIVE),
        ("LIMNER_DEADLINE_SECONDS", "inf", POSITIVE),
        ("LIMNER_ATTEMPT_SECONDS", "nan", POSITIVE),
        ("LIMNER_AVATAR_SECONDS", "-0.1", NOT_NEGATIVE),
        ("LIMNER_LOG_FORMAT", "xml", "console or json"),
        ("LIMNER_LOG_LEVEL", "chatty", "debug or info or warning or error"),
    ],
)
def test_a_wrong_value_is_answered_with_the_variable_and_what_it_accepts(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, accepted: str
) -> None:
    monkeypatch.setenv(name, value)
    assert refusal() == f"{name} is '{value}', but it must be {accepted}."


def test_a_wrong_url_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_DATABASE_URL", "mysql://ada:secret@localhost/limner")
    assert refusal() == "LIMNER_DATABASE_URL must be a URL that begins with postgresql://."


def test_a_password_that_takes_a_url_apart_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_REDIS_URL", "redis://:secret/pass@localhost")
    told = refusal()
    assert told.startswith("LIMNER_REDIS_URL must be a URL that begins with redis://")
    assert "secret" not in told


@pytest.mark.parametrize(
    "url",
    [
        "modelslab.com",
        "ftp://modelslab.com",
        "https://",
        "https://a.example/?key=secret",
        "https://ada:secret@a.example",
    ],
)
def test_the_address_of_a_provider_is_one_of_the_web(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("LIMNER_MODELSLAB_BASE_URL", url)
    assert refusal() == (
        "LIMNER_MODELSLAB_BASE_URL must be a URL that begins with https:// or http://,"
        " with no password in it."
    )


@pytest.mark.parametrize(("value", "told"), [("avatar, pencil", "'pencil'"), (",", "','")])
def test_a_list_that_is_no_list_of_providers_is_answered_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, value: str, told: str
) -> None:
    monkeypatch.setenv("LIMNER_PROVIDER", value)
    assert refusal() == f"LIMNER_PROVIDER is {told}, but it must be {PROVIDERS}."


def test_providers_are_a_list_in_which_none_stands_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_PROVIDER", "ModelsLab, openai ,avatar,openai,")
    assert load().provider == ("modelslab", "openai", "avatar")


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_can_not_be_sent_is_no_key(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("LIMNER_OPENAI_API_KEY", key)
    assert refusal() == (
        "LIMNER_OPENAI_API_KEY must be a key: letters, digits and signs, without blanks."
    )


def test_blanks_around_a_key_are_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_MODELSLAB_API_KEY", " abc\n")
    key = load().modelslab_api_key
    assert key is not None
    assert key.get_secret_value() == "abc"


def test_a_key_is_not_told_when_settings_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_MODELSLAB_API_KEY", "very-hushed")
    monkeypatch.setenv("LIMNER_OPENAI_API_KEY", "sk-hushed")
    assert "hushed" not in f"{load()!r} {load()}"


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_PORT", "http")
    monkeypatch.setenv("LIMNER_LEASE_SECONDS", "soon")
    assert "LIMNER_PORT is 'http'" in refusal()
    assert "LIMNER_LEASE_SECONDS is 'soon'" in refusal()


def test_seconds_take_fractions_and_zero_where_zero_makes_sense(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIMNER_LEASE_SECONDS", "0.25")
    monkeypatch.setenv("LIMNER_AVATAR_SECONDS", "0")
    assert (load().lease_seconds, load().avatar_seconds) == (0.25, 0)


def test_every_setting_in_seconds_takes_a_fraction(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name in Settings.model_fields if name.endswith("_seconds")]
    for name in names:
        monkeypatch.setenv(variable(name), "0.5")
    assert {getattr(load(), name) for name in names} == {0.5}


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(variable(name), "")
    assert load() == Settings.model_construct()


def test_a_word_may_be_written_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_LOG_LEVEL", " WARNING ")
    monkeypatch.setenv("LIMNER_LOG_FORMAT", "JSON")
    assert (load().log_level, load().log_format) == ("warning", "json")


def test_an_unknown_variable_of_ours_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_FAVOURITE_COLOUR", "blue")
    Path(".env").write_text("LIMNER_SHOE_SIZE=43\nPATH_OF_ANOTHER=1\n", encoding="utf-8")
    assert load() == Settings.model_construct()


def test_the_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("LIMNER_PORT=1234\nLIMNER_MAX_ATTEMPTS=7\n", encoding="utf-8")
    monkeypatch.setenv("LIMNER_PORT", "4321")
    assert (load().port, load().max_attempts) == (4321, 7)


def test_a_wrong_value_in_the_file_is_answered_the_same() -> None:
    Path(".env").write_text("LIMNER_PORT=http\n", encoding="utf-8")
    assert refusal() == "LIMNER_PORT is 'http', but it must be a whole number from 0 to 65535."


def test_a_file_that_is_no_text_is_answered_with_a_sentence() -> None:
    Path(".env").write_bytes(b"\xff\xfeLIMNER_PORT=1\n")
    assert refusal().startswith("The file .env can't be read")


def test_images_live_in_the_data_folder_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIMNER_DATA_DIR", "/srv/limner")
    assert load().images_folder == Path("/srv/limner/images")
    monkeypatch.setenv("LIMNER_STORAGE_URL", "/srv/pictures")
    assert load().images_folder == Path("/srv/pictures")


@pytest.mark.parametrize(
    "url", ["s3://", "s3://of", "s3://Bucket", "s3://user:secret@bucket", "https://a.example/b"]
)
def test_images_live_in_a_folder_or_in_a_bucket(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LIMNER_STORAGE_URL", url)
    assert refusal() == (
        "LIMNER_STORAGE_URL must be a folder, as a path or as file://…, or s3://bucket/prefix."
    )


def test_what_opens_a_bucket_has_the_names_that_it_has_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text(
        "AWS_ACCESS_KEY_ID=who\nAWS_SECRET_ACCESS_KEY=hunter2\n", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_SESSION_TOKEN", "hunter2 too")
    monkeypatch.setenv("LIMNER_STORAGE_URL", "s3://bucket/of/images")
    settings = load()
    assert (settings.aws_access_key_id, settings.aws_region) == ("who", "us-east-1")
    assert settings.aws_secret_access_key is not None
    assert settings.aws_secret_access_key.get_secret_value() == "hunter2"
    assert "hunter2" not in f"{settings!r} {settings}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "minio:9000")
    assert refusal() == (
        "AWS_ENDPOINT_URL must be a URL that begins with https:// or http://,"
        " with no password in it."
    )


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
