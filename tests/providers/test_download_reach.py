"""What is connected to: public addresses alone, by whatever way a download comes to an address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from limner.domain.errors import ErrorCode
from limner.providers.addresses import PUBLIC, Reach
from limner.providers.download import Downloader, open_downloader
from providers.downloads import QUERY, QUICK, SECRET, Answers, downloading, failure
from standins.pictures import PictureServer, body, moved, open_pictures, picture, status

INSIDE = "127.0.0.2"
"""Plays the address of something private; 127.0.0.1 plays a public one."""
OUTWARD = Reach(frozenset({"http"}), {"127.0.0.1"}.__contains__)


@pytest.fixture
async def public() -> AsyncIterator[PictureServer]:
    async with open_pictures() as server:
        yield server


@pytest.fixture
async def private(public: PictureServer) -> AsyncIterator[PictureServer]:
    async with open_pictures(public.port, host=INSIDE) as server:
        yield server


@asynccontextmanager
async def asking(resolver: Answers) -> AsyncIterator[Downloader]:
    async with open_downloader(OUTWARD, bounds=QUICK, resolver=resolver) as downloader:
        yield downloader


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.1.", "0.0.0.0", "2130706433", "017700000001"),  # noqa: S104
        *("127.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1"),
        *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[::]"),
        *("localhost", "LOCALHOST", "localhost.", "169.254.169.254", "[fe80::1%25lo]"),
    ],
)
async def test_no_spelling_of_an_address_of_our_own_is_connected_to(
    public: PictureServer, host: str
) -> None:
    async with downloading(replace(QUICK, tries=1), PUBLIC) as downloader:
        error, _ = await failure(downloader, f"https://{host}:{public.port}/portrait.png")
    assert error.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert public.connections == 0


async def test_what_is_out_of_reach_is_asked_for_once_and_the_log_says_why(
    public: PictureServer,
) -> None:
    async with downloading(reach=PUBLIC) as downloader:
        error, lines = await failure(downloader, f"https://127.0.0.1:{public.port}/a.png")
    assert error.detail == (
        f"https://127.0.0.1:{public.port}/a.png, try 1: out of reach: its address is not public"
    )
    assert lines == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://images.example/a.png", "its scheme is not https"),
        ("file:///etc/passwd", "its scheme is not https"),
        ("ftp://images.example/a.png", "its scheme is not https"),
        ("data:image/png;base64,AAAA", "its scheme is not https"),
        ("/a.png", "its scheme is not https"),
        ("", "its scheme is not https"),
        ("https:///a.png", "it names no host"),
        ("https://ada@images.example/a.png", "it holds a user or a password"),
        ("https://ada:lovelace@images.example/a.png", "it holds a user or a password"),
        ("https://:lovelace@images.example/a.png", "it holds a user or a password"),
        ("https://images.example:99999/a.png", "what should be a URL is none"),
        ("https://[::1/a.png", "what should be a URL is none"),
        ("https://images.example\\@127.0.0.1/a.png", "what should be a URL is none"),
    ],
)
async def test_what_is_no_address_of_the_web_is_refused_without_asking_anybody(
    url: str, why: str
) -> None:
    resolver = Answers({"images.example": [["8.8.8.8"]]})
    async with open_downloader(PUBLIC, bounds=QUICK, resolver=resolver) as downloader:
        error, lines = await failure(downloader, url)
    assert error.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert error.detail.endswith(f"try 1: out of reach: {why}")
    assert "lovelace" not in error.detail
    assert (resolver.asked, lines) == ([], [])


async def test_a_name_that_is_given_another_address_after_the_check_is_not_followed_there(
    public: PictureServer, private: PictureServer
) -> None:
    resolver = Answers({"images.example": [["127.0.0.1"], [INSIDE]]})
    async with asking(resolver) as downloader:
        assert await downloader.fetch(f"http://images.example:{public.port}/portrait.png")
    assert (len(public.requests), private.connections) == (1, 0)
    assert resolver.asked == ["images.example"], "what was checked is what was connected to"


async def test_a_name_that_leads_inside_at_the_second_try_is_refused_then(
    public: PictureServer, private: PictureServer
) -> None:
    resolver = Answers({"images.example": [["127.0.0.1"], [INSIDE]]})
    async with asking(resolver) as downloader:
        error, lines = await failure(downloader, f"http://images.example:{public.port}/late.png")
    assert error.detail.endswith("try 2: out of reach: its address is not public")
    assert [line["why"] for line in lines] == ["HTTP 404"]
    assert (len(public.requests), private.connections) == (1, 0)


async def test_of_several_addresses_only_the_public_ones_are_connected_to(
    public: PictureServer, private: PictureServer
) -> None:
    resolver = Answers({"images.example": [[INSIDE, "127.0.0.1"]]})
    async with asking(resolver) as downloader:
        assert await downloader.fetch(f"http://images.example:{public.port}/portrait.png")
    assert (len(public.requests), private.connections) == (1, 0)


async def test_a_name_with_none_but_private_addresses_is_refused(
    public: PictureServer, private: PictureServer
) -> None:
    resolver = Answers({"images.example": [[INSIDE, "127.0.0.3", "127.0.0.4"]]})
    async with asking(resolver) as downloader:
        error, _ = await failure(downloader, f"http://images.example:{public.port}/portrait.png")
    assert error.detail.endswith("try 1: out of reach: its address is not public")
    assert private.connections == 0


async def test_a_name_that_is_not_known_is_asked_for_again() -> None:
    async with asking(Answers({})) as downloader:
        error, lines = await failure(downloader, "http://images.example/a.png")
    assert error.detail.endswith("try 4: OSError: Name or service not known")
    assert len(lines) == 3


@pytest.mark.parametrize("path", ["/moved.png", "/moved-by-root.png", "/moved-far.png"])
async def test_redirects_are_followed(public: PictureServer, path: str) -> None:
    async with downloading(reach=OUTWARD) as downloader:
        assert await downloader.fetch(public.url + path) == picture()


async def test_a_redirect_to_another_host_takes_nothing_along(public: PictureServer) -> None:
    public.acts["/away.png"] = [moved(f"http://other.example:{public.port}/portrait.png{QUERY}")]
    resolver = Answers({"first.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
    async with asking(resolver) as downloader:
        await downloader.fetch(f"http://first.example:{public.port}/away.png")
    there = public.requests[1]
    assert there.target == f"/portrait.png{QUERY}", "and as it stood in the redirect, byte for byte"
    assert there.headers["host"] == f"other.example:{public.port}"
    assert "referer" not in there.headers


async def test_a_redirect_inside_is_refused_and_the_log_names_where_it_led(
    public: PictureServer, private: PictureServer
) -> None:
    public.acts["/in.png"] = [moved(f"{private.url}/portrait.png?token={SECRET}")]
    async with downloading(reach=OUTWARD) as downloader:
        error, lines = await failure(downloader, f"{public.url}/in.png")
    assert error.detail == (
        f"{public.url}/in.png → {private.url}/portrait.png, "
        "try 1: out of reach: its address is not public"
    )
    assert private.connections == 0
    assert lines == []


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("file:///etc/passwd", "its scheme is not http"),
        ("https://169.254.169.254/latest", "its scheme is not http"),
        ("http://169.254.169.254/latest", "its address is not public"),
        ("//127.0.0.2/latest", "its address is not public"),
        ("http://ada:lovelace@127.0.0.1/", "it holds a user or a password"),
        ("http://2130706434/", "its host is no name and no address"),
        ("http://[::ffff:127.0.0.2]/", "its address is not public"),
        ("http://[/", "what should be a URL is none"),
    ],
)
async def test_a_redirect_is_judged_as_the_first_url_was(
    public: PictureServer, location: str, why: str
) -> None:
    public.acts["/in.png"] = [moved(location)]
    async with downloading(reach=OUTWARD) as downloader:
        error, _ = await failure(downloader, f"{public.url}/in.png")
    assert error.detail.endswith(f"try 1: out of reach: {why}")
    assert "lovelace" not in error.detail


async def test_five_redirects_are_followed_and_no_sixth(public: PictureServer) -> None:
    for number in range(1, 7):
        public.acts[f"/{number}"] = [moved(f"/{number - 1}", 308)]
    public.acts["/0"] = [body(picture())]
    async with downloading(reach=OUTWARD) as downloader:
        assert await downloader.fetch(f"{public.url}/5") == picture()
        error, lines = await failure(downloader, f"{public.url}/6")
    assert error.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert "too many redirects" in error.detail
    assert lines == []


async def test_a_loop_of_redirects_ends(public: PictureServer) -> None:
    async with downloading(reach=OUTWARD) as downloader:
        error, _ = await failure(downloader, f"{public.url}/loop.png")
    assert error.detail.endswith("try 1: too many redirects")
    assert len(public.requests) == 6


async def test_a_failure_behind_a_redirect_names_both_ends(public: PictureServer) -> None:
    public.acts["/in.png"] = [moved(f"/deep/missing.png?token={SECRET}")]
    public.acts["/deep/missing.png"] = [status(404)]
    async with downloading(reach=OUTWARD) as downloader:
        error, lines = await failure(downloader, f"{public.url}/in.png")
    way = f"{public.url}/in.png → {public.url}/deep/missing.png"
    assert [line["url"] for line in lines] == [way] * 3
    assert error.detail == f"{way}, try 4: HTTP 404"
