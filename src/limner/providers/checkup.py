"""Whether a provider would draw, without ordering anything."""

from limner.domain.finding import Finding, ok, warning, wrong
from limner.providers.registry import open_provider
from limner.settings import Settings

ADVICE = "See whether this machine reaches it, and whether it is said to be down."
SECONDS = 10.0
"""Several requests to somewhere far away; `check` bounds each."""


async def check_provider(settings: Settings, name: str) -> list[Finding]:
    """What one provider says; nothing of one that is not to draw and can't be asked for either.

    Raises:
        StartError: it is to draw, and lacks a setting.
    """
    is_to_draw = name in settings.provider
    async with open_provider(settings, name) as provider:
        if provider is None:
            return []
        complaint = await provider.check()
        if complaint is None:
            return [ok(name, f"Draws with {provider.default_model}.")]
    if is_to_draw:
        return [wrong(name, complaint)]
    return [warning(name, complaint, "It draws only when a request names it.")]
