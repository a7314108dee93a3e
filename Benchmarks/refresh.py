"""Compares a run that starts from an earlier one with a full run: requests, time and cost in virtual time, and CPU time.

The virtual runs are simulated by a Swift test that uses the real code of dispatcher and worker; only TMDB, S3, Lambda
and the clock are simulated. CPU time is that of a real worker with one shard.
"""
import hashlib
import json
import os
import statistics
import subprocess
from typing import Any

from films import FILMS, Films, ids
from function import invoke
from growth import price
from machine import OUT, ROOT, WORKER
from servers import Servers
from size import Size

SHARES = (0.001, 0.01, 0.03, 0.1)  # of the films that changed
GROWTH_SHARE = 0.03
FILMS_PER_FILE = 100
TEST = "RefreshCostTests"

Figures = dict[str, Any]


def bench(servers: Servers, size: Size) -> Figures:
    return {"virtual": _virtual(size), "cpu": _cpu(servers, size)}


def _virtual(size: Size) -> list[Figures]:
    """Simulates a full run and one that starts from it, for each share of changed films and number of films."""
    sizes = [(size.refresh_films, share) for share in SHARES]
    sizes += [(films, GROWTH_SHARE) for films in size.refresh_growth]
    table = OUT / "refresh-costs.jsonl"
    table.unlink(missing_ok=True)
    variables = {
        "ELENCO_COST_TABLE": str(table), "ELENCO_COST_SIZES": ",".join(f"{films}:{share}" for films, share in sizes)}
    test = subprocess.run(
        [ROOT / "infra/test", "--filter", TEST + "/table"], env={**os.environ, **variables}, cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if test.returncode != 0:
        raise SystemExit(f"the simulated runs failed:\n{test.stdout}")
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    for row in rows:
        for run in (row["full"], row["second"]):
            run["dollars"] = _dollars(run)
    return sorted(rows, key=lambda row: (row["films"], row["changed"]))


def _dollars(run: Figures) -> float:
    """Returns the price of the worker invocations at 128 MB, and of the S3 requests."""
    s3 = run["s3"]
    writes = sum(s3.get(operation, 0) for operation in ("put", "copy", "list"))
    reads = sum(s3.get(operation, 0) for operation in ("get", "head"))
    return price(run["billedSeconds"], run["invocations"], writes, reads)


def _cpu(servers: Servers, size: Size) -> Figures:
    """Measures one worker that fetches every film of a shard, and workers that keep most of them from data files."""
    films = ids(size.films)
    files = _base_files(servers, films)
    samples: dict[str, list[Figures]] = {}
    for _ in range(size.rounds):  # they take turns
        samples.setdefault("full run", []).append(_worker(servers, films, {}, len(films)))
        for share in SHARES:
            step = round(1 / share)
            changed = [index % step == step // 2 for index in range(len(films))]
            figures = _worker(servers, films, {"base": _base(servers.films, films, files, changed)}, sum(changed))
            samples.setdefault(f"{share:.1%} changed".replace("%", " %"), []).append(figures)
    return {
        name: {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        for name, rounds in samples.items()}


def _worker(servers: Servers, films: list[str], more: Figures, fetched: int) -> Figures:
    event = {"run": "bench", "shard": 0, "shards": 1, "requestsPerSecond": 0, "films": films, **more}
    invoked = invoke(WORKER, event, servers)
    written = sum(file["films"] for file in invoked.response["files"])
    expected = fetched if more else 2 * fetched
    if written != len(films) or invoked.response["requests"]["sent"] != expected:
        raise SystemExit(f"the worker wrote {written} of {len(films)} films: {invoked.response['requests']}")
    usage = invoked.usage
    return {"cpuPerFilm": usage.cpu / len(films), "seconds": usage.wall, "peak": usage.peak}


def _base_files(servers: Servers, films: list[str]) -> list[Figures]:
    """Writes the data files of an earlier run where the servers serve them, and returns their keys and hashes."""
    folder = servers.folder / "lake/base"
    folder.mkdir(parents=True, exist_ok=True)
    bodies = list(servers.films.credits.values())
    files = []
    for first in range(0, len(films), FILMS_PER_FILE):
        part = range(first, min(first + FILMS_PER_FILE, len(films)))
        content = b"{" + b",\n".join(b'"%s":%s' % (films[film].encode(), bodies[film % FILMS]) for film in part) + b"}\n"
        (folder / f"{first}.json").write_bytes(content)
        files.append({"key": f"base/{first}.json", "sha256": hashlib.sha256(content).hexdigest()})
    return files


def _base(films: Films, selected: list[str], files: list[Figures], changed: list[bool]) -> Figures:
    """Returns a plan's part about the run that it starts from."""
    numbers = list(films.credits)
    return {
        "run": "base", "files": files,
        "counts": {"kept": changed.count(False), "changed": changed.count(True)},
        "tmdbIDs": [numbers[film % FILMS] for film in range(len(selected))],
        "keptIn": [-1 if is_changed else film // FILMS_PER_FILE for film, is_changed in enumerate(changed)],
        "fetchedOn": [0 if is_changed else 20_000 for is_changed in changed]}
