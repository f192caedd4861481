"""A URL that may be shown to people and written to logs."""

from urllib.parse import parse_qs, urlsplit


def address_of(url: str) -> str | None:
    """Where a URL leads, without user, password and options; None when that can't be told for sure.

    A password with `/`, `?` or `#` in it that nobody has quoted takes a URL apart in wrong places:
    then nothing of it is shown.

    Args:
        url: of a server, or of a Unix socket as `unix:///path` or with `?host=/path`.
    """
    try:
        parts = urlsplit(url)
        hosts = parse_qs(parts.query).get("host", [])
    except ValueError:
        return None
    if any("@" in part for part in (parts.path, parts.query, parts.fragment)):
        return None
    host = parts.netloc.rpartition("@")[2] or "".join(hosts[:1])
    return f"{host}{parts.path}".rstrip("/") or None
