"""Compares the worker with its peers: the same films from the same server, the same files to the same S3."""
import os
import pathlib
import statistics
import sys
from typing import Any

import compile
from films import ids
from function import invoke
from machine import WORKER
from process import run_measured, run_peer
from servers import LATENCY_SECONDS, Servers
from size import Size

IN_FLIGHT = 64
CHECKS = "JSON checks and hashes only"
JOB_FILMS = 59_004
FULL_CORE_MEGABYTES = 1769  # Lambda gives a function of this size one vCPU, and other sizes a proportional share
MEMORIES = (128, 512)
# Each part is a process, and fewer processes cost less. Two is the number of vCPUs of most Lambda functions.
LITHOPS = {"parts": 2, "processes": 2, "threads": 60}

Figures = dict[str, Any]


def bench(servers: Servers, folder: pathlib.Path, size: Size) -> Figures:
    fetch, checks = compile.static_c("minimal_fetch"), compile.loop("response-checks")
    latencies = {"no latency": servers.tmdb, f"{LATENCY_SECONDS * 1000:.0f} ms latency": servers.slow_tmdb}
    results: Figures = {}
    for latency, tmdb in latencies.items():
        urls = folder / "urls"
        urls.write_text("".join(f"{tmdb}{path}\n" for path in servers.films.paths))
        rounds = size.rounds if tmdb == servers.tmdb else 1
        samples: dict[str, list[Figures]] = {}
        for _ in range(rounds):
            for name, figures in _once(servers, folder, tmdb, urls, fetch, size).items():
                samples.setdefault(name, []).append(figures)
        results[latency] = {name: _median(each) for name, each in samples.items()}
    results["no latency"][CHECKS] = _checks(checks, folder, size)
    slow = results[f"{LATENCY_SECONDS * 1000:.0f} ms latency"]
    for name, figures in results["no latency"].items():
        if "peak" in figures:
            figures["billed"] = {memory: _billed(slow[name], figures["peak"], memory) for memory in MEMORIES}
    return results


def _once(
    servers: Servers, folder: pathlib.Path, tmdb: str, urls: pathlib.Path, fetch: pathlib.Path, size: Size
) -> dict[str, Figures]:
    """Runs each program once. Slower programs and the slow server get fewer films."""
    common = {"tmdb": tmdb, "aws": servers.aws, "certificate": str(servers.certificate), "python": sys.executable}
    slow = tmdb != servers.tmdb
    ours = size.films // 2 if slow else size.films
    requests = 2 * ours
    # requests prefers REQUESTS_CA_BUNDLE to a session's own certificate, so the user's value must not get through.
    variables = {"TMPDIR": str(folder), "REQUESTS_CA_BUNDLE": str(servers.certificate)}
    return {
        "Elenco": _elenco(servers, tmdb, ours),
        "h2load": _fetch_only(
            ["h2load", f"-n{requests}", "-c1", f"-m{IN_FLIGHT}", "-t1", "-i", urls, "-H", "Authorization: Bearer bench",
             "-H", "Accept: application/json"], ours),
        "libcurl in C": _fetch_only([fetch, urls, servers.certificate, str(requests)], ours),
        "aiohttp, aiobotocore": _peer("tuned_aiohttp", {**common, "films": ids(ours // 2)}, variables),
        "original job, keep-alive": _peer("original_job_keep_alive", {**common, "films": ids(ours // 4)}, variables),
        "original job": _peer("original_job", {**common, "films": ids(ours // 4)}, variables),
        "Lithops": _peer("lithops_map", {**common, **LITHOPS, "films": ids(ours // 4)}, variables),
    }


def _elenco(servers: Servers, tmdb: str, films: int) -> Figures:
    event = {"run": "bench", "shard": 0, "shards": 1, "requestsPerSecond": 0, "films": ids(films)}
    invoked = invoke(WORKER, event, servers, {"TMDB_BASE_URL": tmdb})
    written = sum(file["films"] for file in invoked.response["files"])
    sent = invoked.response["requests"]["sent"]
    if written != films or sent != 2 * films:
        raise SystemExit(f"the worker wrote {written} of {films} films, with {sent} requests instead of {2 * films}")
    return _figures(films, invoked.usage.wall, invoked.usage.cpu, invoked.usage.peak)


def _fetch_only(command: list[str | os.PathLike[str]], films: int) -> Figures:
    usage, _ = run_measured(command)
    return _figures(films, usage.wall, usage.cpu, None)


def _checks(program: pathlib.Path, folder: pathlib.Path, size: Size) -> Figures:
    """Measures the JSON checks and hashes that the worker does and the fetch-only programs skip, on one core."""
    outputs = [run_measured([program, folder, str(size.films)])[1] for _ in range(size.rounds)]
    seconds = statistics.median(float(each) for each in outputs) / 1e9
    return _figures(size.films, seconds * size.films, seconds * size.films, None)


def _peer(name: str, job: Figures, variables: dict[str, str]) -> Figures:
    result = run_peer(name, job, variables)
    if result["films"] != len(job["films"]):
        raise SystemExit(f"{name} wrote {result['films']} of {len(job['films'])} films")
    return _figures(
        result["films"], result["wall"], result["cpu"], result["peak"] + result.get("processesPeak", 0))


def _figures(films: int, wall: float, cpu: float, peak: int | None) -> Figures:
    figures: Figures = {"films": films, "filmsPerSecond": films / wall, "cpuPerFilm": cpu / films}
    return figures if peak is None else {**figures, "peak": peak}


def _median(rounds: list[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def _billed(slow: Figures, peak: float, memory: int) -> float | None:
    """Returns the GB-s that Lambda bills for all of the job's films at a memory size in MB.

    Returns None if the measured peak does not fit into that memory. A film takes the longer of its wall-clock time at
    50 ms latency, which is mostly waiting, and its CPU time on the share of a vCPU that Lambda gives this memory size.
    """
    if peak > memory * 2**20:
        return None
    seconds = max(1 / slow["filmsPerSecond"], slow["cpuPerFilm"] * FULL_CORE_MEGABYTES / memory)
    return JOB_FILMS * seconds * memory / 1024
