"""Which addresses are public, and what of a URL goes to the log."""

import pytest

from limner.providers.addresses import is_public, loggable_url
from providers.downloads import SECRET


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "172.32.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "2606:4700::1",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_an_address_that_anybody_reaches_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3"),  # noqa: S104 - nothing is bound
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
        *("100.64.0.1", "100.100.100.200", "100.127.255.255"),
        *("169.254.169.254", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"),
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.88.99.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::808:808"),
        *("2002:7f00:1::", "2002:808:808::", "2001:0:808:808::", "2001:db8::1", "3fff::1"),
        *("fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "ff02::1", "ff0e::1", "100::1"),
        *("4000::1", "5f00::1"),
        *("2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "localhost", ""),
        *("8.8.8", "0x08.8.8.8", "008.8.8.8"),
    ],
)
def test_an_address_that_only_some_reach_or_in_another_spelling_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"https://a.example/b/c.png?X-Signature={SECRET}", "https://a.example/b/c.png"),
        (f"https://a.example:8443/b.png#{SECRET}", "https://a.example:8443/b.png"),
        ("https://a.example:443/b.png", "https://a.example/b.png"),
        (f"https://ada:{SECRET}@a.example/b.png", "https://a.example/b.png"),
        (f"https://a.example/ä b\n.png?{SECRET}", "https://a.example/%C3%A4%20b.png"),
        (f"https://a.example:x/?{SECRET}", "what should be a URL"),
    ],
)
def test_a_url_goes_to_the_log_without_what_may_be_secret(url: str, told: str) -> None:
    assert loggable_url(url) == told
    assert len(loggable_url("https://a.example/" + "x" * 9000)) == 201
