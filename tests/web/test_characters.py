"""Characters: added, read, changed, removed."""

from stage.author import Author
from web.shapes import CHARACTER, NOBODY, is_id, is_time, never_drawn, told


async def test_a_new_character_is_answered_whole_and_says_where_it_is(author: Author) -> None:
    plot_id = await author.plot()
    made = await author.ask(
        "POST", f"/api/plots/{plot_id}/characters", {"name": "Ada", "description": "tall\n\tthin"}
    )
    assert made.status == 201
    assert made.json.keys() == CHARACTER
    assert is_id(made.json["id"])
    assert is_time(made.json["created_at"])
    assert made.json["updated_at"] >= made.json["created_at"]
    assert made.json["plot_id"] == plot_id
    assert made.json["name"] == "Ada"
    assert made.json["description"] == "tall\n\tthin"
    assert made.json["image_url"] is None
    assert made.json["image"] == never_drawn(made.json["id"], plot_id)
    assert made.headers["Location"] == f"/api/characters/{made.json['id']}"
    assert made.headers["Cache-Control"] == "no-store"
    shown = await author.ask("GET", made.headers["Location"])
    assert (shown.status, shown.json) == (200, made.json)


async def test_a_character_needs_no_description(author: Author) -> None:
    plot_id = await author.plot()
    made = await author.ask("POST", f"/api/plots/{plot_id}/characters", {"name": "Ada"})
    assert made.json["description"] == ""


async def test_a_character_shows_its_status_object_and_its_newest_image(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    await author.draw(character_id)
    last = await author.finished(character_id)
    shown = (await author.ask("GET", f"/api/characters/{character_id}")).json
    assert shown["image"] == last == await author.status(character_id)
    assert shown["image_url"] == last["image_url"]
    assert (await author.ask("GET", f"/api/plots/{plot_id}")).json["characters"] == [shown]


async def test_a_patch_changes_what_it_names_and_nothing_else(author: Author) -> None:
    character_id = await author.character(await author.plot(), "Ada", "tall")
    path = f"/api/characters/{character_id}"
    before = (await author.ask("GET", path)).json
    for patch in (
        {"name": "Eve"},
        {"description": ""},
        {"name": "Mia", "description": "small"},
        {},
    ):
        after = await author.ask("PATCH", path, patch)
        assert after.status == 200
        assert after.json == {**before, **patch, "updated_at": after.json["updated_at"]}
        before = after.json
    assert (await author.ask("GET", path)).json == before


async def test_null_is_no_name_and_no_description(author: Author) -> None:
    character_id = await author.character(await author.plot(), "Ada", "tall")
    patch = {"name": None, "description": None}
    refused = await author.ask("PATCH", f"/api/characters/{character_id}", patch)
    assert told(refused, 422, "invalid_request") == ["/name", "/description"]


async def test_a_removed_character_is_gone_and_its_plot_stays(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    stays = await author.character(plot_id, "Stays")
    await author.draw(character_id)
    await author.finished(character_id)
    path = f"/api/characters/{character_id}"
    removed = await author.ask("DELETE", path)
    assert (removed.status, removed.raw) == (204, b"")
    for gone in (path, *(f"{path}/{w}" for w in ("image/status", "image/events", "generations"))):
        told(await author.ask("GET", gone), 404, "not_found")
    for ask in (("DELETE", path), ("POST", f"{path}/image"), ("POST", f"{path}/image/cancel")):
        told(await author.ask(*ask), 404, "not_found")
    told(await author.ask("PATCH", path, {"name": "x"}), 404, "not_found")
    plot = (await author.ask("GET", f"/api/plots/{plot_id}")).json
    assert [character["id"] for character in plot["characters"]] == [stays]
    assert plot["seq"] == 3


async def test_removing_a_character_cancels_what_is_in_flight_for_it(waiting: Author) -> None:
    plot_id = await waiting.plot()
    character_id = await waiting.character(plot_id)
    await waiting.draw(character_id)
    assert (await waiting.ask("DELETE", f"/api/characters/{character_id}")).status == 204
    assert (await waiting.ask("GET", f"/api/plots/{plot_id}")).json["seq"] == 2


async def test_nobody_is_added_to_a_plot_that_is_not_there(author: Author) -> None:
    refused = await author.ask("POST", f"/api/plots/{NOBODY}/characters", {"name": "Ada"})
    told(refused, 404, "not_found")
