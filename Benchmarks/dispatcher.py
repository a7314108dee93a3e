"""Compares the dispatcher with its peers: scanning its sources, and writing 60 plans and invoking 60 workers."""
import pathlib
import statistics
from typing import Any

from films import ids
from function import invoke
from machine import ALL_CORES, DISPATCHER
from movies import FILMS_MAX, generated, multiplied, repeated
from process import run_measured, run_peer
from servers import Servers
from size import Size
from titles import compressed, titles

SHARDS = 60
SELECTED = 59_004
LIBRARIES = ("polars", "duckdb", "pandas")
MOVIES = {"separator": "|", "id": "id", "genres": "genero", "type": ""}
TITLES = {"separator": "\t", "id": "tconst", "genres": "genres", "type": "titleType"}

Figures = dict[str, Any]


def bench(servers: Servers, size: Size) -> Figures:
    files = {
        "1": generated(size.csv_films),
        "10 times the rows": repeated(size.csv_films, 10),
        "10 times the films": multiplied(size.csv_films, 10),
    }
    scans: Figures = {}
    for name, path in files.items():
        rounds = size.rounds if name == "1" else 1
        samples: dict[str, list[Figures]] = {}
        for _ in range(rounds):
            for program, figures in _scan(servers, path).items():
                samples.setdefault(program, []).append(figures)
        scans[name] = {program: _median(each) for program, each in samples.items()}
    return {"scan": scans, "titles": _titles(servers, size), "dispatch": _dispatch(servers, files["1"], size)}


def _titles(servers: Servers, size: Size) -> dict[str, Figures]:
    """Scans a file like IMDb's title.basics.tsv, as it is and as gzip data. Rates are those of the text."""
    path, packed = titles(size.titles), compressed(size.titles)
    samples: dict[str, list[Figures]] = {}
    for _ in range(size.rounds):
        plain = _elenco(servers, path)
        rounds = {"Elenco": plain, "Elenco, gzip": _elenco(servers, packed, path.stat().st_size)}
        if rounds["Elenco, gzip"]["films"] != plain["films"]:
            raise SystemExit("the dispatcher selected other films from the compressed file")
        rounds["polars"] = _library("polars", path, TITLES, plain["films"])
        inflated = run_peer("inflate", {"path": str(packed)})
        rounds["zlib alone"] = _rate(
            inflated["bytes"], inflated["wall"], inflated["cpu"], inflated["peak"], plain["films"])
        for program, figures in rounds.items():
            samples.setdefault(program, []).append(figures)
    return {program: _median(each) for program, each in samples.items()}


def _elenco(servers: Servers, path: pathlib.Path, size: int | None = None) -> Figures:
    """Scans a file with the dispatcher. `size` is that of the text if the file is compressed."""
    servers.serve_movies(path)
    # Loads the file into the page cache. Otherwise the first program would receive it in the disk's small reads.
    run_measured(["wc", "-l", path])
    dry_run = invoke(DISPATCHER, {"run": "bench", "dryRun": True}, servers)
    usage = dry_run.usage
    return _rate(size or path.stat().st_size, usage.wall, usage.cpu, usage.peak, dry_run.response["films"])


def _library(library: str, path: pathlib.Path, columns: dict[str, str], films: int) -> Figures:
    """Scans a file with a library, and checks that it selects as many films as the dispatcher."""
    result = run_peer("scan", {"library": library, "path": str(path), **columns}, cores=ALL_CORES)
    if result["films"] != films:
        raise SystemExit(f"{library} selected {result['films']} films, but the dispatcher selected {films}")
    return _rate(path.stat().st_size, result["wall"], result["cpu"], result["peak"], films)


def _scan(servers: Servers, path: pathlib.Path) -> dict[str, Figures]:
    """Scans one file with each program.

    Elenco reads it from S3 over HTTP, on one core. The libraries read it from disk, on all cores.
    """
    size = path.stat().st_size
    scans = {"Elenco": _elenco(servers, path)}
    films = scans["Elenco"]["films"]
    for library in LIBRARIES:
        scans[library] = _library(library, path, MOVIES, films)
    # How much of Elenco's time is the download: the same file from the same server, discarded.
    usage, _ = run_measured(["curl", "-sf", "-o", "/dev/null", f"{servers.aws}/lake/movies.csv"])
    scans["curl, output discarded"] = _rate(size, usage.wall, usage.cpu, 0, films)
    usage, _ = run_measured(["wc", "-l", path])
    scans["wc -l"] = _rate(size, usage.wall, usage.cpu, 0, films)
    return scans


def _rate(size: int, wall: float, cpu: float, peak: int, films: int) -> Figures:
    return {
        "bytes": size, "films": films, "wall": wall, "cpu": cpu, "peak": peak, "bytesPerCpuSecond": size / cpu}


def _dispatch(servers: Servers, path: pathlib.Path, size: Size) -> Figures:
    """Times the dispatcher from the event to its response, when every worker is invoked.

    The time for plans and Invokes alone is that of a full run minus that of a dry run, which only scans.
    """
    servers.serve_movies(path)
    dry_runs, full_runs, boto3_runs = [], [], []
    films = ids(SELECTED if size.csv_films == FILMS_MAX else size.csv_films // 4)
    for number in range(2 * size.rounds + 1):
        dry_runs.append(invoke(DISPATCHER, {"run": f"dry{number}", "dryRun": True}, servers).usage.wall)
        full_run = invoke(DISPATCHER, {"run": f"full{number}"}, servers)
        if full_run.response["invoked"] != SHARDS:
            raise SystemExit(f"the dispatcher invoked {full_run.response['invoked']} workers instead of {SHARDS}")
        full_runs.append(full_run.usage.wall)
        result = run_peer("dispatch_boto3", {"aws": servers.aws, "films": films})
        if result["invoked"] != SHARDS:
            raise SystemExit(f"boto3 invoked {result['invoked']} workers instead of {SHARDS}")
        boto3_runs.append(result["wall"])
    whole, scan = statistics.median(full_runs), statistics.median(dry_runs)
    return {"whole": whole, "plansAndInvokes": whole - scan, "boto3PlansAndInvokes": statistics.median(boto3_runs)}


def _median(rounds: list[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
