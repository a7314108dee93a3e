"""Reads a peer's job, measures its work after the libraries are loaded, and prints the figures as a line of JSON."""
import contextlib
import json
import pathlib
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any


def read_job() -> dict[str, Any]:
    """Reads the job that process.run_peer sends, from standard input."""
    return json.load(sys.stdin)


@contextlib.contextmanager
def measured(**more: object) -> Iterator[dict[str, object]]:
    """Measures the body: wall-clock seconds, CPU seconds of this process and its children, and its peak bytes.

    Yields the dictionary that is printed at the end, to which the body adds its own figures.
    """
    figures: dict[str, object] = dict(more)
    cpu, begin = _cpu(), time.perf_counter()
    yield figures
    figures["wall"] = time.perf_counter() - begin
    figures["cpu"] = _cpu() - cpu
    figures["peak"] = _peak()
    print(json.dumps(figures), flush=True)


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak() -> int:
    """Returns the peak resident size.

    Read from /proc, because getrusage also counts the parent's memory at the time of the fork.
    """
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
