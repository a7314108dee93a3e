"""Draws the results of the growth benchmark as an SVG, on log-log axes."""
import pathlib
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "elenco"  # the same figures give the same file

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from growth import slope

MEGABYTE = 2**20
COLOURS = ("#0b6e99", "#c4501b")


def draw(growth: dict[str, Any], path: pathlib.Path) -> None:
    figure, panels = pyplot.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
    films, shards = growth["byFilms"], growth["byShards"]
    _panel(panels[0][0], "Time without a ceiling (s)", "films", films, [("seconds", 1, "both Lambdas")])
    _panel(panels[0][1], "Peak memory (MiB)", "films", films, [
        ("workerPeak", MEGABYTE, "worker"), ("dispatcherPeak", MEGABYTE, "dispatcher")])
    _panel(panels[1][0], "S3 requests and cost", "films", films, [("s3", 1, "requests"), ("dollars", 0.01, "cents")])
    _panel(panels[1][1], "Dispatch of 59,004 films", "shards", shards, [
        ("s3", 1, "S3 requests"), ("seconds", 1, "seconds")])
    figure.savefig(path, format="svg", metadata={"Date": None})
    pyplot.close(figure)


def _panel(panel: Axes, title: str, x: str, rows: list[dict[str, Any]], lines: list[tuple[str, float, str]]) -> None:
    for (name, unit, label), colour in zip(lines, COLOURS, strict=False):
        points = [(row[x], row[name] / unit) for row in rows]
        # Over all sizes, and over the last step, where fixed costs no longer matter.
        slopes = f"slope {slope(points):.2f}, last step {slope(points[-2:]):.2f}"
        panel.plot(*zip(*points, strict=True), "o-", color=colour, label=f"{label}: {slopes}")
    panel.set(xscale="log", yscale="log", title=title, xlabel=x)
    panel.grid(True, which="major", color="#dddddd")
    panel.legend(frameon=False, loc="upper left", fontsize="small")
    low, high = panel.get_ylim()
    panel.set_ylim(low, high * (high / low) ** 0.35)  # room for the legend
    if high < 100 * low:
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
