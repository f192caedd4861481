"""Error codes, and which of them are worth another try."""

import pytest

from limner.domain.errors import DrawingError, ErrorCode, Fault, InvalidRequestError

RETRYABLE = {
    "content_policy": False,
    "provider_rejected": False,
    "provider_unauthorized": False,
    "provider_quota": False,
    "provider_model_unavailable": False,
    "provider_rate_limited": True,
    "provider_unavailable": True,
    "provider_timeout": True,
    "invalid_image": True,
    "storage_unavailable": True,
    "worker_lost": True,
    "deadline_exceeded": True,
    "internal": True,
}


@pytest.mark.parametrize(("code", "retryable"), RETRYABLE.items())
def test_a_code_says_whether_the_same_request_may_succeed_later(
    code: str, *, retryable: bool
) -> None:
    assert ErrorCode(code).retryable is retryable


def test_there_are_no_codes_but_those_of_the_contract() -> None:
    assert set(ErrorCode) == set(RETRYABLE)


def test_a_drawing_error_shows_its_sentence_and_not_its_detail() -> None:
    error = DrawingError(ErrorCode.PROVIDER_QUOTA, "The quota is used up.", detail="account 17")
    assert str(error) == "The quota is used up."
    assert error.detail == "account 17"


def test_an_invalid_request_tells_all_that_is_wrong() -> None:
    error = InvalidRequestError(Fault("/name", "It is too long."), Fault("/seed", "It is no seed."))
    assert str(error) == "It is too long. It is no seed."
    assert [fault.pointer for fault in error.faults] == ["/name", "/seed"]
