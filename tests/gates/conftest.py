"""What all workers share, in a Valkey of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from limner.gates.shared import Shared, open_shared


@pytest_asyncio.fixture
async def shared(redis_url: str) -> AsyncIterator[Shared]:
    """What one worker has of it."""
    async with open_shared(redis_url) as shared:
        yield shared
