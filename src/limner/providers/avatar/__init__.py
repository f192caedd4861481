"""The built-in provider: portraits drawn on this machine, from the words of a description.

`provider` keeps the appointment, `pool` owns the child processes, and everything else runs inside a
child (`studio`): `reading` takes traits from words, `look` settles what the words leave open,
`portrait` puts the picture together.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limner.providers.avatar.provider import AvatarProvider

__all__ = ["AvatarProvider"]


def __getattr__(name: str) -> object:
    """Import the provider when it is asked for.

    A child process imports this package too, on its way to `studio`, and would pay for asyncio and
    structlog, which it never uses: more than half of its start.
    """
    if name != "AvatarProvider":
        raise AttributeError(name)
    from limner.providers.avatar.provider import AvatarProvider  # noqa: PLC0415  # see above

    return AvatarProvider
