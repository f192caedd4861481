"""Whether it lives and whether it is ready."""

from stage.author import Author


async def test_the_process_lives_and_is_ready(author: Author) -> None:
    live = await author.ask("GET", "/healthz")
    assert (live.status, live.json) == (200, {"status": "ok"})
    ready = await author.ask("GET", "/readyz")
    assert ready.status == 200
    assert ready.json == {"status": "ok", "checks": {"postgres": "ok", "redis": "ok"}}
    assert live.headers["Cache-Control"] == ready.headers["Cache-Control"] == "no-store"
