"""Orders that ModelsLab fills, over real sockets."""

import asyncio
import itertools
import json
from dataclasses import replace

import pytest

from limner.domain.progress import Progress, Stage
from limner.providers.base import Terms
from providers.clerk import Clerk
from providers.modelslab_desk import QUICK, Desk, desk
from standins.modelslab.pictures import portrait

FIRST = 123456


def fetches(at: Desk) -> list[str]:
    return [request.path for request in at.standin.account.requests if "/fetch" in request.path]


async def test_an_order_is_placed_kept_asked_for_and_downloaded_in_this_order() -> None:
    async with desk() as at:
        clerk = Clerk()
        picture = await at.draw("a wizard [processing:2]", clerk)
        assert picture.data == portrait(FIRST, "a wizard [processing:2]")
        assert picture.model == "imagen-4.0-ultra"
        assert fetches(at) == [f"/api/v7/images/fetch/{FIRST}"] * 3
    placed, first, second = clerk.books
    assert placed == "placed"
    link = f"{at.standin.url}/generations/{FIRST}.png"
    other = f"{at.standin.url}/cdn/{FIRST}.png"
    asked = f"{at.standin.url}/api/v7/images/fetch/{FIRST}"
    taken = {"id": str(FIRST), "fetch_url": asked, "links": []}
    assert json.loads(first.removeprefix("kept ")) == taken
    assert json.loads(second.removeprefix("kept ")) == taken | {"links": [link, other]}
    assert clerk.stages == [Stage.ORDERING, Stage.DRAWING, Stage.DOWNLOADING]


async def test_the_handle_is_kept_before_the_first_question() -> None:
    async with desk() as at:
        asked_by_then: list[int] = []

        class Slow(Clerk):
            async def _keep(self, handle: str) -> None:
                asked_by_then.append(at.standin.account.fetches)
                await super()._keep(handle)

        await at.draw("a wizard", Slow())
    assert asked_by_then[0] == 0


async def test_a_picture_that_is_done_at_once_is_kept_with_its_links_before_the_download() -> None:
    async with desk() as at:
        clerk = Clerk()
        await at.draw("a wizard [now]", clerk)
        assert at.standin.account.fetches == 0
    assert clerk.handle is not None
    assert json.loads(clerk.handle)["id"] == str(FIRST)
    assert len(json.loads(clerk.handle)["links"]) == 2
    assert clerk.stages == [Stage.ORDERING, Stage.DOWNLOADING]


@pytest.mark.parametrize(
    "words",
    [
        "[minimal]",
        "[no-fetch-result]",
        "[string-id]",
        "[string-id] [minimal]",
        "[no-id]",
        "[no-eta]",
        "[eta:0]",
        "[eta-text:7]",
        "[eta-text:soon]",
        "[one-string]",
        "[called:queued]",
        "[called:QUEUED] [minimal]",
        "[http:502]",
        "[http:409] [minimal]",
        "[v6-only]",
        "[v6-only] [minimal] [processing:2]",
        "[fetch-result:https://modelslab.com.example.org/take/the/key]",
    ],
)
async def test_every_shape_of_an_answer_is_understood(words: str) -> None:
    async with desk() as at:
        picture = await at.draw(words)
        assert picture.data == portrait(FIRST, words)
        assert at.standin.account.by_prompt == {words: 1}


async def test_where_only_the_sixth_version_answers_it_is_asked_first_from_then_on() -> None:
    async with desk() as at:
        await at.draw("[v6-only] [minimal] [processing:2]")
        versions = [path.split("/")[2] for path in fetches(at)]
    assert versions == ["v7", "v6", "v6", "v6"]


async def test_every_request_has_the_key_in_its_body_and_nowhere_else() -> None:
    async with desk() as at:
        await at.draw("a wizard")
        for request in at.standin.account.requests:
            is_download = request.method == "GET"
            assert request.has_key != is_download
            assert at.standin.key not in request.path + repr(request.headers) + repr(request.body)


async def test_each_family_of_models_gets_its_own_parameters() -> None:
    own: dict[str, dict[str, object]] = {
        "imagen-4.0-ultra": {"aspect_ratio": "3:4", "samples": "1"},
        "imagen-3": {},
        "nano-banana-t2i": {},
        "nano-banana-pro": {"aspect_ratio": "3:4"},
        "seedream-t2i": {},
        "flux": {"width": 768, "height": 1024, "samples": 1, "safety_checker": "yes", "seed": 7},
        "sdxl": {"width": 768, "height": 1024, "samples": 1, "safety_checker": "yes", "seed": 7},
    }
    async with desk() as at:
        for model in own:
            picture = await at.draw("a wizard", model=model, seed=7)
            assert picture.model == model
        bodies = [r.body for r in at.standin.account.requests if r.path.endswith("text-to-image")]
    for body, (model, wishes) in zip(bodies, own.items(), strict=True):
        track_id = body.pop("track_id")
        assert track_id.startswith("task-1-")
        assert body == {"model_id": model, "prompt": "a wizard", **wishes}


async def test_a_seed_that_nobody_chose_is_not_sent() -> None:
    async with desk() as at:
        await at.draw("a wizard", model="flux")
        assert "seed" not in at.standin.account.requests[0].body


async def test_two_orders_of_the_same_words_are_no_spam() -> None:
    async with desk() as at:
        await at.draw("a wizard")
        await at.draw("a wizard")
        assert at.standin.account.by_prompt == {"a wizard": 2}


async def test_the_expected_time_is_told_and_waited_for_before_the_first_question() -> None:
    async with desk(bounds=replace(QUICK, longest_eta_seconds=30.0)) as at:
        clerk = Clerk()
        await at.draw("[processing:0] [eta:0.3]", clerk)
        order, question, *_ = at.standin.account.requests
    assert question.at - order.at >= 0.29
    drawing = next(report for report in clerk.reports if report.stage is Stage.DRAWING)
    assert drawing.fraction is None, "ModelsLab does not say how far it is"
    assert 0.2 < (drawing.eta_seconds or 0) <= 0.3


async def test_an_expected_time_beyond_all_patience_is_cut_short() -> None:
    async with desk(bounds=replace(QUICK, longest_eta_seconds=0.05)) as at:
        clerk = Clerk()
        await at.draw("[processing:0] [eta:5000]", clerk)
        assert Progress(Stage.ORDERING) in clerk.reports


async def test_pauses_between_questions_are_doubled_up_to_the_longest() -> None:
    bounds = replace(QUICK, first_pause_seconds=0.05, longest_pause_seconds=0.2)
    async with desk(bounds=bounds) as at:
        await at.draw("[processing:4] [no-eta]")
        moments = [
            request.at for request in at.standin.account.requests if "POST" in request.method
        ]
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    for gap, least in zip(gaps, [0.05, 0.1, 0.2, 0.2, 0.2], strict=True):
        assert gap >= least - 0.01
    assert gaps[-1] < 0.79, "twice twice the longest"


async def test_a_picture_whose_url_is_too_new_is_downloaded_again_and_not_ordered_again() -> None:
    async with desk() as at:
        await at.draw("[image-404*2]")
        assert at.standin.account.submitted == 1
        assert at.standin.account.drawings[str(FIRST)].downloads == {"image": 3}


@pytest.mark.parametrize("words", ["[image-html]", "[image-404]", "[image-cut]", "[image-reset]"])
async def test_where_one_link_gives_no_picture_the_other_does(words: str) -> None:
    async with desk() as at:
        picture = await at.draw(words)
        assert picture.data == portrait(FIRST, words)
        assert at.standin.account.drawings[str(FIRST)].downloads["proxy"] == 1
        assert at.standin.account.submitted == 1


async def test_cancelling_closes_the_connection_at_every_step() -> None:
    async with desk() as at:
        for prompt, what in (("[hang]", ""), ("[fetch-hang]", "fetch-")):
            drawing = asyncio.create_task(at.draw(prompt))
            async with asyncio.timeout(10):
                assert await at.standin.account.held.get() == what
                drawing.cancel()
                assert await at.standin.account.left.get() == what
                with pytest.raises(asyncio.CancelledError):
                    await drawing


async def test_a_slow_answer_is_waited_for() -> None:
    async with desk() as at:
        clerk = Clerk()
        drawing = asyncio.create_task(at.draw("[hold] [now]", clerk))
        async with asyncio.timeout(10):
            await at.standin.account.held.get()
            assert clerk.books == ["placed"]
            at.standin.account.go_on.set()
            assert (await drawing).data


async def test_what_is_told_of_the_provider() -> None:
    async with desk() as at:
        assert at.provider.name == "modelslab"
        assert at.provider.default_model == "imagen-4.0-ultra"
        assert at.provider.terms == Terms(charges=True, is_elsewhere=True, orders_at_once=5)
        estimate = at.provider.stated_estimate
        assert (estimate.low_seconds, estimate.high_seconds) == (20, 30)
        await at.provider.aclose()
