"""Runs the whole job on one machine with data files as JSON Lines, and times a query of DuckDB over the results."""
import contextlib
import json
import pathlib
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

from fan_out import local_cloud
from machine import ALL_CORES, ROOT, STANDIN
from movies import generated
from process import run_peer
from size import Size

COMPRESSIONS = {"none": "jsonl", "gzip": "jsonl.gz"}


def bench(folder: pathlib.Path, size: Size) -> dict[str, Any]:
    """Returns the size of the data files and the time of the query, for each compression."""
    movies = generated(size.query_films)
    figures = {}
    with local_cloud(folder / "query-cloud") as variables, _stand_in() as tmdb:
        for compression, ending in COMPRESSIONS.items():
            out = folder / f"out-{compression}"
            films = _run(variables, tmdb, movies, compression, out)
            files = sorted(out.rglob(f"Atores-T*.{ending}"))
            pattern = str(files[0].parent / f"*.{ending}")
            query = run_peer("duckdb_query", {"pattern": pattern, "rounds": size.rounds}, cores=ALL_CORES)
            figures[f"lines, {compression}"] = {
                "films": films, "files": len(files), "bytes": sum(file.stat().st_size for file in files), **query}
    return figures


@contextlib.contextmanager
def _stand_in() -> Iterator[str]:
    """Starts the TMDB stand-in, and yields its URL."""
    with subprocess.Popen([STANDIN, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[-1] if process.stdout else ""
        finally:
            process.terminate()


def _run(variables: dict[str, str], tmdb: str, movies: pathlib.Path, compression: str, out: pathlib.Path) -> int:
    """Deploys a stack, runs the job and copies the results to `out`. Returns the number of films in the data files."""
    stack = f"elenco-query-{compression}"

    def run(command: list[Any], text: str = "") -> str:
        result = subprocess.run(command, env=variables, input=text, text=True, capture_output=True)
        if result.returncode != 0:
            raise SystemExit(result.stderr)
        return result.stdout

    run([ROOT / "infra/deploy", stack, "elenco-artifacts", "RequestsPerSecond=0", f"TmdbBaseUrl={tmdb}", "Format=lines",
         f"Compression={compression}"])
    output = run([ROOT / ".venv/bin/python", ROOT / "infra/put-inputs", stack, movies], "none")
    names = dict(shlex.split(line)[0].split("=", 1) for line in output.splitlines())
    summary = run([ROOT / ".build/release/elenco", "run", "--function", names["dispatcher"], "--out", out, "--json"])
    return json.loads(summary)["filmsWritten"]
