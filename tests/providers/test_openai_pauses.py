"""How long a server asks to be left alone, as it may write it."""

import pytest

from limner.providers.openai.pauses import duration_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("120ms", 0.12),
        (".5s", 0.5),
        ("250µs", 0.00025),
        ("0s", 0.0),
        ("", None),
        ("6", None),
        ("-1s", None),
        ("1s2", None),
        ("1 s", None),
        ("٣s", None),
        ("9" * 50 + "s", None),
    ],
)
def test_durations_are_read_as_go_writes_them(text: str, seconds: float | None) -> None:
    assert duration_seconds(text) == (None if seconds is None else pytest.approx(seconds))
