"""The ratios that Limner is to reach, and whether a run has reached them."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench import growth
from bench.figures import Figure, Results
from bench.streams.better_sse import BETTER_SSE
from bench.streams.limner import LIMNER
from bench.streams.nchan import NCHAN_NGINX
from bench.streams.sse_starlette import HUB, PUBSUB

Place = tuple[str, str, str]
"""A measure, a case and a unit."""
DELIVERY: Place = ("delivery", "2,000 streams, p50", "ms")
FAN_OUT: Place = ("fan-out", "p99", "ms")
MEMORY: Place = ("memory", "a stream", "KiB")
CONNECTS: Place = ("connects", "with snapshot", "1/s")
SUSTAINED: Place = ("sustained", "p99", "ms")
MISSING: Place = ("sustained", "missing", "transitions")
PICK_UP: Place = ("pickup", "p50", "ms")
THROUGHPUT: Place = ("throughput", "rate", "1/s")


@dataclass(frozen=True)
class Target:
    """What one figure of Limner's is to be."""

    words: str
    place: Place
    bound: float
    """At most this, or, where more is better, at least."""
    peer: str = ""
    """The bound counts its figure for 1; nobody: the bound is absolute."""
    is_least: bool = False
    contender: str = LIMNER.name
    """Whose figure it is; of growth, Limner's with so much stored."""


TARGETS = (
    Target("delivery p50, 2,000 streams", DELIVERY, 1.0, BETTER_SSE.name),
    Target("delivery p50, 2,000 streams", DELIVERY, 1.5, NCHAN_NGINX.name),
    Target("one event to 2,000 streams, p99", FAN_OUT, 0.5, HUB.name),
    Target("one event to 2,000 streams, p99", FAN_OUT, 1.0, BETTER_SSE.name),
    Target("one event to 2,000 streams, p99", FAN_OUT, 1.5, NCHAN_NGINX.name),
    Target("memory per stream", MEMORY, 20.0),
    Target("memory per stream", MEMORY, 0.5, PUBSUB.name),
    Target("connects with snapshot", CONNECTS, 2.0, PUBSUB.name, is_least=True),
    Target("10,000 streams, 100 transitions/s, p99", SUSTAINED, 20.0),
    Target("10,000 streams, 100 transitions/s, missing", MISSING, 0.0),
    Target("POST to `generating`, p50", PICK_UP, 0.06, "arq"),
    Target("POST to `generating`, p50", PICK_UP, 3.0, "Celery"),
    Target("generations per second", THROUGHPUT, 0.33, "arq", is_least=True),
    Target(
        "generations per second, beside arq polling each 10 ms",
        THROUGHPUT,
        0.33,
        "arq, tuned",
        is_least=True,
    ),
)


@dataclass(frozen=True)
class Verdict:
    """How a target stands."""

    target: Target
    figure: Figure
    """Limner's own."""
    peer_value: float | None
    reached: float
    """What is held against the bound: a ratio, or Limner's figure itself."""
    rounds: int
    """How many are behind it: of the two figures, that with fewer."""

    @property
    def holds(self) -> bool:
        bound = self.target.bound
        return self.reached >= bound if self.target.is_least else self.reached <= bound


def verdicts(results: Results) -> Iterator[Verdict]:
    """Of all targets whose figures were measured, by the medians of the rounds."""
    for target in (*TARGETS, *_of_growth(results)):
        measure, case, unit = target.place
        ours = results.median(measure, target.contender, case, unit)
        if ours is None:
            continue
        figure = Figure(measure, target.contender, case, unit, ours)
        rounds = results.rounds(measure, target.contender, case, unit)
        if not target.peer:
            yield Verdict(target, figure, None, ours, rounds)
        elif theirs := results.median(measure, target.peer, case, unit):
            rounds = min(rounds, results.rounds(measure, target.peer, case, unit))
            yield Verdict(target, figure, theirs, ours / theirs, rounds)


def _of_growth(results: Results) -> Iterator[Target]:
    """Each figure with the most stored, held against itself with the least."""
    least, most = f"{growth.TIMES[0]}x", f"{growth.TIMES[-1]}x"
    for measure, contender, case, unit in results.medians():
        if (measure, contender) == (growth.MEASURE, most):
            words, place = f"with {most} stored, {case}", (measure, case, unit)
            if growth.is_more_better(unit):
                yield Target(words, place, 1 / growth.MOST_RATIO, least, True, most)
            else:
                yield Target(words, place, growth.MOST_RATIO, least, contender=most)
