"""The web page and its files."""

import re
from pathlib import Path

import limner.web
from stage.author import Author

FILES = sorted(
    path.name
    for path in (Path(limner.web.__file__).parent / "page").iterdir()
    if path.suffix in {".js", ".css", ".svg", ".html"}
)
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
}


async def test_the_page_is_at_the_root_and_lets_nobody_else_in(author: Author) -> None:
    answer = await author.ask("GET", "/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.raw.startswith(b"<!doctype html>")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy  # which `default-src` does not speak of
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_everything_the_page_names_is_there(author: Author) -> None:
    html = (await author.ask("GET", "/")).raw.decode()
    named = re.findall(r'(?:src|href)="(/[^"]*)"', html)
    assert named
    for path in named:
        assert (await author.ask("GET", path)).status == 200, path


async def test_every_file_has_its_type_and_is_asked_for_again(author: Author) -> None:
    for name in FILES:
        answer = await author.ask("GET", f"/page/{name}")
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith(TYPES[Path(name).suffix])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        # Else a browser may mix the modules of two versions.
        assert answer.headers["Cache-Control"] == "no-cache"
        again = {"If-None-Match": answer.headers["ETag"]}
        assert (await author.ask("GET", f"/page/{name}", **again)).status == 304
