"""Measures how time, memory, S3 requests and cost grow with the number of films and of shards."""
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from films import ids
from function import Invoked, invoke
from machine import DISPATCHER, WORKER
from movies import FILMS_MAX, generated, multiplied
from servers import Servers
from size import Size

SHARDS = 60
FILMS_PER_SHARD_MAX = 60_000
MEMORY_MEGABYTES = 128
FULL_CORE_MEGABYTES = 1769  # Lambda gives a function of this size one vCPU, and other sizes a proportional share
# us-east-1, x86_64, in dollars.
GB_SECOND, LAMBDA_REQUEST = 0.0000166667, 0.20 / 1_000_000
S3_WRITE, S3_READ = 0.005 / 1000, 0.0004 / 1000

Figures = dict[str, Any]


def bench(servers: Servers, size: Size) -> Figures:
    by_films = [_films(servers, films) for films in size.growth_films]
    by_shards = [_shards(servers, shards, size) for shards in size.growth_shards]
    return {
        "byFilms": by_films, "byShards": by_shards,
        "slopes": {
            "time over films": slope(_pairs(by_films, "films", "seconds")),
            "dispatcher memory over films": slope(_pairs(by_films, "films", "dispatcherPeak")),
            "worker memory over films": slope(_pairs(by_films, "films", "workerPeak")),
            "S3 requests over films": slope(_pairs(by_films, "films", "s3")),
            "cost over films": slope(_pairs(by_films, "films", "dollars")),
            "dispatch time over shards": slope(_pairs(by_shards, "shards", "seconds")),
            "S3 requests over shards": slope(_pairs(by_shards, "shards", "s3")),
        },
    }


def slope(points: Iterable[tuple[float, float]]) -> float:
    """Returns the slope of the least-squares line through the points on log-log axes.

    1 means proportional growth, 0 means no growth.
    """
    logs = [(math.log10(x), math.log10(y)) for x, y in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def _films(servers: Servers, films: int) -> Figures:
    """Dispatches a run of this many films, then fetches them with one worker invocation at a time."""
    dispatched, calls = _dispatch(servers, films, SHARDS)
    shards = -(-films // FILMS_PER_SHARD_MAX)
    size = -(-films // shards)
    workers = []
    for shard in range(shards):
        part = ids(min(size, films - shard * size))
        event = {"run": "bench", "shard": shard, "shards": shards, "requestsPerSecond": 0, "films": part}
        workers.append(invoke(WORKER, event, servers))
    calls += servers.drain_calls()
    seconds = dispatched.usage.wall + sum(worker.usage.wall for worker in workers)
    return {
        "films": films, "seconds": seconds, "dispatcherSeconds": dispatched.usage.wall,
        "dispatcherPeak": dispatched.usage.peak, "workerPeak": max(worker.usage.peak for worker in workers),
        "s3": _s3(calls), "dollars": _dollars([dispatched, *workers], calls)}


def _shards(servers: Servers, shards: int, size: Size) -> Figures:
    """Dispatches the job's films to this many shards."""
    dispatched, calls = _dispatch(servers, 10_000 if size.csv_films < FILMS_MAX else 59_004, shards)
    return {
        "shards": shards, "seconds": dispatched.usage.wall, "dispatcherPeak": dispatched.usage.peak,
        "s3": _s3(calls), "dollars": _dollars([dispatched], calls)}


def _dispatch(servers: Servers, films: int, shards: int) -> tuple[Invoked, Counter[str]]:
    selected = 59_004  # of the FILMS_MAX films in the generated file
    times = -(-films // selected)
    whole = math.ceil(films / times * FILMS_MAX / selected)
    servers.serve_movies(multiplied(whole, times) if times > 1 else generated(whole))
    servers.drain_calls()
    dispatched = invoke(DISPATCHER, {"run": "bench", "shards": shards}, servers)
    return dispatched, servers.drain_calls()


def _s3(calls: Counter[str]) -> int:
    return calls.total() - calls["INVOKE"]


def _dollars(functions: Sequence[Invoked], calls: Counter[str]) -> float:
    """Returns the price of the S3 requests and of Lambda at 128 MB.

    A function of 128 MB has only a share of a vCPU. Its CPU time is therefore scaled up to that share, and the longer
    of this and the wall-clock time is billed.
    """
    seconds = sum(
        max(each.usage.wall, each.usage.cpu * FULL_CORE_MEGABYTES / MEMORY_MEGABYTES) for each in functions)
    writes = calls["PUT"] + calls["LIST"]
    return price(seconds, 1 + calls["INVOKE"], writes, _s3(calls) - writes)


def price(seconds: float, invocations: int, writes: int, reads: int) -> float:
    """Returns the price of billed seconds of Lambda at 128 MB, of its invocations, and of S3 requests."""
    lambda_cost = seconds * MEMORY_MEGABYTES / 1024 * GB_SECOND + invocations * LAMBDA_REQUEST
    return lambda_cost + writes * S3_WRITE + reads * S3_READ


def _pairs(rows: Sequence[Figures], x: str, y: str) -> list[tuple[float, float]]:
    return [(row[x], row[y]) for row in rows]
