"""A story read again: 304 for as long as nothing of it has changed, the whole once anything has."""

import pytest

from stage.author import Answer, Author


async def reading(author: Author, plot_id: str, etag: str | None = None) -> Answer:
    """The story's answer, asked for by one who has this one already."""
    more = {} if etag is None else {"If-None-Match": etag}
    return await author.ask("GET", f"/api/plots/{plot_id}", **more)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_who_has_the_story_as_it_is_gets_no_bytes_of_it(author: Author, form: str) -> None:
    plot_id = await author.plot()
    await author.character(plot_id)
    first = await reading(author, plot_id)
    again = await reading(author, plot_id, form.format(first.headers["ETag"]))
    assert (again.status, again.raw) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "private, no-cache"
    assert "Content-Type" not in again.headers


@pytest.mark.parametrize("header", ['"other"', "", 'W/"other'])
async def test_who_has_another_story_gets_this_one(author: Author, header: str) -> None:
    plot_id = await author.plot()
    answer = await reading(author, plot_id, header)
    assert (answer.status, answer.json["id"]) == (200, plot_id)


async def test_whatever_changes_in_a_story_is_read_by_who_had_it_before(author: Author) -> None:
    plot_id = await author.plot()
    first, second = [await author.character(plot_id, name) for name in ("Ada", "Bea")]
    plot, person = f"/api/plots/{plot_id}", f"/api/characters/{first}"
    answer = await reading(author, plot_id)

    async def changed() -> None:
        nonlocal answer
        before, answer = answer, await reading(author, plot_id, answer.headers["ETag"])
        assert answer.status == 200
        assert answer.json != before.json
        assert (await reading(author, plot_id, answer.headers["ETag"])).status == 304

    await author.ask("PATCH", plot, {"title": "The Attic"})
    await changed()
    await author.ask("PATCH", plot, {"style": "woodcut"})
    await changed()
    await author.ask("PATCH", person, {"name": "Eve"})
    await changed()
    await author.ask("PATCH", person, {"description": "tall"})
    await changed()
    await author.character(plot_id, "Cid")
    await changed()
    await author.ask("DELETE", f"/api/characters/{second}")
    await changed()
    await author.draw(first)
    await author.finished(first)
    await changed()
    assert answer.json["characters"][0]["image_url"]


async def test_a_status_that_moves_is_a_story_that_has_changed(waiting: Author) -> None:
    plot_id = await waiting.plot()
    character_id = await waiting.character(plot_id)
    etags = [(await reading(waiting, plot_id)).headers["ETag"]]
    await waiting.draw(character_id)
    etags.append((await reading(waiting, plot_id, etags[-1])).headers["ETag"])
    await waiting.ask("POST", f"/api/characters/{character_id}/image/cancel")
    etags.append((await reading(waiting, plot_id, etags[-1])).headers["ETag"])
    assert len(set(etags)) == 3
