"""Every setting of Limner, once. Read from the environment and from `.env`."""

from limner.settings.kinds import ProviderName
from limner.settings.reading import load, variable
from limner.settings.variables import OPENAI_BASE_URL, Settings

__all__ = ["OPENAI_BASE_URL", "ProviderName", "Settings", "load", "variable"]
