"""Exec to the first runtime request, and the first invocation: the bootstraps beside the least that is possible."""
import json
import statistics
import sys

from compile import static_c
from function import Started, start_once
from machine import DISPATCHER, PEERS, WORKER
from servers import Servers
from size import Size

# JSON in, JSON out and nothing else: both Lambdas read it as an event and refuse it in a sentence.
EVENT = {"run": "bench", "shard": 0, "unknown": True}
# Work with nothing to do: the worker's whole way over S3, the dispatcher's over a movies.csv of a few films.
SHARD = {"run": "bench", "shard": 0, "shards": 1, "films": []}
DRY_RUN = {"run": "bench", "dryRun": True}


def bench(servers: Servers, size: Size) -> dict[str, dict[str, float]]:
    """Medians in seconds, measured in turns."""
    (servers.folder / "few.csv").write_text("id|genero\ntt0000009|Romance\ntt0000574|Drama\n")
    servers.serve_movies(servers.folder / "few.csv")
    client = [sys.executable, "-m", "awslambdaric", "python_function.handler"]
    programs: dict[str, tuple[list, dict]] = {
        "static C": ([static_c("least")], EVENT),
        "dispatcher": ([DISPATCHER], EVENT),
        "worker": ([WORKER], EVENT),
        "Python, awslambdaric": (client, EVENT),
        "dispatcher, dry run": ([DISPATCHER], DRY_RUN),
        "worker, empty shard": ([WORKER], SHARD),
    }
    taken: dict[str, list[Started]] = {name: [] for name in programs}
    for _ in range(size.starts):
        for name, (command, event) in programs.items():
            extra = {"PYTHONPATH": str(PEERS), "PYTHONDONTWRITEBYTECODE": "", "_HANDLER": "python_function.handler"}
            taken[name].append(start_once(command, json.dumps(event).encode(), servers, extra))
    return {
        name: {
            "toFirstRequest": statistics.median(each.to_first_request for each in starts),
            "firstInvocation": statistics.median(each.first_invocation for each in starts),
        }
        for name, starts in taken.items()}
