"""Draws what grows with what, on logarithmic axes, as an SVG."""
import pathlib
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "elenco"  # the same figures give the same file

from matplotlib import pyplot
from matplotlib.axes import Axes

MEGABYTE = 2**20
COLOURS = ("#0b6e99", "#c4501b")


def draw(growth: dict[str, Any], path: pathlib.Path) -> None:
    figure, panels = pyplot.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
    films, shards, slopes = growth["byFilms"], growth["byShards"], growth["slopes"]
    _panel(panels[0][0], "Time, dispatcher and one worker (s)", "films", films, [
        ("seconds", 1, f"slope {slopes['seconds by films']:.2f}")])
    _panel(panels[0][1], "Peak memory (MiB)", "films", films, [
        ("workerPeak", MEGABYTE, f"worker, slope {slopes['worker memory by films']:.2f}"),
        ("dispatcherPeak", MEGABYTE, f"dispatcher, slope {slopes['dispatcher memory by films']:.2f}")])
    _panel(panels[1][0], "S3 requests, and cents", "films", films, [
        ("s3", 1, f"requests, slope {slopes['S3 requests by films']:.2f}"),
        ("dollars", 0.01, f"cents, slope {slopes['cost by films']:.2f}")])
    _panel(panels[1][1], "Dispatch of 59,004 films", "shards", shards, [
        ("s3", 1, f"S3 requests, slope {slopes['S3 requests by shards']:.2f}"),
        ("seconds", 1, f"seconds, slope {slopes['seconds by shards']:.2f}")])
    figure.savefig(path, format="svg", metadata={"Date": None})
    pyplot.close(figure)


def _panel(panel: Axes, title: str, x: str, rows: list[dict[str, Any]], lines: list[tuple[str, float, str]]) -> None:
    for (name, unit, label), colour in zip(lines, COLOURS, strict=False):
        panel.plot([row[x] for row in rows], [row[name] / unit for row in rows], "o-", color=colour, label=label)
    panel.set(xscale="log", yscale="log", title=title, xlabel=x)
    panel.grid(True, which="major", color="#dddddd")
    panel.legend(frameon=False)
    if all(1 <= value <= 1000 for value in panel.get_ylim()):
        panel.yaxis.set_major_formatter("{x:g}")
