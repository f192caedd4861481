"""What the provider finds out about itself without ordering anything."""

import pytest

from providers.openai_desk import KEY, LOCAL, OpenAIStandin, providing

WRONG = [
    ("sk-wrong", "gpt-image-1", "LIMNER_OPENAI_API_KEY"),
    (None, "gpt-image-1", "set LIMNER_OPENAI_API_KEY"),
    (KEY, "gpt-image-99", "LIMNER_OPENAI_MODEL"),
    (KEY, "a model/with ?odd#letters", "LIMNER_OPENAI_MODEL"),
]


@pytest.mark.parametrize("has_models", [True, False])
@pytest.mark.parametrize("model", ["gpt-image-1", LOCAL])
async def test_all_is_well_where_the_key_is_good_and_the_model_exists(
    model: str,
    has_models: bool,  # noqa: FBT001 - a column of the table
) -> None:
    async with OpenAIStandin() as server, providing(server.base_url, model=model) as provider:
        server.has_models = has_models
        assert await provider.check() is None
    assert (server.orders, server.taken) == ([], 0)


@pytest.mark.parametrize("has_models", [True, False])
@pytest.mark.parametrize(("key", "model", "words"), WRONG)
async def test_what_is_wrong_is_said_with_the_setting_that_mends_it(
    key: str | None,
    model: str,
    words: str,
    has_models: bool,  # noqa: FBT001 - a column of the table
) -> None:
    async with OpenAIStandin() as server, providing(server.base_url, key, model=model) as provider:
        server.has_models = has_models
        said = await provider.check()
    assert said is not None
    assert words in said
    assert server.asked["/v1/models"] == (key == KEY and not has_models), "only if it has to be"
    assert server.base_url in said
    assert said.endswith(".")
    assert KEY not in said
    assert "sk-wrong" not in said


async def test_a_server_that_wants_no_key_is_well_without_one() -> None:
    async with OpenAIStandin(key=None) as server, providing(server.base_url, None) as provider:
        assert await provider.check() is None
    assert "authorization" not in server.headers[0]


async def test_a_server_that_is_silent_is_told_of() -> None:
    async with OpenAIStandin() as server, providing(server.base_url, seconds=0.1) as provider:
        server.models_behave = "hang"
        said = await provider.check()
    assert said is not None
    assert "did not answer in time" in said


async def test_a_server_that_is_gone_is_told_of() -> None:
    async with OpenAIStandin() as gone:
        address = gone.base_url
    async with providing(address) as provider:
        said = await provider.check()
    assert said is not None
    assert "could not be reached" in said
    assert "LIMNER_OPENAI_BASE_URL" in said


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("no-route", "no list of models"),
        ("moved", "leads elsewhere: set LIMNER_OPENAI_BASE_URL"),
        ("html", "LIMNER_OPENAI_BASE_URL usually ends in /v1"),
        ("rate", "try again later"),
        ("server-error", "try again later"),
        ("overloaded-bare", "try again later"),
        ("rejected", "does not answer as it should"),
    ],
)
async def test_an_address_where_no_such_api_answers_is_told_of(act: str, words: str) -> None:
    async with OpenAIStandin() as server, providing(server.base_url) as provider:
        server.models_behave = act
        said = await provider.check()
    assert said is not None
    assert words in said


async def test_neither_a_password_in_the_address_nor_the_key_is_in_what_is_said() -> None:
    async with OpenAIStandin() as gone:
        address = gone.base_url.replace("http://", "http://me:hush@")
    async with providing(address, None) as provider:
        said = await provider.check()
    assert said is not None
    assert "hush" not in said
