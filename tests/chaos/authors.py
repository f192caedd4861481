"""Who asks for images: again when an answer is lost, now and then all at once, and not for ever."""

import asyncio
import random
from dataclasses import dataclass, field, replace
from uuid import uuid4

import aiohttp

from chaos.records import Ask

AUTHORS = 4
ANSWER_SECONDS = 9.0
"""How long an answer is waited for before it is asked again: an API may be frozen."""
AGAIN_SECONDS = 0.3
RUSH = 5
"""How often a character is asked for at once, when it is."""
RUSH_SHARE, REPEAT_SHARE, CANCEL_SHARE, REMOVE_SHARE = 0.1, 0.1, 0.08, 0.02
UNANSWERED = {None, 503, 409}
"""The same is asked again, under the same key: it may have begun, or be answered just now."""
REMAINING = 2
"""So many characters of a plot are never removed."""


@dataclass
class Authors:
    """Several people who write the same stories.

    Args:
        session: for all of them.
        addresses: of the APIs; any of them will do.
        seconds: over how long the requests are spread.
        generations: how many are to be begun in all.
        chance: what they decide by.
    """

    session: aiohttp.ClientSession
    addresses: list[str]
    seconds: float
    generations: int
    chance: random.Random
    asks: list[Ask] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    """The ids of all generations that an answer told of."""
    characters: dict[str, list[str]] = field(default_factory=dict)
    """Of each plot, without those that were to be removed."""

    async def found(self, plots: int, characters: int) -> None:
        """Begin so many stories, with so many characters each."""
        for number in range(plots):
            plot_id = await self._made("/api/plots", {"title": f"Story {number}"})
            path = f"/api/plots/{plot_id}/characters"
            names = [{"name": f"Nr. {number}.{each}"} for each in range(characters)]
            self.characters[plot_id] = [await self._made(path, name) for name in names]

    async def work(self) -> None:
        """Ask until all generations have begun."""
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for author in range(AUTHORS):
                group.create_task(self._ask_in_time(author, began), name=f"author {author}")

    async def have_last_words(self) -> None:
        """In each plot, begin a generation and cancel it: nothing will follow that tells of it."""
        await asyncio.gather(*map(self._begin_and_cancel, self.characters))

    async def _begin_and_cancel(self, plot_id: str) -> None:
        character_id = self.characters[plot_id][0]
        await self._insist("draw", character_id, {200, 202})
        await self._insist("cancel", character_id, {200, 409})

    async def _insist(self, deed: str, character_id: str, answers: set[int]) -> None:
        while (await self._ask(deed, character_id)).status not in answers:  # noqa: ASYNC110 - again
            await asyncio.sleep(AGAIN_SECONDS)

    async def _ask_in_time(self, author: int, began: float) -> None:
        for number in range(author, self.generations, AUTHORS):
            due = began + self.seconds * number / self.generations
            await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
            await self._begin()

    async def _begin(self) -> None:
        """Ask for somebody's image until one has begun; maybe think better of it."""
        plot_id, character_id = self._choice()
        key = str(uuid4())
        while not (answers := await self._draws(character_id, key)) & {202}:
            await asyncio.sleep(AGAIN_SECONDS)
            if not answers <= UNANSWERED:
                plot_id, character_id = self._choice()
                key = str(uuid4())
        if self.chance.random() < REPEAT_SHARE:
            await self._ask("draw", character_id, key)
        change_of_mind = self.chance.random()
        if change_of_mind < CANCEL_SHARE:
            await asyncio.sleep(self.chance.uniform(0, 1))
            await self._ask("cancel", character_id)
        elif change_of_mind > 1 - REMOVE_SHARE and len(self.characters[plot_id]) > REMAINING:
            self.characters[plot_id].remove(character_id)
            await self._ask("remove", character_id)

    def _choice(self) -> tuple[str, str]:
        """A plot and one of its characters."""
        plot_id = self.chance.choice(list(self.characters))
        return plot_id, self.chance.choice(self.characters[plot_id])

    async def _draws(self, character_id: str, key: str) -> set[int | None]:
        """Ask once with a key, or many times at once without one; the answers' statuses."""
        if self.chance.random() >= RUSH_SHARE:
            return {(await self._ask("draw", character_id, key)).status}
        rush = await asyncio.gather(*(self._ask("draw", character_id) for _ in range(RUSH)))
        return {answer.status for answer in rush}

    async def _ask(self, deed: str, character_id: str, key: str = "") -> Ask:
        path = f"/api/characters/{character_id}"
        method = "DELETE" if deed == "remove" else "POST"
        suffix = {"draw": "/image", "cancel": "/image/cancel", "remove": ""}[deed]
        url = self.chance.choice(self.addresses) + path + suffix
        headers = {"Idempotency-Key": key} if key else {}
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self.session.request(method, url, headers=headers) as answer,
            ):
                body = await answer.read()
                ask = await _understood(deed, character_id, answer, body)
        except (aiohttp.ClientError, OSError) as error:
            ask = Ask(deed, character_id, None, detail=type(error).__name__)
        ask = replace(ask, key=key)
        self.asks.append(ask)
        if deed == "draw" and ask.task_id is not None:
            self.accepted.add(ask.task_id)
        return ask

    async def _made(self, path: str, body: dict[str, str]) -> str:
        async with self.session.post(self.addresses[0] + path, json=body) as answer:
            answer.raise_for_status()
            return str((await answer.json())["id"])


async def _understood(
    deed: str, character_id: str, answer: aiohttp.ClientResponse, body: bytes
) -> Ask:
    if answer.status in {200, 202}:
        return Ask(deed, character_id, answer.status, str((await answer.json())["task_id"]))
    return Ask(deed, character_id, answer.status, detail=body.decode(errors="replace"))
