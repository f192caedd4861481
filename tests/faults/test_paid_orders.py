"""A worker killed at every step of an order that is paid for: it is never paid twice.

The provider is a stand-in with ModelsLab's wire, which counts the orders that it takes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from faults.mortals import Mortals, mortals
from faults.story import metadata
from faults.witness import case
from limner.flows.attempt import PERHAPS_PAID
from limner.flows.recover import LOST
from standins import openai_rules
from standins.modelslab import KEY, ModelsLabStandin
from standins.openai import OpenAIStandin

ONCE = ["pending", "generating", "completed"]
TWICE = ["pending", "generating", "pending", "generating", "completed"]
FAILED = ["pending", "generating", "failed"]


@pytest_asyncio.fixture(scope="module")
async def modelslab() -> AsyncIterator[ModelsLabStandin]:
    """A provider that charges."""
    async with ModelsLabStandin("spam-seconds:0") as server:
        yield server


@pytest_asyncio.fixture(scope="module")
async def openai() -> AsyncIterator[OpenAIStandin]:
    """Another one, which gives nothing to ask for an order by."""
    async with OpenAIStandin() as server:
        yield server


@asynccontextmanager
async def ordering(
    folder: Path, server: ModelsLabStandin, **settings: str
) -> AsyncIterator[Mortals]:
    """Processes that order there; who is silent for a second has lost its lease."""
    async with mortals(
        folder,
        LIMNER_LEASE_SECONDS="1",
        LIMNER_PROVIDER="modelslab",
        LIMNER_MODELSLAB_API_KEY=KEY,
        LIMNER_MODELSLAB_BASE_URL=server.url,
        LIMNER_DOWNLOAD_ALLOW_PRIVATE="true",
        **settings,
    ) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module")
async def all_of_them(
    tmp_path_factory: pytest.TempPathFactory, modelslab: ModelsLabStandin, openai: OpenAIStandin
) -> AsyncIterator[Mortals]:
    """Everything for the tests of this file, in a folder of its own."""
    async with ordering(
        tmp_path_factory.mktemp("paid"),
        modelslab,
        LIMNER_OPENAI_BASE_URL=openai.base_url,
        LIMNER_OPENAI_API_KEY=openai_rules.KEY,
    ) as opened:
        yield opened


@pytest_asyncio.fixture
async def paying(all_of_them: Mortals) -> Mortals:
    """Processes that a test may kill."""
    await all_of_them.whole()
    return all_of_them


def prompt(*words: str) -> str:
    """A prompt like no other; with words for the stand-in."""
    return f"{uuid4()} {' '.join(f'[{word}]' for word in words)}"


@pytest.mark.parametrize(
    ("answer", "step", "statuses", "taken"),
    [
        ("now", "order: place not begun", TWICE, 1),
        ("now", "order: place written", FAILED, 0),
        ("now", "order: keep not begun", FAILED, 1),
        ("now", "order: keep written", TWICE, 1),
        ("processing:1", "order: keep not begun", FAILED, 1),
        ("processing:1", "order: keep written", TWICE, 1),
        ("processing:1", "image: not claimed", TWICE, 1),
        ("now", "image: not stored", TWICE, 1),
        ("now", "image: stored", TWICE, 1),
        ("now", "complete: about to commit", TWICE, 1),
        ("now", "complete: committed", ONCE, 1),
    ],
)
async def test_a_worker_dies_at_a_step_of_an_order(  # noqa: PLR0913, PLR0917 - a case is made of them
    paying: Mortals,
    modelslab: ModelsLabStandin,
    answer: str,
    step: str,
    statuses: list[str],
    taken: int,
) -> None:
    async with case(paying) as it:
        paying.worker.hold(step)
        words = prompt(answer)
        assert await it.ask(words) == 202
        await paying.worker.held(step)
        await paying.worker_dies()
        final = await it.final(*statuses)
    assert modelslab.account.by_prompt[words] == taken
    if statuses == FAILED:
        assert (final["error_code"], final["error"]) == ("worker_lost", f"{LOST} {PERHAPS_PAID}")
        assert metadata(it.far.events[-1])["retryable"] is True


@pytest.mark.parametrize(
    ("words", "statuses"), [(["hold*1", "now"], FAILED), (["fetch-hold*1", "processing:1"], TWICE)]
)
async def test_a_worker_dies_while_the_provider_has_not_answered(
    paying: Mortals, modelslab: ModelsLabStandin, words: list[str], statuses: list[str]
) -> None:
    async with case(paying) as it:
        mine = prompt(*words)
        assert await it.ask(mine) == 202
        await modelslab.account.held.get()
        await paying.worker_dies()
        await it.final(*statuses)
    assert modelslab.account.by_prompt[mine] == 1


@pytest.mark.parametrize(
    ("model", "words", "step", "statuses"),
    [
        ("gpt-image-1", "", "image: not claimed", FAILED),
        ("gpt-image-1", "", "complete: about to commit", FAILED),
        ("gpt-image-1", "", "complete: committed", ONCE),
        ("dall-e-3", "[url]", "order: keep not begun", FAILED),
        ("dall-e-3", "[url]", "image: not stored", TWICE),
    ],
)
async def test_a_worker_dies_with_a_picture_that_can_or_can_not_be_had_again(  # noqa: PLR0913, PLR0917 - a case is made of them
    paying: Mortals, openai: OpenAIStandin, model: str, words: str, step: str, statuses: list[str]
) -> None:
    before = openai.taken
    async with case(paying) as it:
        paying.worker.hold(step)
        assert await it.ask(f"{uuid4()} {words}", provider="openai", model=model) == 202
        await paying.worker.held(step)
        await paying.worker_dies()
        await it.final(*statuses)
    assert openai.taken == before + 1


async def test_a_worker_dies_with_a_refusal_that_it_has_not_written_down(
    paying: Mortals, modelslab: ModelsLabStandin
) -> None:
    async with case(paying) as it:
        paying.worker.hold("order: refused not begun")
        mine = prompt("500*1", "now")
        assert await it.ask(mine) == 202
        await paying.worker.held("order: refused not begun")
        await paying.worker_dies()
        await it.final(*FAILED)
    assert modelslab.account.by_prompt[mine] == 0


async def test_a_worker_dies_with_a_refusal_that_is_written_down(
    paying: Mortals, modelslab: ModelsLabStandin
) -> None:
    async with case(paying) as it:
        paying.worker.hold("order: refused written")
        mine = prompt("500*1", "now")
        assert await it.ask(mine) == 202
        await paying.worker.held("order: refused written")
        await paying.worker_dies()
        await it.ends(*TWICE, attempts=2)
    assert modelslab.account.by_prompt[mine] == 1


@pytest.mark.parametrize("words", ["reset", "cut"])
async def test_an_order_without_an_answer_is_not_sent_again(
    paying: Mortals, modelslab: ModelsLabStandin, words: str
) -> None:
    async with case(paying) as it:
        mine = prompt(words)
        assert await it.ask(mine) == 202
        final = await it.final(*FAILED)
        assert final["error_code"] == "provider_unavailable"
        assert str(final["error"]).endswith(PERHAPS_PAID)
        assert modelslab.account.by_prompt[mine] == 1
        assert await it.ask(prompt("now")) == 202, "when the author asks, it is drawn"
        await it.near.until(lambda seen: len(seen.events) == len(FAILED) + len(ONCE))
        assert it.near.events[-1].json["status"] == "completed"


async def test_a_picture_is_downloaded_again_and_not_ordered_again(
    paying: Mortals, modelslab: ModelsLabStandin
) -> None:
    async with case(paying) as it:
        mine = prompt("now", "image-404*1", "image-html*2")
        assert await it.ask(mine) == 202
        await it.ends(*ONCE)
    assert modelslab.account.by_prompt[mine] == 1


async def test_a_worker_told_to_stop_after_an_order_leaves_it_to_be_asked_for(
    paying: Mortals, modelslab: ModelsLabStandin
) -> None:
    async with case(paying) as it:
        mine = prompt("fetch-hold*1", "processing:1")
        assert await it.ask(mine) == 202
        await modelslab.account.held.get()
        assert await paying.worker.process.stop() == 0
        await paying.worker.follow()
        await it.ends(*TWICE, attempts=2)
    assert modelslab.account.by_prompt[mine] == 1


async def test_whoever_runs_it_may_want_to_pay_again(
    modelslab: ModelsLabStandin, tmp_path: Path
) -> None:
    async with (
        ordering(tmp_path, modelslab, LIMNER_REPEAT_PAID_ORDERS="true") as paying,
        case(paying) as it,
    ):
        paying.worker.hold("order: keep not begun")
        mine = prompt("now")
        assert await it.ask(mine) == 202
        await paying.worker.held("order: keep not begun")
        await paying.worker_dies()
        await it.ends(*TWICE, attempts=2)
    assert modelslab.account.by_prompt[mine] == 2
