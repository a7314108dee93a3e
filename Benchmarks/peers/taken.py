"""What a peer's work took, once its libraries are loaded: printed as a line of JSON for the bench."""
import contextlib
import json
import pathlib
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any


def job() -> dict[str, Any]:
    """What the bench asks for."""
    return json.load(sys.stdin)


@contextlib.contextmanager
def taken(**more: object) -> Iterator[dict[str, object]]:
    """Measures what happens inside: seconds, CPU seconds of this process and its children, peak bytes."""
    figures: dict[str, object] = dict(more)
    cpu, begin = _cpu(), time.perf_counter()
    yield figures
    figures["wall"] = time.perf_counter() - begin
    figures["cpu"] = _cpu() - cpu
    figures["peak"] = _peak()
    print(json.dumps(figures), flush=True)


def _cpu() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _peak() -> int:
    """From /proc, because getrusage counts what the parent had when it forked."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
