"""What is said of providers before they are asked to draw, and that it costs nothing."""

import pytest
from pydantic import SecretStr

from limner.domain.errors import StartError
from limner.domain.finding import Finding, Mark
from limner.providers.checkup import check_provider
from limner.settings import Settings
from standins.automatic1111 import Automatic1111Standin
from standins.modelslab import KEY, ModelsLabStandin
from standins.openai import OpenAIStandin


def settings(**values: object) -> Settings:
    """Settings that nothing outside has a say in."""
    return Settings.model_construct(**{"provider": ("blank",), **values})  # type: ignore[arg-type]


async def found(name: str, **values: object) -> Finding:
    """The one thing that is found out about a provider; it tells no key."""
    (told,) = await check_provider(settings(**values), name)
    assert KEY not in str(told)
    assert "secret" not in str(told)
    return told


@pytest.mark.parametrize("name", ["avatar", "blank"])
async def test_what_is_built_in_is_well(name: str) -> None:
    assert (await found(name)).mark == Mark.OK


async def test_modelslab_is_well_where_key_and_model_are_good() -> None:
    async with ModelsLabStandin() as standin:
        told = await found(
            "modelslab",
            provider=("modelslab",),
            modelslab_api_key=SecretStr(KEY),
            modelslab_base_url=standin.url,
        )
        assert (told.mark, told.words) == (Mark.OK, "Draws with imagen-4.0-ultra.")
        assert standin.account.submitted == 0


@pytest.mark.parametrize(
    ("provider", "mark"), [(("modelslab",), Mark.WRONG), (("avatar",), Mark.WARNING)]
)
async def test_a_model_that_is_gone_is_wrong_where_it_is_to_draw(
    provider: tuple[str, ...], mark: Mark
) -> None:
    async with ModelsLabStandin("without-model:imagen-4.0-ultra") as standin:
        told = await found(
            "modelslab",
            provider=provider,
            modelslab_api_key=SecretStr(KEY),
            modelslab_base_url=standin.url,
        )
        assert told.mark == mark
        assert "LIMNER_MODELSLAB_MODEL" in told.words
        assert standin.account.submitted == 0


async def test_a_wrong_key_is_told_with_its_setting() -> None:
    async with OpenAIStandin() as standin:
        told = await found(
            "openai",
            provider=("avatar", "openai"),
            openai_api_key=SecretStr("secret"),
            openai_base_url=standin.base_url,
        )
    assert told.mark == Mark.WRONG
    assert "LIMNER_OPENAI_API_KEY" in told.words


async def test_a_server_of_ones_own_is_well_when_it_answers() -> None:
    async with Automatic1111Standin() as standin:
        told = await found("automatic1111", automatic1111_url=standin.url)
    assert told.mark == Mark.OK


async def test_nothing_is_said_of_what_is_not_set_up_and_not_to_draw() -> None:
    for name in ("modelslab", "openai", "automatic1111"):
        assert await check_provider(settings(), name) == []


async def test_what_is_to_draw_and_lacks_a_setting_is_told_with_it() -> None:
    with pytest.raises(StartError, match="LIMNER_MODELSLAB_API_KEY is not set"):
        await check_provider(settings(provider=("modelslab",)), "modelslab")
