"""What holds for every provider, as the registry opens it and over its real wire."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise

import pytest
from pydantic import SecretStr

from limner.domain.errors import ErrorCode, RefusedError, StartError
from limner.images.inspect import inspect
from limner.providers.base import Order, Provider
from limner.providers.registry import open_providers
from limner.settings import Settings
from providers.clerk import Clerk
from standins import modelslab, openai_rules
from standins.automatic1111 import Automatic1111Standin
from standins.modelslab import ModelsLabStandin
from standins.openai import OpenAIStandin

ELSEWHERE = ["modelslab", "openai", "automatic1111"]
EVERY = ["avatar", "blank", *ELSEWHERE]
PAID = ["modelslab", "openai"]
BOUND_SECONDS = 20.0
VARIABLES = {
    "modelslab": "LIMNER_MODELSLAB_API_KEY",
    "openai": "LIMNER_OPENAI_API_KEY",
    "automatic1111": "LIMNER_AUTOMATIC1111_URL",
}


def settings_for(name: str, url: str) -> Settings:
    """Settings with which one provider is where the stand-in is."""
    own: dict[str, dict[str, object]] = {
        "modelslab": {"modelslab_base_url": url, "modelslab_api_key": SecretStr(modelslab.KEY)},
        "openai": {"openai_base_url": f"{url}/v1", "openai_api_key": SecretStr(openai_rules.KEY)},
        "automatic1111": {"automatic1111_url": url},
    }
    return Settings(avatar_seconds=0, download_allow_private=True).model_copy(
        update={"provider": (name,), **own.get(name, {})}
    )


def standin_for(name: str) -> ModelsLabStandin | OpenAIStandin | Automatic1111Standin:
    """The stand-in of a provider, which draws at once."""
    if name == "modelslab":
        return ModelsLabStandin("now")
    return OpenAIStandin() if name == "openai" else Automatic1111Standin()


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[Provider]:
    """A provider, with its stand-in if it is elsewhere."""
    async with AsyncExitStack() as stack:
        standin = standin_for(name) if name in ELSEWHERE else None
        if standin is not None:
            await stack.enter_async_context(standin)
        settings = settings_for(name, standin.url if standin is not None else "")
        yield (await stack.enter_async_context(open_providers(settings)))[name]


def order(provider: Provider, *, prompt: str = "a portrait", model: str = "") -> Order:
    """An order of a picture."""
    model = model or provider.default_model
    return Order("3f0c", "character", "Vernon", "a stout man", prompt, model)


@pytest.mark.parametrize("name", EVERY)
async def test_it_draws_a_picture_and_tells_how_far_it_is(name: str) -> None:
    clerk = Clerk()
    async with opened(name) as provider:
        picture = await provider.draw(order(provider), clerk.ticket)
        assert provider.name == name
        assert provider.stated_estimate.low_seconds <= provider.stated_estimate.high_seconds
        assert provider.terms.charges == (name in PAID)
        assert provider.terms.is_elsewhere == (name in ELSEWHERE)
    assert inspect(picture.data).image.width > 0
    assert picture.model
    fractions = [each.fraction for each in clerk.reports if each.fraction is not None]
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert all(before <= after for before, after in pairwise(fractions))
    assert clerk.reports, "whoever waits is told something"
    assert clerk.books[:1] == (["placed"] if name in PAID else [])


@pytest.mark.parametrize("name", [name for name in EVERY if name != "blank"])
async def test_a_model_that_there_is_not_is_refused(name: str) -> None:
    async with opened(name) as provider:
        with pytest.raises(RefusedError) as raised:
            await provider.draw(order(provider, model="no-such-model"), Clerk().ticket)
    assert raised.value.code is ErrorCode.PROVIDER_MODEL_UNAVAILABLE


@pytest.mark.parametrize("name", EVERY)
async def test_a_cancelled_drawing_ends_and_the_next_is_drawn(name: str) -> None:
    async with opened(name) as provider:
        task = asyncio.create_task(provider.draw(order(provider), Clerk().ticket))
        await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(BOUND_SECONDS):
            await asyncio.gather(task, return_exceptions=True)
            other = order(provider, prompt="another portrait")
            assert await provider.draw(other, Clerk().ticket)
    assert task.cancelled() or name == "blank"


@pytest.mark.parametrize("name", EVERY)
async def test_a_provider_that_could_draw_has_nothing_to_complain_of(name: str) -> None:
    async with opened(name) as provider:
        assert await provider.check() is None


@pytest.mark.parametrize("name", ELSEWHERE)
async def test_nobody_there_means_that_nothing_was_ordered(name: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with open_providers(settings_for(name, url)) as providers:
            provider = providers[name]
            with pytest.raises(RefusedError) as raised:
                await provider.draw(order(provider), Clerk().ticket)
            complaint = await provider.check()
    assert raised.value.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert complaint is not None
    assert "LIMNER_" in complaint, "it says where to look"


@pytest.mark.parametrize("name", PAID)
async def test_an_order_that_can_be_asked_for_is_not_sent_again(name: str) -> None:
    prompt = "a portrait [url]" if name == "openai" else "a portrait"
    async with standin_for(name) as standin:
        settings = settings_for(name, standin.url).model_copy(
            update={"openai_model": "dall-e-3", "modelslab_model": "imagen-4.0-ultra"}
        )
        async with open_providers(settings) as providers:
            provider, first = providers[name], Clerk()
            await provider.draw(order(provider, prompt=prompt), first.ticket)
            assert first.handle is not None
            again = Clerk(handle=first.handle)
            await provider.draw(order(provider, prompt=prompt), again.ticket)
    assert "placed" not in again.books


@pytest.mark.parametrize("name", ELSEWHERE)
async def test_one_that_lacks_a_setting_is_not_there_and_may_not_be_what_draws(name: str) -> None:
    async with open_providers(Settings()) as providers:
        assert name not in providers
    settings = Settings().model_copy(update={"provider": ("avatar", name)})
    with pytest.raises(StartError) as raised:
        async with open_providers(settings):
            pass
    assert str(raised.value) == f"LIMNER_PROVIDER names {name}, but {VARIABLES[name]} is not set."
