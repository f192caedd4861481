"""What tests of the provider `openai` share: the provider at a stand-in, and its orders."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from limner.domain.errors import DrawingError
from limner.providers.base import Order
from limner.providers.http import open_session
from limner.providers.openai import OpenAIProvider
from providers.clerk import Clerk
from providers.downloads import downloading
from standins.openai import OpenAIStandin
from standins.openai_rules import KEY, LOCAL

GPT = "gpt-image-1"


def order(prompt: str = "A portrait of Vernon.", model: str = GPT) -> Order:
    return Order("task", "character", "Vernon", "stout", prompt, model)


@asynccontextmanager
async def providing(
    base_url: str, key: str | None = KEY, *, model: str = GPT, seconds: float = 20.0
) -> AsyncIterator[OpenAIProvider]:
    """A provider at an address."""
    async with open_session() as session, downloading() as downloader:
        provider = OpenAIProvider(
            session,
            downloader,
            base_url=base_url,
            key=key,
            model=model,
            order_seconds=seconds,
            check_seconds=seconds,
        )
        yield provider
        await provider.aclose()


async def failing(
    provider: OpenAIProvider, clerk: Clerk, prompt: str = "A portrait.", model: str = GPT
) -> DrawingError:
    """The error that an order ends in; nowhere in it, or in what was logged, is the key."""
    with capture_logs() as logs, pytest.raises(DrawingError) as caught:
        await provider.draw(order(prompt, model), clerk.ticket)
    error = caught.value
    told = f"{error} {error.detail} {logs} {clerk.books}"
    assert KEY not in told
    assert str(error).endswith(".")
    assert "!" not in str(error)
    return error


__all__ = ["GPT", "KEY", "LOCAL", "OpenAIStandin", "failing", "order", "providing"]
