"""Draws the results as PNG files. Runs in the peers' venv, where matplotlib is."""

import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl  # type: ignore[import-not-found] # of the peers' venv
from matplotlib import pyplot as plt

from bench.figures import Results

FLOOR = "sends alone"
COLOURS = {
    "Limner": "#c2410c",
    "Limner's stream": "#c2410c",
    "sse-starlette, pubsub each": "#94a3b8",
    "sse-starlette, one hub": "#64748b",
    "better-sse": "#65a30d",
    "nginx with nchan": "#0f766e",
    "polling each second": "#a16207",
    FLOOR: "#d4d4d8",
}
OTHER = "#475569"
GROWTH_BOUND = 1.2


def main(folder: Path) -> None:
    """All pictures for which there are figures."""
    mpl.use("Agg")
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    results = Results.read(folder / "results.json")
    _delivery(results, folder / "delivery.png")
    _growth(results, folder / "growth.png")
    for measure, cases, unit in (
        ("fan-out", ("p50", "p99"), "ms"),
        ("fan-out", ("server CPU per event",), "µs"),
        ("memory", ("a stream",), "KiB"),
        ("connects", ("with snapshot", "without snapshot"), "1/s"),
        ("waiting", ("server CPU, a user-minute", "Postgres CPU, a user-minute"), "ms"),
        ("pickup", ("p50", "p99"), "ms"),
        ("throughput", ("rate",), "1/s"),
    ):
        suffix = "-cpu" if measure == "fan-out" and "CPU" in cases[0] else ""
        _bars(results, measure, cases, unit, folder / f"{measure}{suffix}.png")


def _delivery(results: Results, path: Path) -> None:
    medians = results.medians()
    names = dict.fromkeys(key[1] for key in medians if key[0] == "delivery")
    if not names:
        return
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True)
    for axis, statistic in zip(axes, ("p50", "p99"), strict=True):
        for name in names:
            points = sorted(
                (int(key[2].split()[0].replace(",", "")), value)
                for key, value in medians.items()
                if key[:2] == ("delivery", name) and key[2].endswith(statistic)
            )
            axis.plot(
                [streams for streams, _ in points],
                [value for _, value in points],
                marker="o",
                color=COLOURS.get(name, OTHER),
                label=name,
                linewidth=2.4 if name == "Limner" else 1.2,
            )
        axis.set(xscale="log", yscale="log", xlabel="open streams, each of its own plot")
        axis.set_title(f"commit to bytes at the reader, {statistic}", loc="left")
        axis.grid(visible=True, which="major", alpha=0.3)
    axes[0].set_ylabel("ms")
    axes[1].legend(frameon=False, fontsize=8)
    _save(figure, path)


def _bars(results: Results, measure: str, cases: Sequence[str], unit: str, path: Path) -> None:
    medians = results.medians()
    names = [
        name
        for name in dict.fromkeys(key[1] for key in medians if key[0] == measure)
        if any((measure, name, case, unit) in medians for case in cases)
    ]
    if not names:
        return
    figure, axis = plt.subplots(figsize=(7, 0.9 + 0.32 * len(names) * len(cases)))
    height = 0.8 / len(cases)
    for number, case in enumerate(cases):
        for row, name in enumerate(names):
            value = medians.get((measure, name, case, unit))
            if value is None:
                continue
            low, high = results.spread((measure, name, case, unit))
            at = row + number * height
            shade = 1 - 0.45 * number
            axis.barh(at, value, height * 0.9, color=COLOURS.get(name, OTHER), alpha=shade)
            axis.plot([low, high], [at, at], color="black", linewidth=0.8, alpha=0.6)
            axis.annotate(
                f"{value:,.3g}" if value < 1000 else f"{value:,.0f}",
                (max(value, high), at),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
    axis.set_yticks([row + height * (len(cases) - 1) / 2 for row in range(len(names))], names)
    axis.invert_yaxis()
    axis.set_xlabel(f"{unit} (median of the rounds; the line spans all of them)")
    shown = ", lighter: ".join(cases)
    figure.suptitle(f"{measure}: {shown}", x=0.01, ha="left", fontsize=11)
    _save(figure, path)


def _growth(results: Results, path: Path) -> None:
    """How each figure stands against its own with the least stored; above 1 is worse."""
    medians = results.medians()
    rows = {key[2:]: dict[int, float]() for key in medians if key[0] == "growth"}
    for (measure, store, case, unit), value in medians.items():
        if measure == "growth":
            rows[case, unit][int(store.removesuffix("x"))] = value
    if not rows:
        return
    figure, axis = plt.subplots(figsize=(9, 4.6))
    for (case, unit), values in rows.items():
        least = values[min(values)]
        ratios = [value / least if unit != "1/s" else least / value for value in values.values()]
        axis.plot(list(values), ratios, marker="o", linewidth=1.2, label=case)
    axis.axhline(GROWTH_BOUND, color="black", linewidth=0.8, linestyle="--")
    axis.set(xscale="log", xlabel="times 100,000 stored transitions", ylabel="against 1x")
    axis.set_xticks([1, 10, 100], ["1", "10", "100"])
    axis.set_ylim(bottom=0)
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.suptitle("growth: what more stored data costs (above 1 is worse)", x=0.01, ha="left")
    _save(figure, path)


def _save(figure: "plt.Figure", path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=130)
    plt.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
