"""Where a server's Unix socket lies: its path has 107 bytes, and a data folder's may be longer."""

import hashlib
import os
from pathlib import Path

from limner.embedded.account import ROOT

_PATH_BYTES = 107 if os.uname().sysname == "Linux" else 103
"""What `sockaddr_un` takes (unix(7)), less the closing zero."""


def socket_path(place: Path, name: str) -> Path:
    """Where the socket of the server with the folder `place` is, the same on every start.

    In `place` itself, if clients can be told of it. Else in a private folder for sockets of the
    user (or `/tmp`), under a name made from who we are and where the data is.

    Args:
        place: the server's own folder, absolute and private.
        name: the socket's file name.
    """
    at_home = place / name
    if _fits(at_home):
        return at_home
    identity = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    runtime = os.environ.get("XDG_RUNTIME_DIR") if os.geteuid() != ROOT else None
    for base in (runtime, os.environ.get("TMPDIR")):
        if base and _fits(away := Path(base, f"limner-{os.geteuid()}-{identity}", name)):
            return away
    return Path("/tmp", f"limner-{os.geteuid()}-{identity}", name)  # noqa: S108  # verified later


def _fits(path: Path) -> bool:
    """Whether every client can connect there.

    libpq and asyncpg split a host at commas, and a URL can carry UTF-8 only.
    """
    try:
        length = len(str(path).encode())
    except UnicodeEncodeError:
        return False
    return path.is_absolute() and length <= _PATH_BYTES and "," not in str(path)
