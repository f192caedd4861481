"""Examining all that Limner works with, side by side, none for longer than it may take."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from limner.domain.errors import LimnerError
from limner.domain.finding import Finding, wrong

CHECK_SECONDS: Final = 5.0
"""What does not answer for so long would not serve either."""


@dataclass(frozen=True, slots=True)
class Check:
    """A look at one part."""

    part: str
    look: Callable[[], Awaitable[list[Finding]]]
    """Gives what is worth a line; an error of ours is a finding as well."""
    advice: str
    """What to do when it does not answer."""
    seconds: float = CHECK_SECONDS
    """How long the look may take."""


async def examine(checks: Sequence[Check], tell: Callable[[Finding], None]) -> list[Finding]:
    """Look at all parts at once.

    Args:
        checks: in the order of the report.
        tell: called with each finding in that order, as soon as it is known.

    Returns:
        All findings.
    """
    findings = []
    async with asyncio.TaskGroup() as group:
        looking = [
            group.create_task(_answer(check), name=f"check of {check.part}") for check in checks
        ]
        for task in looking:
            for finding in await task:
                tell(finding)
                findings.append(finding)
    return findings


async def _answer(check: Check) -> list[Finding]:
    try:
        async with asyncio.timeout(check.seconds):
            return await check.look()
    except TimeoutError:
        words = f"There was no answer within {check.seconds:g} seconds."
        return [wrong(check.part, words, check.advice)]
    except LimnerError as error:
        return [wrong(check.part, str(error))]
    except Exception as error:  # noqa: BLE001 - the other checks are worth their report all the same
        return [wrong(check.part, f"The check itself broke: {type(error).__name__}.")]
