"""When the wheel has whom looked at, whatever the clock does."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from limner.web.outlet import Outlet
from limner.web.stream import Stream
from limner.web.wheel import SLOTS, Wheel

TICK_SECONDS = 0.25
REACH_SECONDS = TICK_SECONDS * (SLOTS - 1)
BEGIN = 1000.0

SECONDS = st.floats(0, REACH_SECONDS - TICK_SECONDS)
ACTIONS = st.one_of(
    st.tuples(st.just("put"), SECONDS),
    st.tuples(st.just("drop"), st.floats(0, 20)),
    st.tuples(st.just("wait"), st.floats(0, 1)),
    st.tuples(st.just("wait"), st.floats(0, 10_000)),  # the process was stopped in between
)


def _stream() -> Stream:
    # nothing is ever sent on it
    return Stream(cast("Outlet", None), character_id=None, until=0, doubt=lambda _: None)


@given(st.lists(ACTIONS, max_size=60))
def test_everybody_is_looked_at_in_time_and_nobody_before_or_after_being_dropped(
    actions: list[tuple[str, float]],
) -> None:
    now = BEGIN
    wheel = Wheel(TICK_SECONDS, now)
    times: dict[Stream, float] = {}
    for action, value in actions:
        match action:
            case "put":
                stream = _stream()
                times[stream] = now + value
                wheel.put(stream, times[stream])
            case "drop":
                for stream in list(times)[int(value) :][:1]:
                    wheel.drop(stream)
                    del times[stream]
            case "wait":
                now += value
                due = wheel.due(now)
                assert len(due) == len(set(due))
                assert all(times.pop(stream) <= now for stream in due)
                assert all(at > now - TICK_SECONDS for at in times.values())
    due = wheel.due(now + REACH_SECONDS + TICK_SECONDS)
    assert set(due) == set(times)


@given(st.floats(0, 10_000), st.lists(SECONDS, max_size=20), st.floats(0.1, 15))
def test_who_is_put_back_while_others_are_looked_at_is_looked_at_in_time_again(
    jump: float, firsts: list[float], wait: float
) -> None:
    wheel = Wheel(TICK_SECONDS, BEGIN)
    times = {_stream(): BEGIN + first for first in firsts}
    for stream, at in times.items():
        wheel.put(stream, at)
    now = BEGIN + jump
    for stream in wheel.due(now):
        times[stream] = now + wait
        wheel.put(stream, times[stream])
    for _ in range(SLOTS):
        now += TICK_SECONDS
        for stream in wheel.due(now):
            assert times.pop(stream) <= now
        assert all(at > now - TICK_SECONDS for at in times.values())
    assert times == {}


def test_whose_time_is_further_away_than_the_wheel_is_long_is_looked_at_before() -> None:
    wheel = Wheel(TICK_SECONDS, BEGIN)
    stream = _stream()
    wheel.put(stream, BEGIN + 10 * REACH_SECONDS)
    assert wheel.due(BEGIN + REACH_SECONDS) == []
    assert wheel.due(BEGIN + REACH_SECONDS + TICK_SECONDS) == [stream]
    assert wheel.due(BEGIN + 20 * REACH_SECONDS) == []
