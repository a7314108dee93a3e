"""The figures as the tables that stand in the README, and the targets with what was measured."""
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Figures = dict[str, Any]
MEGABYTE = 2**20


class Target(NamedTuple):
    """What is to be reached: a ratio or a figure, and whether more or less of it is better."""

    what: str
    wanted: float
    measured: float
    unit: str
    more_is_better: bool

    @property
    def is_met(self) -> bool:
        return self.measured >= self.wanted if self.more_is_better else self.measured <= self.wanted


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, its columns aligned for a terminal too; figures stand to the right."""
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (cell.ljust(width) if not column else cell.rjust(width)
                          for column, (cell, width) in enumerate(zip(cells, widths, strict=True)))
        return "| " + " | ".join([first, *others]) + " |"

    rule = "|" + "|".join("-" * (width + 2) if not column else "-" * (width + 1) + ":"
                          for column, width in enumerate(widths)) + "|"
    return "\n".join([line(heads), rule, *map(line, rows)])


def worker(figures: Figures) -> str:
    heads = ["worker", "CPU a film", "films/s, at once", "films/s, 50 ms", "peak memory", "GB-s at 128 MB", "at 512 MB"]
    at_once, slow = figures["at once"], figures["after 50 ms"]
    rows = []
    for name, each in at_once.items():
        billed = each.get("billed", {})
        rows.append([
            name, f"{each['cpuPerFilm'] * 1e6:,.0f} µs", f"{each['filmsPerSecond']:,.0f}",
            f"{slow[name]['filmsPerSecond']:,.0f}" if name in slow else "", _megabytes(each.get("peak")),
            *(_billed(billed, memory) for memory in (128, 512))])
    return table(heads, rows)


def start(figures: Figures) -> str:
    rows = [
        [name, f"{each['toFirstRequest'] * 1e3:.2f} ms", f"{each['firstInvocation'] * 1e3:.2f} ms"]
        for name, each in figures.items()]
    return table(["start", "exec to first request", "first invocation"], rows)


def dispatcher(figures: Figures) -> str:
    names = {"1": "", "10 times the rows": ", 10 x rows", "10 times the films": ", 10 x films"}
    rows = [
        [who + names[file], f"{each['bytes'] / 1e6:,.0f} MB", f"{each['wall']:.2f} s", f"{each['cpu']:.2f} s",
         f"{each['bytesPerCpuSecond'] / 1e9:.2f} GB/s", _megabytes(each["peak"] or None)]
        for file, scans in figures["scan"].items() for who, each in scans.items()]
    dispatch = figures["dispatch"]
    second = [
        ["Elenco, scan included", f"{dispatch['whole'] * 1e3:,.0f} ms"],
        ["Elenco, plans and invokes alone", f"{dispatch['plansAndInvokes'] * 1e3:,.0f} ms"],
        ["boto3, 60 threads, plans and invokes alone", f"{dispatch['boto3PlansAndInvokes'] * 1e3:,.0f} ms"]]
    return (table(["scan", "file", "time", "CPU", "a core", "peak memory"], rows) + "\n\n"
            + table(["trigger to the 60th accepted invoke", "time"], second))


def signing(figures: Figures) -> str:
    return table(["signing", "signatures/s"], [[name, f"{rate:,.0f}"] for name, rate in figures.items()])


def fan_out(figures: Figures) -> str:
    rows = [
        [name, f"{each['films']:,}", f"{each['started']:.2f} s", f"{each['finished']:.2f} s"]
        for name, each in figures.items()]
    return table(["60 workers, one machine", "films", "all started", "all done"], rows)


def growth(figures: Figures) -> str:
    films = [
        [f"{row['films']:,}", f"{row['seconds']:.2f} s", _megabytes(row["dispatcherPeak"]), _megabytes(row["workerPeak"]),
         f"{row['s3']:,}", f"${row['dollars']:.4f}"] for row in figures["byFilms"]]
    shards = [
        [f"{row['shards']:,}", f"{row['seconds']:.2f} s", _megabytes(row["dispatcherPeak"]), f"{row['s3']:,}",
         f"${row['dollars']:.5f}"] for row in figures["byShards"]]
    slopes = [[name, f"{value:.2f}"] for name, value in figures["slopes"].items()]
    return "\n\n".join([
        table(["films", "time", "dispatcher", "worker", "S3 requests", "cost"], films),
        table(["shards", "dispatch", "dispatcher", "S3 requests", "cost"], shards),
        table(["growth", "slope"], slopes)])


def targets(results: Figures) -> str:
    """The targets that the parts that were run say something of."""
    found = [target for part, make in _TARGETS.items() if part in results for target in make(results[part])]
    rows = [
        [each.what, f"{'≥' if each.more_is_better else '≤'} {each.wanted:g}{each.unit}", f"{each.measured:.3g}{each.unit}",
         "met" if each.is_met else "missed"] for each in found]
    return table(["target", "wanted", "measured", ""], rows)


def _worker_targets(figures: Figures) -> list[Target]:
    each = figures["at once"]
    ours, cpu = each["Elenco"], {name: one["cpuPerFilm"] for name, one in each.items()}
    return [
        Target("CPU a film beside h2load's", 1.5, cpu["Elenco"] / cpu["h2load"], " x", False),
        Target("CPU a film, less than the job as it was", 30, cpu["job as it was"] / cpu["Elenco"], " x", True),
        Target("CPU a film, less than aiohttp", 4, cpu["aiohttp, aiobotocore"] / cpu["Elenco"], " x", True),
        Target("films a second beside h2load's", 0.7, ours["filmsPerSecond"] / each["h2load"]["filmsPerSecond"], " x", True),
        Target("worker's peak memory, 64 in flight", 20, ours["peak"] / MEGABYTE, " MiB", False),
    ]


def _start_targets(figures: Figures) -> list[Target]:
    least = figures["static C"]["toFirstRequest"]
    slowest = max(figures[name]["toFirstRequest"] for name in ("dispatcher", "worker"))
    first = max(figures[name]["firstInvocation"] for name in ("dispatcher", "worker"))
    return [
        Target("exec to the first request beside static C", 1.5, slowest / least, " x", False),
        Target("first invocation, JSON in and out", 3, first * 1e3, " ms", False),
    ]


def _dispatcher_targets(figures: Figures) -> list[Target]:
    scans, dispatch = figures["scan"]["1"], figures["dispatch"]
    ours, received = scans["Elenco"]["bytesPerCpuSecond"], scans["curl to nowhere"]["bytesPerCpuSecond"]
    beside = 1 / ours - 1 / received
    alone = 1 / beside if beside > 0 else math.inf  # too small a file to tell them apart
    rows = figures["scan"]["10 times the rows"]["Elenco"]["peak"]
    peak = scans["Elenco"]["peak"]
    return [
        Target("scan, a core, with receiving", 1, ours / 1e9, " GB/s", True),
        Target("scan, a core, without what curl takes to receive", 1, alone / 1e9, " GB/s", True),
        Target("scan with receiving beside polars", 2, ours / scans["polars"]["bytesPerCpuSecond"], " x", True),
        Target("scan with receiving beside duckdb", 2, ours / scans["duckdb"]["bytesPerCpuSecond"], " x", True),
        Target("memory for 10 times the rows", 1.1, rows / peak, " x", False),
        Target("60 plans and 60 invokes, less than boto3", 5,
               dispatch["boto3PlansAndInvokes"] / dispatch["plansAndInvokes"], " x", True),
    ]


def _signing_targets(rates: Figures) -> list[Target]:
    return [
        Target("signing beside botocore", 50, rates["Elenco"] / rates["botocore"], " x", True),
        Target("signing beside awscrt", 1, rates["Elenco"] / rates["awscrt"], " x", True),
    ]


_TARGETS: dict[str, Callable[[Figures], list[Target]]] = {
    "worker": _worker_targets, "start": _start_targets, "dispatcher": _dispatcher_targets, "signing": _signing_targets}


def _megabytes(size: float | None) -> str:
    return f"{size / MEGABYTE:,.1f} MiB" if size else ""


def _billed(billed: Figures, memory: int) -> str:
    if memory not in billed:
        return ""
    return f"{billed[memory]:,.0f}" if billed[memory] is not None else "does not fit"
