"""Formats the figures as Markdown tables, and compares them with the performance targets."""
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Figures = dict[str, Any]
MEGABYTE = 2**20


class Target(NamedTuple):
    """A performance target: a ratio or a figure, its goal, and whether more or less is better."""

    name: str
    goal: float
    measured: float
    unit: str
    more_is_better: bool

    @property
    def is_met(self) -> bool:
        return self.measured >= self.goal if self.more_is_better else self.measured <= self.goal


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table that is also aligned in a terminal. Columns after the first are right-aligned."""
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (cell.ljust(width) if not column else cell.rjust(width)
                          for column, (cell, width) in enumerate(zip(cells, widths, strict=True)))
        return "| " + " | ".join([first, *others]) + " |"

    rule = "|" + "|".join("-" * (width + 2) if not column else "-" * (width + 1) + ":"
                          for column, width in enumerate(widths)) + "|"
    return "\n".join([line(heads), rule, *map(line, rows)])


def worker(figures: Figures) -> str:
    heads = [
        "worker", "CPU per film", "films/s, no latency", "films/s, 50 ms latency", "peak memory", "GB-s at 128 MB",
        "GB-s at 512 MB"]
    fast, slow = figures["no latency"], figures["50 ms latency"]
    rows = []
    for name, each in fast.items():
        billed = each.get("billed", {})
        rows.append([
            name, f"{each['cpuPerFilm'] * 1e6:,.0f} µs", f"{each['filmsPerSecond']:,.0f}",
            f"{slow[name]['filmsPerSecond']:,.0f}" if name in slow else "", _megabytes(each.get("peak")),
            *(_billed(billed, memory) for memory in (128, 512))])
    return table(heads, rows)


def encodings(figures: Figures) -> str:
    rows = [
        [name, f"{each['bytesPerFilm']:,.0f}", f"{each['cpuPerFilm'] * 1e6:,.0f} µs",
         f"{each['filmsPerSecond']:,.0f}", _megabytes(each["peak"])] for name, each in figures["encodings"].items()]
    levels = [
        [level, f"{each['bytesPerFilm']:,.0f}", f"{each['ratio'] * 100:.1f} %", f"{each['cpuPerFilm'] * 1e6:,.0f} µs"]
        for level, each in figures["levels"].items()]
    return "\n\n".join([
        table(["format, compression", "bytes per film", "CPU per film", "films/s", "peak memory"], rows),
        table(["gzip level", "bytes per film", "of the uncompressed size", "CPU per film"], levels)])


def start(figures: Figures) -> str:
    rows = [
        [name, f"{each['toFirstRequest'] * 1e3:.2f} ms", f"{each['firstInvocation'] * 1e3:.2f} ms"]
        for name, each in figures.items()]
    return table(["start", "exec to first request", "first invocation"], rows)


def dispatcher(figures: Figures) -> str:
    suffixes = {"1": "", "10 times the rows": ", 10 × rows", "10 times the films": ", 10 × films"}
    rows = [
        _scan(name + suffixes[file], each) for file, scans in figures["scan"].items() for name, each in scans.items()]
    rows += [_scan(f"{name}, title.basics.tsv", each) for name, each in figures["titles"].items()]
    dispatch = figures["dispatch"]
    second = [
        ["Elenco, including the scan", f"{dispatch['whole'] * 1e3:,.0f} ms"],
        ["Elenco, plans and Invokes only", f"{dispatch['plansAndInvokes'] * 1e3:,.0f} ms"],
        ["boto3, 60 threads, plans and Invokes only", f"{dispatch['boto3PlansAndInvokes'] * 1e3:,.0f} ms"]]
    heads = ["scan of movies.csv and title.basics.tsv", "text size", "time", "CPU time", "rate per core", "peak memory"]
    return (table(heads, rows) + "\n\n"
            + table(["from the event to the 60th accepted Invoke", "time"], second))


def _scan(name: str, figures: Figures) -> list[str]:
    return [
        name, f"{figures['bytes'] / 1e6:,.0f} MB", f"{figures['wall']:.2f} s", f"{figures['cpu']:.2f} s",
        f"{figures['bytesPerCpuSecond'] / 1e9:.2f} GB/s", _megabytes(figures["peak"] or None)]


def signing(figures: Figures) -> str:
    return table(["signing", "signatures/s"], [[name, f"{rate:,.0f}"] for name, rate in figures.items()])


def fan_out(figures: Figures) -> str:
    rows = [
        [name, f"{each['films']:,}", f"{each['started']:.2f} s", f"{each['finished']:.2f} s"]
        for name, each in figures.items()]
    return table(["60 workers, one machine", "films", "all workers started", "run complete"], rows)


def queries(figures: Figures) -> str:
    rows = [
        [name, f"{each['films']:,}", f"{each['files']:,}", f"{each['bytes'] / 1e6:,.0f} MB",
         f"{each['bytes'] / each['films']:,.0f}", f"{each['people']:,}", f"{each['seconds']:.2f} s",
         f"{each['cpu']:.2f} s"]
        for name, each in figures.items()]
    return table(
        ["format, compression", "films", "files", "size", "bytes per film", "people counted", "DuckDB's time", "CPU time"],
        rows)


def growth(figures: Figures) -> str:
    films = [
        [f"{row['films']:,}", f"{row['seconds']:.2f} s", _megabytes(row["dispatcherPeak"]),
         _megabytes(row["workerPeak"]), f"{row['s3']:,}", f"${row['dollars']:.4f}"] for row in figures["byFilms"]]
    shards = [
        [f"{row['shards']:,}", f"{row['seconds']:.2f} s", _megabytes(row["dispatcherPeak"]), f"{row['s3']:,}",
         f"${row['dollars']:.5f}"] for row in figures["byShards"]]
    slopes = [[name, f"{value:.2f}"] for name, value in figures["slopes"].items()]
    return "\n\n".join([
        table(["films", "time", "dispatcher's peak memory", "worker's peak memory", "S3 requests", "cost"], films),
        table(["shards", "dispatch time", "dispatcher's peak memory", "S3 requests", "cost"], shards),
        table(["growth", "log-log slope"], slopes)])


def refresh(figures: Figures) -> str:
    rows = []
    for row in figures["virtual"]:
        full, second = row["full"], row["second"]
        rows.append([
            f"{row['films']:,}", f"{row['changed'] * 100:g} %", f"{full['requests']:,.0f}", f"{second['requests']:,.0f}",
            f"{second['requests'] / full['requests'] * 100:.1f} %", _minutes(full["seconds"]),
            _minutes(second["seconds"]), f"{sum(full['s3'].values()):,}", f"{sum(second['s3'].values()):,}",
            f"${full['dollars']:.4f}", f"${second['dollars']:.4f}"])
    cpu = [
        [name, f"{each['cpuPerFilm'] * 1e6:,.0f} µs", f"{each['seconds']:.2f} s", _megabytes(each["peak"])]
        for name, each in figures["cpu"].items()]
    return "\n\n".join([
        table(["films", "changed", "requests, full run", "second run", "share", "time, full run", "second run",
               "S3 requests, full run", "second run", "cost, full run", "second run"], rows),
        table(["worker's shard", "CPU per film", "time", "peak memory"], cpu)])


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:,.1f} min"


def targets(results: Figures) -> str:
    """Returns a table of the targets that belong to the measured parts."""
    found = [target for part, make in _TARGETS.items() if part in results for target in make(results[part])]
    rows = [
        [each.name, f"{'≥' if each.more_is_better else '≤'} {each.goal:g}{each.unit}",
         f"{each.measured:.3g}{each.unit}", "met" if each.is_met else "missed"] for each in found]
    return table(["metric", "target", "measured", "result"], rows)


def _worker_targets(figures: Figures) -> list[Target]:
    each = figures["no latency"]
    ours, cpu = each["Elenco"], {name: one["cpuPerFilm"] for name, one in each.items()}
    return [
        Target("CPU per film, relative to h2load", 1.5, cpu["Elenco"] / cpu["h2load"], " x", False),
        Target("CPU per film, original job relative to Elenco", 30, cpu["original job"] / cpu["Elenco"], " x", True),
        Target("CPU per film, aiohttp relative to Elenco", 4, cpu["aiohttp, aiobotocore"] / cpu["Elenco"], " x", True),
        Target("films per second, relative to h2load", 0.7,
               ours["filmsPerSecond"] / each["h2load"]["filmsPerSecond"], " x", True),
        Target("worker's peak memory, 64 films in flight", 20, ours["peak"] / MEGABYTE, " MiB", False),
    ]


def _start_targets(figures: Figures) -> list[Target]:
    static_c = figures["static C"]["toFirstRequest"]
    slowest = max(figures[name]["toFirstRequest"] for name in ("dispatcher", "worker"))
    first = max(figures[name]["firstInvocation"] for name in ("dispatcher", "worker"))
    return [
        Target("exec to first request, relative to static C", 1.5, slowest / static_c, " x", False),
        Target("first invocation, JSON in and out", 3, first * 1e3, " ms", False),
    ]


def _dispatcher_targets(figures: Figures) -> list[Target]:
    scans, dispatch = figures["scan"]["1"], figures["dispatch"]
    ours, download = scans["Elenco"]["bytesPerCpuSecond"], scans["curl, output discarded"]["bytesPerCpuSecond"]
    seconds_per_byte = 1 / ours - 1 / download
    scan_only = 1 / seconds_per_byte if seconds_per_byte > 0 else math.inf  # the file is too small to tell them apart
    rows = figures["scan"]["10 times the rows"]["Elenco"]["peak"]
    peak, titles = scans["Elenco"]["peak"], figures["titles"]
    return [
        Target("scan rate per core, including the download", 1, ours / 1e9, " GB/s", True),
        Target("scan rate per core, without curl's CPU time for the download", 1, scan_only / 1e9, " GB/s", True),
        Target("scan rate per core, relative to polars", 2, ours / scans["polars"]["bytesPerCpuSecond"], " x", True),
        Target("scan rate per core, relative to duckdb", 2, ours / scans["duckdb"]["bytesPerCpuSecond"], " x", True),
        Target("peak memory for 10 times the rows, relative to the original file", 1.1, rows / peak, " x", False),
        Target("title.basics.tsv, scan rate per core, including the download", 1,
               titles["Elenco"]["bytesPerCpuSecond"] / 1e9, " GB/s", True),
        Target("title.basics.tsv.gz, CPU time relative to zlib alone", 1.3,
               titles["Elenco, gzip"]["cpu"] / titles["zlib alone"]["cpu"], " x", False),
        Target("60 plans and 60 Invokes, boto3's time relative to Elenco", 5,
               dispatch["boto3PlansAndInvokes"] / dispatch["plansAndInvokes"], " x", True),
    ]


def _signing_targets(rates: Figures) -> list[Target]:
    return [
        Target("signatures per second, relative to botocore", 50, rates["Elenco"] / rates["botocore"], " x", True),
        Target("signatures per second, relative to awscrt", 1, rates["Elenco"] / rates["awscrt"], " x", True),
    ]


_TARGETS: dict[str, Callable[[Figures], list[Target]]] = {
    "worker": _worker_targets, "start": _start_targets, "dispatcher": _dispatcher_targets, "signing": _signing_targets}


def _megabytes(size: float | None) -> str:
    return f"{size / MEGABYTE:,.1f} MiB" if size else ""


def _billed(billed: Figures, memory: int) -> str:
    if memory not in billed:
        return ""
    return f"{billed[memory]:,.0f}" if billed[memory] is not None else "does not fit"
