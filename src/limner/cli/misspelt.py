"""Variables that look like settings and are none."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from limner.domain.finding import Finding, warning
from limner.settings import Settings, variable

PART: Final = "settings"
_OURS: Final = "LIMNER_"
_ALIKE: Final = 0.6
"""From 0 to 1, as difflib has it, of what follows `LIMNER_`; one letter in eight makes 0.93."""


def set_in_environment() -> set[str]:
    """The variables that the environment sets, in capitals; an empty one is not set."""
    return {name.upper() for name in EnvSettingsSource(Settings).env_vars}


def set_in_file() -> set[str]:
    """The variables that `.env` sets, in capitals; none without one.

    Raises:
        OSError, UnicodeDecodeError: it can't be read.
    """
    return {name.upper() for name in DotEnvSettingsSource(Settings).env_vars}


def misspelt(names: Iterable[str]) -> list[Finding]:
    """What is among these that begins as a setting does and is none, with the nearest that is."""
    known = {variable(field) for field in Settings.model_fields}
    ours = [name.removeprefix(_OURS) for name in known if name.startswith(_OURS)]
    found = []
    for name in sorted(set(names) - known):
        if name.startswith(_OURS):
            nearest = get_close_matches(name.removeprefix(_OURS), ours, n=1, cutoff=_ALIKE)
            meant = f"Did you mean {_OURS}{nearest[0]}?" if nearest else ""
            advice = meant or "`limner --help` lists them all."
            found.append(warning(PART, f"There is no {name}: it has no effect.", advice))
    return found
