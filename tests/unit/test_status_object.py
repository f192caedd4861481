"""The status object: the one JSON form of a status."""

import json

import pytest

from limner.domain.transition import JsonObject, Transition, never_drawn, status_object
from limner.encoding import encode
from unit.samples import (
    CANCELED,
    COMPLETED,
    EVERY,
    EXPIRED,
    FAILED,
    GENERATING,
    PENDING,
    RETURNED,
)

KEYS = [
    *("character_id", "plot_id", "task_id", "status", "previous", "seq", "at", "image_url"),
    *("error", "error_code", "metadata"),
]
METADATA = {
    *("attempt", "max_attempts", "provider", "model", "prompt", "queued_at", "started_at"),
    *("finished_at", "duration_seconds", "estimate", "image", "last_error", "retryable"),
}
each = pytest.mark.parametrize("transition", EVERY)


def object_of(transition: Transition) -> JsonObject:
    """What a reader gets, having parsed what was sent."""
    read: JsonObject = json.loads(encode(status_object(transition)))
    return read


def metadata_of(transition: Transition) -> JsonObject:
    metadata = object_of(transition)["metadata"]
    assert isinstance(metadata, dict)
    return metadata


@each
def test_every_key_is_there_whatever_the_status(transition: Transition) -> None:
    assert list(object_of(transition)) == KEYS
    assert set(metadata_of(transition)) == METADATA


def test_a_completed_status_is_the_object_of_the_contract() -> None:
    assert object_of(COMPLETED) == {
        "character_id": "8d0e",
        "plot_id": "51c2",
        "task_id": "0b9a",
        "status": "completed",
        "previous": "generating",
        "seq": 3,
        "at": "2026-11-22T21:00:28.104512Z",
        "image_url": f"/api/images/{'9f' * 32}.png",
        "error": None,
        "error_code": None,
        "metadata": {
            "attempt": 1,
            "max_attempts": 3,
            "provider": "modelslab",
            "model": "imagen-4.0-ultra",
            "prompt": "Portrait of Mara.",
            "queued_at": "2026-11-22T21:00:00.700000Z",
            "started_at": "2026-11-22T21:00:01.700000Z",
            "finished_at": "2026-11-22T21:00:28.104512Z",
            "duration_seconds": 26.405,
            "estimate": {"low_seconds": 20, "high_seconds": 30},
            "image": {
                "width": 1024,
                "height": 768,
                "content_type": "image/png",
                "bytes": 51069,
                "sha256": "9f" * 32,
                "thumbnail_url": f"/api/images/{'2c' * 32}.webp",
            },
            "last_error": None,
            "retryable": None,
        },
    }


@each
def test_there_is_an_image_when_and_only_when_it_is_completed(transition: Transition) -> None:
    completed = transition.status == "completed"
    assert (object_of(transition)["image_url"] is not None) is completed
    assert (metadata_of(transition)["image"] is not None) is completed


@each
def test_there_is_an_error_when_and_only_when_it_failed(transition: Transition) -> None:
    failed = transition.status == "failed"
    told = object_of(transition)
    assert (told["error"] is not None) is failed
    assert (told["error_code"] is not None) is failed
    assert (metadata_of(transition)["retryable"] is not None) is failed


@each
def test_it_is_finished_at_its_final_transition_and_not_before(transition: Transition) -> None:
    final = transition.status in {"completed", "failed", "canceled"}
    finished_at = metadata_of(transition)["finished_at"]
    assert finished_at == (object_of(transition)["at"] if final else None)


def test_it_has_a_duration_once_it_has_begun_and_ended() -> None:
    durations = [metadata_of(each)["duration_seconds"] for each in (COMPLETED, FAILED, CANCELED)]
    assert durations == [26.405] * 3
    assert [metadata_of(each)["duration_seconds"] for each in (PENDING, GENERATING, RETURNED)] == [
        None
    ] * 3


def test_what_never_began_has_no_duration_though_it_ended() -> None:
    assert metadata_of(EXPIRED)["duration_seconds"] is None
    assert metadata_of(EXPIRED)["finished_at"] is not None


def test_the_first_status_has_attempt_zero_and_nothing_before_it() -> None:
    assert object_of(PENDING)["previous"] is None
    assert metadata_of(PENDING)["attempt"] == 0
    assert metadata_of(PENDING)["started_at"] is None


def test_a_lost_attempt_leaves_its_reason_and_is_no_error() -> None:
    assert metadata_of(RETURNED)["last_error"] == "The provider was busy."
    assert object_of(RETURNED)["error"] is None


def test_a_failure_says_whether_the_same_request_may_be_sent_again() -> None:
    assert metadata_of(FAILED)["retryable"] is False
    assert metadata_of(EXPIRED)["retryable"] is True


def test_a_character_that_was_never_drawn_has_the_same_keys_and_empty_metadata() -> None:
    told = never_drawn("8d0e", "51c2")
    assert list(told) == KEYS
    assert {key: value for key, value in told.items() if value is not None} == {
        "character_id": "8d0e",
        "plot_id": "51c2",
        "status": "none",
        "metadata": {},
    }
