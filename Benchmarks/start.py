"""Times the start of each program until its first runtime request, and its first invocation.

The two Lambdas are compared with a minimal static C program and with AWS's Python runtime client.
"""
import json
import statistics
import sys

from compile import static_c
from function import Started, start_once
from machine import DISPATCHER, PEERS, WORKER
from servers import Servers
from size import Size

# JSON in, JSON out and no other work: both Lambdas parse this event and reject it because of the unknown field.
EVENT = {"run": "bench", "shard": 0, "unknown": True}
# Minimal valid work: the worker makes all its S3 requests for an empty shard, and the dispatcher scans two films.
SHARD = {"run": "bench", "shard": 0, "shards": 1, "films": []}
DRY_RUN = {"run": "bench", "dryRun": True}


def bench(servers: Servers, size: Size) -> dict[str, dict[str, float]]:
    """Returns medians in seconds. The programs take turns."""
    (servers.folder / "few.csv").write_text("id|genero\ntt0000009|Romance\ntt0000574|Drama\n")
    servers.serve_movies(servers.folder / "few.csv")
    client = [sys.executable, "-m", "awslambdaric", "python_function.handler"]
    programs: dict[str, tuple[list, dict]] = {
        "static C": ([static_c("minimal")], EVENT),
        "dispatcher": ([DISPATCHER], EVENT),
        "worker": ([WORKER], EVENT),
        "Python, awslambdaric": (client, EVENT),
        "dispatcher, dry run": ([DISPATCHER], DRY_RUN),
        "worker, empty shard": ([WORKER], SHARD),
    }
    samples: dict[str, list[Started]] = {name: [] for name in programs}
    for _ in range(size.starts):
        for name, (command, event) in programs.items():
            extra = {"PYTHONPATH": str(PEERS), "PYTHONDONTWRITEBYTECODE": "", "_HANDLER": "python_function.handler"}
            samples[name].append(start_once(command, json.dumps(event).encode(), servers, extra))
    return {
        name: {
            "toFirstRequest": statistics.median(each.to_first_request for each in starts),
            "firstInvocation": statistics.median(each.first_invocation for each in starts),
        }
        for name, starts in samples.items()}
