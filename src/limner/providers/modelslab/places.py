"""Where ModelsLab is asked, and where a key may be sent at all."""

from typing import Final

from yarl import URL

from limner.providers.modelslab.handle import Handle

_HOSTS: Final = ("modelslab.com", "stablediffusionapi.com")
"""The second is its name of old, which some of its answers still use."""


class Places:
    """The URLs of one ModelsLab.

    Args:
        base_url: where it is, without `/api/v7` and without a slash at the end.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._origin = URL(base_url).origin()
        self.submit = f"{base_url}/api/v7/images/text-to-image"
        """Takes orders."""
        self.models = f"{base_url}/api/v7/models"
        """Lists models."""

    def fetches(self, handle: Handle) -> list[str]:
        """Where an order can be asked for, the likeliest first; each takes the key in its body."""
        named = handle.fetch_url
        urls = [named] if named is not None and self.may_have_key(named) else []
        if handle.id is not None:
            urls += [self.fetch(handle.id, version) for version in ("v7", "v6")]
        return list(dict.fromkeys(urls))

    def fetch(self, order_id: str, version: str = "v7") -> str:
        """Where an order is asked for by its id."""
        return f"{self._base_url}/api/{version}/images/fetch/{order_id}"

    def may_have_key(self, url: str) -> bool:
        """Whether the key may be sent to a URL that an answer has named.

        Whoever tampers with an answer could name a server of their own. So it is a host of
        ModelsLab's, over TLS, or just where the settings say that ModelsLab is.
        """
        try:
            parsed = URL(url)
            origin = parsed.origin()
        except ValueError:
            return False
        if parsed.raw_user is not None or parsed.raw_password is not None:
            return False
        if origin == self._origin:
            return True
        host = parsed.host or ""
        is_theirs = any(host == known or host.endswith(f".{known}") for known in _HOSTS)
        return is_theirs and parsed.scheme == "https" and parsed.is_default_port()
