"""Looking back: the generations of a character, and one with all its transitions."""

from stage.author import Author
from stage.reader import watching
from web.shapes import METADATA, NOBODY, STATUS, told


async def test_a_generation_tells_all_its_transitions_as_the_stream_did(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.greeted()
        task_id = (await author.draw(character_id))["task_id"]
        events = [(await stream.next()).json for _ in range(3)]
    shown = await author.ask("GET", f"/api/generations/{task_id}")
    assert shown.status == 200
    assert shown.json.keys() == STATUS | {"transitions"}
    transitions = shown.json.pop("transitions")
    assert transitions == events
    assert shown.json == transitions[-1]
    for status, attempt in zip(transitions, (0, 1, 1), strict=True):
        assert status.keys() == STATUS
        assert status["metadata"].keys() == METADATA
        assert status["metadata"]["attempt"] == attempt
        assert (status["image_url"] is None) == (status["status"] != "completed")


async def test_a_character_s_generations_are_listed_newest_first(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    path = f"/api/characters/{character_id}"
    assert (await waiting.ask("GET", f"{path}/generations")).json == {"items": [], "next": None}
    made = []
    for _ in range(3):
        await waiting.draw(character_id)
        made.append((await waiting.ask("POST", f"{path}/image/cancel")).json)
    made.append(await waiting.draw(character_id))
    listed = await waiting.ask("GET", f"{path}/generations")
    assert listed.status == 200
    assert listed.json == {"items": made[::-1], "next": None}


async def test_what_was_never_asked_for_is_not_there(waiting: Author) -> None:
    told(await waiting.ask("GET", f"/api/generations/{NOBODY}"), 404, "not_found")
    told(await waiting.ask("GET", f"/api/characters/{NOBODY}/generations"), 404, "not_found")


async def test_a_generation_of_a_deleted_character_is_not_there(author: Author) -> None:
    character_id = await author.character(await author.plot())
    task_id = (await author.draw(character_id))["task_id"]
    await author.finished(character_id)
    path = f"/api/generations/{task_id}"
    assert (await author.ask("GET", path)).status == 200
    assert (await author.ask("DELETE", f"/api/characters/{character_id}")).status == 204
    told(await author.ask("GET", path), 404, "not_found")
    told(await author.ask("POST", path), 404, "not_found")
