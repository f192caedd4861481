"""Transitions to make status objects of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from limner.domain.errors import ErrorCode
from limner.domain.estimate import Estimate
from limner.domain.image import Image
from limner.domain.status import Status
from limner.domain.transition import Transition

QUEUED_AT = datetime(2026, 11, 22, 21, 0, 0, 700_000, tzinfo=UTC)
IMAGE = Image("9f" * 32, "png", "image/png", 1024, 768, 51069, f"{'2c' * 32}.webp")
PENDING = Transition(
    plot_id="51c2",
    seq=1,
    character_id="8d0e",
    character_name="Dursley",
    task_id="0b9a",
    status=Status.PENDING,
    previous=None,
    at=QUEUED_AT,
    attempt=0,
    max_attempts=3,
    provider="modelslab",
    model="imagen-4.0-ultra",
    prompt="Portrait of Mara.",
    queued_at=QUEUED_AT,
    started_at=None,
    estimate=Estimate(20, 30),
    image=None,
    error=None,
    error_code=None,
    last_error=None,
)
GENERATING = replace(
    PENDING,
    seq=2,
    status=Status.GENERATING,
    previous=Status.PENDING,
    at=QUEUED_AT + timedelta(seconds=1),
    attempt=1,
    started_at=QUEUED_AT + timedelta(seconds=1),
)
_LAST = replace(
    GENERATING, seq=3, previous=Status.GENERATING, at=QUEUED_AT + timedelta(seconds=27.404512)
)
COMPLETED = replace(_LAST, status=Status.COMPLETED, image=IMAGE)
FAILED = replace(
    _LAST,
    status=Status.FAILED,
    error="The provider will not draw this.",
    error_code=ErrorCode.CONTENT_POLICY,
)
CANCELED = replace(_LAST, status=Status.CANCELED)
RETURNED = replace(_LAST, status=Status.PENDING, last_error="The provider was busy.")
EXPIRED = replace(
    PENDING,
    seq=2,
    status=Status.FAILED,
    previous=Status.PENDING,
    at=QUEUED_AT + timedelta(seconds=600),
    error="The image was not finished within 600 seconds.",
    error_code=ErrorCode.DEADLINE_EXCEEDED,
)
EVERY = [PENDING, GENERATING, COMPLETED, FAILED, CANCELED, RETURNED, EXPIRED]
