"""Whom a server runs as, and so to whom its folder belongs."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from limner.domain.errors import StartError

ROOT = 0
_UNPRIVILEGED = "nobody"
"""Exists on every Unix. A more private account would have to be created."""


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int
    passes: bool = False
    """Whether it may be lent the right to pass through root's private folders. Nobody but root may
    have a say in what the server then does: a person's own database folder has `.conf` files."""

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()


def postgres_account(place: Path) -> Account:
    """Whom Postgres runs as: us, but never root, because Postgres refuses that.

    Args:
        place: the database folder, made or not, in a data folder that is there.

    Raises:
        StartError: no account fits.
    """
    account = _account(place)
    if os.geteuid() != ROOT or place.parent.stat().st_uid != ROOT:
        return account
    try:
        entry = pwd.getpwnam(_UNPRIVILEGED)
    except KeyError:
        raise StartError(
            f"Postgres refuses to run as root, and there is no account {_UNPRIVILEGED!r} to run it"
            " as; run Limner as an ordinary user, or give LIMNER_DATABASE_URL."
        ) from None
    servant = Account(entry.pw_uid, entry.pw_gid, passes=True)
    if not place.exists() or account.uid == servant.uid:
        return servant
    if account.uid == ROOT:
        raise StartError(
            f"{place} belongs to root, and Postgres refuses to run as root; give the folder to the"
            f" account that it should run as: chown -R {_UNPRIVILEGED} '{place}'."
        )
    return account


def valkey_account(place: Path) -> Account:
    """Whom Valkey runs as: us, and root too.

    Args:
        place: its folder, made or not, in a data folder that is there.

    Raises:
        StartError: the folder is somebody else's.
    """
    return _account(place)


def _account(place: Path) -> Account:
    """Root works as the owner of what is there, so that the owner can still use it tomorrow."""
    owner = (place if place.exists() else place.parent).stat()
    if os.geteuid() == ROOT:
        return Account(owner.st_uid, owner.st_gid)
    if place.exists() and owner.st_uid != os.geteuid():
        raise StartError(
            f"{place} belongs to account {owner.st_uid}, not to you; run Limner as its owner, or"
            " choose another folder with LIMNER_DATA_DIR."
        )
    return Account(os.geteuid(), os.getegid())
