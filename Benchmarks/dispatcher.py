"""The dispatcher beside its peers: the scan of movies.csv, and 60 plans written and 60 workers invoked."""
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

SHARDS = 60
SELECTED = 59_004
LIBRARIES = ("polars", "duckdb", "pandas")

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
        taken: dict[str, list[Figures]] = {}
        for _ in range(rounds):
            for who, figures in _scan(servers, path).items():
                taken.setdefault(who, []).append(figures)
        scans[name] = {who: _median(each) for who, each in taken.items()}
    return {"scan": scans, "dispatch": _dispatch(servers, files["1"], size)}


def _scan(servers: Servers, path: pathlib.Path) -> dict[str, Figures]:
    """Elenco reads the file over HTTP from S3; the others read it where it lies, on all cores."""
    servers.serve_movies(path)
    # Whoever comes first would else receive it in the small pieces that the disk gives.
    run_measured(["wc", "-l", path])
    dry = invoke(DISPATCHER, {"run": "bench", "dryRun": True}, servers)
    films = dry.answer["films"]
    scans = {"Elenco": _rate(path, dry.usage.wall, dry.usage.cpu, dry.usage.peak, films)}
    for library in LIBRARIES:
        said = run_peer("scan", {"library": library, "path": str(path)}, cores=ALL_CORES)
        if said["films"] != films:
            raise SystemExit(f"{library} selects {said['films']} films, and the dispatcher {films}")
        scans[library] = _rate(path, said["wall"], said["cpu"], said["peak"], films)
    # What of Elenco's time is receiving: the same file from the same server, thrown away.
    usage, _ = run_measured(["curl", "-sf", "-o", "/dev/null", f"{servers.aws}/lake/movies.csv"])
    scans["curl to nowhere"] = _rate(path, usage.wall, usage.cpu, 0, films)
    usage, _ = run_measured(["wc", "-l", path])
    scans["wc -l"] = _rate(path, usage.wall, usage.cpu, 0, films)
    return scans


def _rate(path: pathlib.Path, wall: float, cpu: float, peak: int, films: int) -> Figures:
    size = path.stat().st_size
    return {
        "bytes": size, "films": films, "wall": wall, "cpu": cpu, "peak": peak, "bytesPerCpuSecond": size / cpu}


def _dispatch(servers: Servers, path: pathlib.Path, size: Size) -> Figures:
    """From the trigger to the answer that all are invoked; its part behind the scan is the difference to a dry run."""
    servers.serve_movies(path)
    dry, wet, boto = [], [], []
    films = ids(SELECTED if size.csv_films == FILMS_MAX else size.csv_films // 4)
    for number in range(2 * size.rounds + 1):
        dry.append(invoke(DISPATCHER, {"run": f"dry{number}", "dryRun": True}, servers).usage.wall)
        run = invoke(DISPATCHER, {"run": f"wet{number}"}, servers)
        if run.answer["invoked"] != SHARDS:
            raise SystemExit(f"the dispatcher invoked {run.answer['invoked']} workers")
        wet.append(run.usage.wall)
        said = run_peer("dispatch_boto3", {"aws": servers.aws, "films": films})
        if said["invoked"] != SHARDS:
            raise SystemExit(f"boto3 invoked {said['invoked']} workers")
        boto.append(said["wall"])
    whole, scan = statistics.median(wet), statistics.median(dry)
    return {"whole": whole, "plansAndInvokes": whole - scan, "boto3PlansAndInvokes": statistics.median(boto)}


def _median(rounds: list[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
