"""AUTOMATIC1111 and Forge: what is ordered, and what comes back when all goes well."""

import io

import pytest
from PIL import Image

from limner.domain.errors import DrawingError, ErrorCode, RefusedError, StartError
from limner.domain.progress import Stage
from limner.providers.automatic1111 import Automatic1111Provider
from limner.providers.base import Provider, Terms
from limner.providers.http import open_session
from limner.providers.signs import why_no_picture
from providers.clerk import Clerk
from providers.sitting import ORDER, order, provider_at, sitting
from standins.automatic1111 import Automatic1111Standin

CASTLE = "dreamy/castle.safetensors [6ce0161689]"


async def test_an_order_gives_a_portrait_and_says_which_checkpoint_drew_it() -> None:
    clerk = Clerk()
    async with sitting() as (_, provider):
        picture = await provider.draw(order(), clerk.ticket)
    image = Image.open(io.BytesIO(picture.data))
    assert (image.format, image.size) == ("PNG", (512, 768))
    assert picture.model == "portrait", "the one that the server had loaded"
    assert clerk.stages[0] is Stage.ORDERING


async def test_it_is_a_provider_that_charges_nothing_and_keeps_no_books() -> None:
    clerk = Clerk(handle="an order of yesterday")
    async with sitting() as (standin, provider):
        is_one: Provider = provider
        await is_one.draw(order(), clerk.ticket)
    assert (is_one.name, is_one.default_model) == ("automatic1111", "default")
    assert is_one.terms == Terms(is_elsewhere=True, orders_at_once=2)
    assert clerk.books == []
    assert len(standin.studio.orders) == 1


async def test_the_order_says_what_is_drawn_how_large_and_under_which_id() -> None:
    async with sitting() as (standin, provider):
        await provider.draw(order(), Clerk().ticket)
        await provider.draw(order(), Clerk().ticket)
    first, second = (each.body for each in standin.studio.orders)
    assert first["prompt"] == ORDER.prompt
    assert (first["width"], first["height"]) == (512, 768)
    assert (first["steps"], first["cfg_scale"], first["sampler_name"]) == (30, 7.0, "Euler a")
    assert (first["batch_size"], first["n_iter"]) == (1, 1)
    assert (first["send_images"], first["save_images"]) == (True, False)
    assert "override_settings" not in first, "the checkpoint that is loaded stays"
    assert first["force_task_id"].startswith(f"task(limner-{ORDER.task_id}-")
    assert first["force_task_id"] != second["force_task_id"], "an attempt is not another attempt"


@pytest.mark.parametrize(("seed", "sent"), [(None, -1), (0, 0), (4294967295, 4294967295)])
async def test_a_seed_goes_through(seed: int | None, sent: int) -> None:
    async with sitting() as (standin, provider):
        await provider.draw(order(seed=seed), Clerk().ticket)
    assert standin.studio.orders[0].body["seed"] == sent


@pytest.mark.parametrize("word", ["data-url", "lines", "jpeg", "webp", "no-info", "odd-info"])
async def test_a_picture_is_read_in_whatever_form_it_comes(word: str) -> None:
    async with sitting() as (_, provider):
        picture = await provider.draw(order(word), Clerk().ticket)
    assert why_no_picture(picture.data) is None
    assert picture.model == ("default" if word.endswith("info") else "portrait")


@pytest.mark.parametrize("word", [CASTLE, "dreamy_castle", "castle", "6ce0161689"])
async def test_a_checkpoint_is_asked_for_by_any_of_its_names_and_for_one_order(word: str) -> None:
    async with sitting("forge") as (standin, provider):
        picture = await provider.draw(order(model=word), Clerk().ticket)
    body = standin.studio.orders[0].body
    assert body["override_settings"] == {"sd_model_checkpoint": CASTLE}
    assert body["override_settings_restore_afterwards"] is True
    assert picture.model == "castle"


@pytest.mark.parametrize("server", ["forge", "a1111"])
async def test_a_checkpoint_that_there_is_not_is_never_ordered(server: str) -> None:
    async with sitting(server) as (standin, provider):
        with pytest.raises(RefusedError) as raised:
            await provider.draw(order(model="imagen"), Clerk().ticket)
    assert raised.value.code is ErrorCode.PROVIDER_MODEL_UNAVAILABLE
    assert "LIMNER_AUTOMATIC1111_URL" in str(raised.value)
    assert "/sdapi/v1/txt2img" not in standin.asked, "AUTOMATIC1111 would draw with another"


@pytest.mark.parametrize("word", ["vanished", "unlisted"])
async def test_a_checkpoint_that_is_gone_when_it_is_asked_for_is_no_failure(word: str) -> None:
    async with sitting() as (_, provider):
        with pytest.raises(RefusedError) as raised:
            await provider.draw(order(word, model="castle"), Clerk().ticket)
    assert raised.value.code is ErrorCode.PROVIDER_MODEL_UNAVAILABLE


@pytest.mark.parametrize(
    ("state", "code"),
    [("broken", ErrorCode.PROVIDER_UNAVAILABLE), ("hanging", ErrorCode.PROVIDER_TIMEOUT)],
)
async def test_nothing_is_ordered_while_the_checkpoints_are_not_known(
    state: str, code: ErrorCode
) -> None:
    async with sitting(look_seconds=0.1) as (standin, provider):
        setattr(standin, state, frozenset({"/sdapi/v1/sd-models"}))
        with pytest.raises(DrawingError) as raised:
            await provider.draw(order(model="castle"), Clerk().ticket)
    assert isinstance(raised.value, RefusedError)
    assert raised.value.code is code
    assert "/sdapi/v1/txt2img" not in standin.asked


@pytest.mark.parametrize(
    ("behave", "words"),
    [
        ((), None),
        (("noapi",), "--api"),
        (("bare",), "models/Stable-diffusion"),
        (("auth=painter:open-sesame",), "--api-auth"),
    ],
)
async def test_a_check_says_what_to_do_and_draws_nothing(
    behave: tuple[str, ...], words: str | None
) -> None:
    async with sitting(*behave) as (standin, provider):
        told = await provider.check()
    assert told is None if words is None else told is not None and words in told
    assert standin.asked == ["/sdapi/v1/sd-models"]


async def test_a_check_of_another_server_or_of_none_names_the_setting() -> None:
    async with Automatic1111Standin() as standin, provider_at(standin.url) as provider:
        standin.broken = frozenset({"/sdapi/v1/sd-models"})
        ill = await provider.check()
    async with provider_at(standin.url) as provider:
        away = await provider.check()
    for told in (ill, away):
        assert told is not None
        assert "LIMNER_AUTOMATIC1111_URL" in told
        assert standin.url in told


@pytest.mark.parametrize(
    "url", ["http://painter:open/sesame@host", "http://painter:open-sesame@host:port", "http://:80"]
)
async def test_an_address_that_is_none_stops_the_start_and_is_not_repeated(url: str) -> None:
    async with open_session() as session:
        with pytest.raises(StartError, match="LIMNER_AUTOMATIC1111_URL") as raised:
            Automatic1111Provider(session, url)
    assert "sesame" not in str(raised.value)
    assert raised.value.__cause__ is None
