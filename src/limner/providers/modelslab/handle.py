"""What is kept of an order that ModelsLab has taken, so that it can be asked for again."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Handle:
    """Enough to come to a picture that is paid for. Nothing in it is secret."""

    id: str | None
    """ModelsLab's number of the order; None when it gave none."""
    fetch_url: str | None = None
    """Where it says that the order is to be asked for: its word, to be judged at each use."""
    links: tuple[str, ...] = ()
    """Where the picture lies, for some hours; empty until it is drawn."""

    def to_json(self) -> str:
        """As the books keep it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Handle | None":
        """As the books gave it back; None when they hold something else."""
        try:
            kept = json.loads(text)
            return cls(kept["id"], kept["fetch_url"], tuple(kept["links"]))
        except (ValueError, KeyError, TypeError):
            return None
