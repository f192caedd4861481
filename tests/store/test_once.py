"""Done once: waiting for the first, its end, its loss, and the end of time."""

import asyncio
import hashlib

import pytest

from limner.domain.errors import DatabaseUnavailableError
from limner.domain.idempotency import (
    Answer,
    AnsweredBeforeError,
    KeyInProgressError,
    KeyMismatchError,
    Once,
)
from limner.domain.plot import Plot
from limner.store import idempotency
from limner.store.database import Database, open_database
from limner.store.idempotency import transaction_once
from limner.store.plots import Plots
from store.lossy import Loses, lossy
from store.story import OWNER, Admin


def once(key: str = "k", body: str = "body") -> Once[Plot]:
    return Once(
        owner=OWNER,
        method="POST",
        path="/api/plots",
        key=key,
        digest=hashlib.sha256(body.encode()).digest(),
        answer=lambda plot: Answer(201, f"/api/plots/{plot.id}", plot.title.encode()),
    )


async def add(database: Database, request: Once[Plot], title: str = "One") -> Plot:
    return await Plots(database).add(OWNER, title=title, style="", once=request)


async def titles(admin: Admin) -> list[str]:
    return [row["title"] for row in await admin.fetch("SELECT title FROM plots ORDER BY title")]


async def test_the_first_answer_is_given_again(database: Database, admin: Admin) -> None:
    plot = await add(database, once())
    with pytest.raises(AnsweredBeforeError) as caught:
        await add(database, once(), "Two")
    assert caught.value.answer == Answer(201, f"/api/plots/{plot.id}", b"One")
    assert await titles(admin) == ["One"]


async def test_another_body_is_a_mismatch_and_leaves_the_first_answer(
    database: Database, admin: Admin
) -> None:
    await add(database, once())
    with pytest.raises(KeyMismatchError):
        await add(database, once(body="other"), "Two")
    with pytest.raises(AnsweredBeforeError):
        await add(database, once(), "Three")
    assert await titles(admin) == ["One"]


async def test_who_comes_while_the_first_is_at_it_waits_for_its_answer(
    database: Database, admin: Admin
) -> None:
    async with transaction_once(database, once()) as (_, answered):
        second = asyncio.create_task(add(database, once(), "Two"))
        await _looked(admin)
        assert not second.done()
        await answered(await Plots(database).add(OWNER, title="One", style=""))
    with pytest.raises(AnsweredBeforeError):
        await second
    assert await titles(admin) == ["One"]


async def test_when_the_first_fails_the_second_does_it(database: Database, admin: Admin) -> None:
    async def fail() -> None:
        async with transaction_once(database, once()):
            second.append(asyncio.create_task(add(database, once(), "Two")))
            await _looked(admin)
            raise LookupError

    second: list[asyncio.Task[Plot]] = []
    with pytest.raises(LookupError):
        await fail()
    assert (await second[0]).title == "Two"
    assert await titles(admin) == ["Two"]


async def test_who_has_waited_long_enough_is_told_so_and_others_get_connections(
    database: Database, admin: Admin, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAITING_SECONDS", 0.2)
    async with open_database(database_url, connections=1) as one_connection:
        async with transaction_once(database, once()):
            waiting = [asyncio.create_task(add(one_connection, once())) for _ in range(5)]
            # they share one connection with this one, and none of them keeps it
            await add(one_connection, once("another"), "Other")
            ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(error) for error in ended} == {KeyInProgressError}
    assert await titles(admin) == ["Other"]


async def test_an_answer_that_expired_is_forgotten(database: Database, admin: Admin) -> None:
    await add(database, once())
    kept = await admin.fetchval("SELECT expires_at - now() FROM idempotency_keys")
    assert 23.9 * 3600 < kept.total_seconds() <= 24 * 3600
    await admin.execute("UPDATE idempotency_keys SET expires_at = now()")
    await add(database, once(body="other"), "Two")
    assert await titles(admin) == ["One", "Two"]
    with pytest.raises(AnsweredBeforeError):
        await add(database, once(body="other"), "Three")


@pytest.mark.parametrize("loss", [Loses.THE_COMMIT, Loses.THE_ANSWER_TO_THE_COMMIT])
async def test_a_lost_answer_is_found_when_it_is_asked_again(
    database_url: str, admin: Admin, loss: Loses
) -> None:
    async with lossy(database_url) as proxy, open_database(proxy.url, connections=2) as behind:
        proxy.loses = loss
        with pytest.raises(DatabaseUnavailableError):
            await add(behind, once())
        try:
            plot_id = (await add(behind, once())).id
        except AnsweredBeforeError as error:
            plot_id = error.answer.location.rpartition("/")[2]
    assert await titles(admin) == ["One"]
    assert plot_id == await admin.fetchval("SELECT id::text FROM plots")


async def test_the_same_key_of_another_owner_method_or_path_is_another(
    database: Database, admin: Admin
) -> None:
    first = once()
    others = [
        Once("bob", first.method, first.path, first.key, first.digest, first.answer),
        Once(first.owner, "PUT", first.path, first.key, first.digest, first.answer),
        Once(first.owner, first.method, "/api/other", first.key, first.digest, first.answer),
    ]
    for request in (first, *others):
        await add(database, request)
    assert await titles(admin) == ["One"] * 4


async def _looked(admin: Admin) -> None:
    """Return once somebody has found the lock taken and gone away again."""
    before = await admin.fetchval(_TRANSACTIONS)
    while await admin.fetchval(_TRANSACTIONS) < before + 2:
        await admin.execute("SELECT pg_stat_clear_snapshot()")


_TRANSACTIONS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
