"""The worker beside its peers: the same films from the same server, the same files to the same S3."""
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
CHECKS = "checks and hashes alone"
FILMS_OF_THE_JOB = 59_004
FULL_CORE_MEGABYTES = 1769  # Lambda gives one vCPU at so many, and fewer or more in proportion
MEMORIES = (128, 512)
# A part is a process of its own, and fewer of them cost less: as many as there are cores on most Lambdas.
LITHOPS = {"parts": 2, "processes": 2, "threads": 60}

Figures = dict[str, Any]


def bench(servers: Servers, folder: pathlib.Path, size: Size) -> Figures:
    fetch, checks = compile.static_c("least_fetch"), compile.loop("answers")
    latencies = {"at once": servers.tmdb, f"after {LATENCY_SECONDS * 1000:.0f} ms": servers.slow_tmdb}
    results: Figures = {}
    for latency, tmdb in latencies.items():
        urls = folder / "urls"
        urls.write_text("".join(f"{tmdb}{path}\n" for path in servers.films.paths))
        rounds = size.rounds if tmdb == servers.tmdb else 1
        taken: dict[str, list[Figures]] = {}
        for _ in range(rounds):
            for name, figures in _once(servers, folder, tmdb, urls, fetch, size).items():
                taken.setdefault(name, []).append(figures)
        results[latency] = {name: _median(each) for name, each in taken.items()}
    results["at once"][CHECKS] = _checks(checks, folder, size)
    slow = results[f"after {LATENCY_SECONDS * 1000:.0f} ms"]
    for name, figures in results["at once"].items():
        if "peak" in figures:
            figures["billed"] = {memory: _billed(slow[name], figures["peak"], memory) for memory in MEMORIES}
    return results


def _once(
    servers: Servers, folder: pathlib.Path, tmdb: str, urls: pathlib.Path, fetch: pathlib.Path, size: Size
) -> dict[str, Figures]:
    """Each of them once."""
    common = {"tmdb": tmdb, "aws": servers.aws, "certificate": str(servers.certificate), "python": sys.executable}
    slow = tmdb != servers.tmdb
    ours = size.films // 2 if slow else size.films
    requests = 2 * ours
    # The second for requests, which goes by it before what the program says.
    variables = {"TMPDIR": str(folder), "REQUESTS_CA_BUNDLE": str(servers.certificate)}
    return {
        "Elenco": _elenco(servers, tmdb, ours),
        "h2load": _limit(
            ["h2load", f"-n{requests}", "-c1", f"-m{IN_FLIGHT}", "-t1", "-i", urls, "-H", "Authorization: Bearer bench",
             "-H", "Accept: application/json"], ours),
        "libcurl in C": _limit([fetch, urls, servers.certificate, str(requests)], ours),
        "aiohttp, aiobotocore": _peer("tuned_aiohttp", {**common, "films": ids(ours // 2)}, variables),
        "job, connections kept": _peer("pooled_requests", {**common, "films": ids(ours // 4)}, variables),
        "job as it was": _peer("job_as_it_was", {**common, "films": ids(ours // 4)}, variables),
        "Lithops": _peer("lithops_map", {**common, **LITHOPS, "films": ids(ours // 4)}, variables),
    }


def _elenco(servers: Servers, tmdb: str, films: int) -> Figures:
    event = {"run": "bench", "shard": 0, "shards": 1, "requestsPerSecond": 0, "films": ids(films)}
    invoked = invoke(WORKER, event, servers, {"TMDB_BASE_URL": tmdb})
    written = sum(file["films"] for file in invoked.answer["files"])
    if written != films or invoked.answer["requests"]["sent"] != 2 * films:
        raise SystemExit(f"the worker wrote {written} films of {films}")
    return _figures(films, invoked.usage.wall, invoked.usage.cpu, invoked.usage.peak)


def _limit(command: list[str | os.PathLike[str]], films: int) -> Figures:
    usage, _ = run_measured(command)
    return _figures(films, usage.wall, usage.cpu, None)


def _checks(program: pathlib.Path, folder: pathlib.Path, size: Size) -> Figures:
    """What Elenco must do with the answers that h2load throws away; on one core, and without waiting."""
    said = [run_measured([program, folder, str(size.films)])[1] for _ in range(size.rounds)]
    seconds = statistics.median(float(each) for each in said) / 1e9
    return _figures(size.films, seconds * size.films, seconds * size.films, None)


def _peer(name: str, job: Figures, variables: dict[str, str]) -> Figures:
    said = run_peer(name, job, variables)
    if said["films"] != len(job["films"]):
        raise SystemExit(f"{name} wrote {said['films']} films of {len(job['films'])}")
    return _figures(said["films"], said["wall"], said["cpu"], said["peak"] + said.get("processesPeak", 0))


def _figures(films: int, wall: float, cpu: float, peak: int | None) -> Figures:
    figures: Figures = {"films": films, "filmsPerSecond": films / wall, "cpuPerFilm": cpu / films}
    return figures if peak is None else {**figures, "peak": peak}


def _median(rounds: list[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def _billed(slow: Figures, peak: float, memory: int) -> float | None:
    """GB-s for all films of the job at a Lambda's memory; nothing where that is less than the peak.

    At the latency, a film takes the longer of two: its time on the clock, which is mostly waiting, and its CPU time
    on the part of a core that Lambda gives.
    """
    if peak > memory * 2**20:
        return None
    seconds = max(1 / slow["filmsPerSecond"], slow["cpuPerFilm"] * FULL_CORE_MEGABYTES / memory)
    return FILMS_OF_THE_JOB * seconds * memory / 1024
