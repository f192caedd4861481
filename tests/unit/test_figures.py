"""What `make bench` makes of its figures."""

from pathlib import Path

import pytest

from bench.figures import Figure, Results, quantile
from bench.targets import verdicts

FAN_OUT = ("fan-out", "p99", "ms")


def test_a_quantile_is_a_value_that_was_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert quantile(values, 0.5) == 3.0
    assert quantile(values, 0.99) == 5.0
    assert quantile(values, 0) == 1.0
    with pytest.raises(ValueError, match="nothing"):
        quantile([], 0.5)


def test_the_rounds_of_a_figure_become_their_median_and_their_span() -> None:
    results = _results({"Limner": [30.0, 10.0, 20.0]})
    key = ("fan-out", "Limner", "p99", "ms")
    assert results.medians() == {key: 20.0}
    assert results.spread(key) == (10.0, 30.0)


def test_results_are_the_same_after_they_were_written_and_read(tmp_path: Path) -> None:
    results = _results({"Limner": [1.5], "better-sse": [2.5]})
    results.faults.append("an event was lost")
    results.write(tmp_path / "results.json")
    assert Results.read(tmp_path / "results.json") == results


def test_a_target_holds_by_the_ratio_to_the_peer_of_the_same_run() -> None:
    results = _results({"Limner": [10.0], "sse-starlette, one hub": [21.0], "better-sse": [9.0]})
    found = {one.target.peer: (round(one.reached, 2), one.holds) for one in verdicts(results)}
    assert found == {"sse-starlette, one hub": (0.48, True), "better-sse": (1.11, False)}


def test_a_target_of_which_more_is_better_is_missed_below_its_bound() -> None:
    place = ("connects", "with snapshot", "1/s")
    results = _results({"Limner": [1900.0], "sse-starlette, pubsub each": [1000.0]}, place)
    assert [(one.reached, one.holds) for one in verdicts(results)] == [(1.9, False)]


def _results(rounds: dict[str, list[float]], place: tuple[str, str, str] = FAN_OUT) -> Results:
    results = Results({"CPU": "one"}, "make bench")
    for contender, values in rounds.items():
        for number, value in enumerate(values, 1):
            measure, case, unit = place
            results.note(number, [Figure(measure, contender, case, unit, value)])
    return results
