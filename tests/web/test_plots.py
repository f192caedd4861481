"""Stories: made, listed, changed, and gone with all that is in them."""

import asyncio

from stage.author import Author
from stage.reader import watching
from web.shapes import NOBODY, PLOT, PLOT_ITEM, is_id, is_time, told


async def test_a_new_plot_is_answered_whole_and_says_where_it_is(author: Author) -> None:
    made = await author.ask("POST", "/api/plots", {"title": "The Cupboard", "style": "woodcut"})
    assert made.status == 201
    assert made.json.keys() == PLOT
    assert is_id(made.json["id"])
    assert is_time(made.json["created_at"])
    assert made.json["updated_at"] >= made.json["created_at"]
    assert made.json["title"] == "The Cupboard"
    assert made.json["style"] == "woodcut"
    assert made.json["seq"] == 0
    assert made.json["characters"] == []
    assert made.headers["Content-Type"] == "application/json"
    assert made.headers["Cache-Control"] == "no-store"
    assert made.headers["Location"] == f"/api/plots/{made.json['id']}"
    assert (await author.ask("GET", made.headers["Location"])).json == made.json


async def test_a_plot_without_a_style_has_an_empty_one(author: Author) -> None:
    made = await author.ask("POST", "/api/plots", {"title": "x"})
    assert made.json["style"] == ""


async def test_plots_are_listed_newest_first_with_the_number_of_their_characters(
    author: Author,
) -> None:
    older = await author.plot("older")
    newer = await author.plot("newer", style="ink")
    await author.character(newer)
    listed = await author.ask("GET", "/api/plots")
    assert listed.status == 200
    assert listed.json.keys() == {"items", "next"}
    assert [item["id"] for item in listed.json["items"][:2]] == [newer, older]
    whole = (await author.ask("GET", f"/api/plots/{newer}")).json
    item = listed.json["items"][0]
    assert item.keys() == PLOT_ITEM
    assert item["character_count"] == 1
    assert {**item, "characters": whole["characters"]} == {**whole, "character_count": 1}


async def test_a_plot_shows_its_characters_in_the_order_they_were_added(author: Author) -> None:
    plot_id = await author.plot()
    added = [await author.character(plot_id, name) for name in ("Zoë", "Ada", "Mia", "Bob")]
    await author.ask("PATCH", f"/api/characters/{added[1]}", {"name": "Eve"})
    shown = (await author.ask("GET", f"/api/plots/{plot_id}")).json["characters"]
    assert [character["id"] for character in shown] == added
    assert [character["name"] for character in shown] == ["Zoë", "Eve", "Mia", "Bob"]


async def test_a_plot_s_seq_is_the_number_of_its_newest_transition(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    await author.draw(character_id)
    last = await author.finished(character_id)
    assert (await author.ask("GET", f"/api/plots/{plot_id}")).json["seq"] == last["seq"] == 3


async def test_a_patch_changes_what_it_names_and_nothing_else(author: Author) -> None:
    plot_id = await author.plot("one", style="ink")
    before = (await author.ask("GET", f"/api/plots/{plot_id}")).json
    for patch in ({"title": "two"}, {"style": ""}, {"title": "three", "style": "oil"}, {}):
        after = await author.ask("PATCH", f"/api/plots/{plot_id}", patch)
        assert after.status == 200
        assert after.json == {**before, **patch, "updated_at": after.json["updated_at"]}
        assert (after.json["updated_at"] > before["updated_at"]) is bool(patch)
        before = after.json
    assert (await author.ask("GET", f"/api/plots/{plot_id}")).json == before


async def test_null_is_no_title_and_no_style(author: Author) -> None:
    plot_id = await author.plot("one", style="ink")
    refused = await author.ask("PATCH", f"/api/plots/{plot_id}", {"title": None, "style": None})
    assert told(refused, 422, "invalid_request") == ["/title", "/style"]
    assert (await author.ask("GET", f"/api/plots/{plot_id}")).json["title"] == "one"


async def test_a_deleted_plot_is_gone_with_all_that_was_in_it(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    # In a colour of its own: images are stored by content, and another story may show the same.
    drawn = await author.draw(character_id, provider="avatar", seed=4242)
    image_url = (await author.finished(character_id))["image_url"]
    assert (await author.ask("GET", image_url)).status == 200
    deleted = await author.ask("DELETE", f"/api/plots/{plot_id}")
    assert (deleted.status, deleted.raw) == (204, b"")
    character = f"/api/characters/{character_id}"
    gone = [f"/api/plots/{plot_id}", f"/api/plots/{plot_id}/events", character, image_url]
    gone += [f"{character}/{what}" for what in ("image/status", "image/events", "generations")]
    gone += [f"/api/generations/{drawn['task_id']}"]
    for path in gone:
        told(await author.ask("GET", path), 404, "not_found")
    told(await author.ask("DELETE", f"/api/plots/{plot_id}"), 404, "not_found")
    listed = (await author.ask("GET", "/api/plots?limit=100")).json["items"]
    assert plot_id not in {item["id"] for item in listed}


async def test_a_plot_can_be_deleted_while_it_is_drawn_and_its_stream_ends(author: Author) -> None:
    plot_id = await author.plot()
    characters = [await author.character(plot_id, f"c{number}") for number in range(4)]
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.greeted()
        await asyncio.gather(*(author.draw(one, provider="avatar") for one in characters))
        assert (await author.ask("DELETE", f"/api/plots/{plot_id}")).status == 204
        await stream.rest()
        assert stream.is_ended
    # The worker has survived it.
    other = await author.character(await author.plot())
    await author.draw(other)
    assert (await author.finished(other))["status"] == "completed"


async def test_what_is_not_there_can_be_neither_read_nor_changed_nor_deleted(
    author: Author,
) -> None:
    for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        told(await author.ask(method, f"/api/plots/{NOBODY}", body), 404, "not_found")
