"""Who keeps the books in a test of a provider: every word that a drawing says, in order."""

from dataclasses import dataclass, field

from limner.domain.progress import Progress, Stage
from limner.providers.base import Ticket


@dataclass
class Clerk:
    """Takes down what a provider tells while it draws."""

    handle: str | None = None
    """What an earlier attempt kept."""
    reports: list[Progress] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    books: list[str] = field(default_factory=list)
    """`placed`, `refused`, and `kept …` with the handle."""

    @property
    def ticket(self) -> Ticket:
        """The ticket that goes with the next order."""
        return Ticket(
            report=self.reports.append,
            show=self.pictures.append,
            place=self._place,
            keep=self._keep,
            refused=self._refused,
            handle=self.handle,
        )

    @property
    def stages(self) -> list[Stage]:
        """The stages that were told of, each once where it follows itself."""
        told = [progress.stage for progress in self.reports]
        return [stage for n, stage in enumerate(told) if n == 0 or told[n - 1] is not stage]

    async def _place(self) -> None:
        self.books.append("placed")

    async def _keep(self, handle: str) -> None:
        self.handle = handle
        self.books.append(f"kept {handle}")

    async def _refused(self) -> None:
        self.books.append("refused")
