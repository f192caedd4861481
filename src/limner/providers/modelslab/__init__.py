"""ModelsLab, version 7 of its API: orders that are taken now and asked for later.

`provider` keeps the appointment, `wishes` puts an order into words, `replies` reads what comes
back, `refusals` says what it means, `following` asks until the picture is there, `handle` is what
is kept of an order, `places` knows where the key may be sent, and `survey` asks whether all is
well without ordering anything.
"""

from limner.providers.modelslab.provider import ModelsLabProvider

__all__ = ["ModelsLabProvider"]
