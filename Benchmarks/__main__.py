"""Usage: .venv-bench/bin/python Benchmarks [--smoke] [worker|start|dispatcher|signing|fan-out|growth]…

Measures Elenco beside its peers on this machine, all parts where none is named: prints the tables of the
README's performance section, and leaves every figure in .build/bench/results.json. `make bench` builds what it
needs. Parts that are run alone have a file of their own beside it. Everything that it starts listens on 127.0.0.1, and ends with it, on Ctrl-C too.
"""
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import dispatcher
import fan_out
import growth
import machine
import plot
import report
import signing
import size
import start
import worker
from films import Films
from servers import Servers

Part = Callable[[Servers, pathlib.Path, size.Size], dict[str, Any]]

PARTS: dict[str, Part] = {
    "worker": worker.bench,
    "start": lambda servers, _, amount: start.bench(servers, amount),
    "dispatcher": lambda servers, _, amount: dispatcher.bench(servers, amount),
    "signing": lambda _servers, _, amount: signing.bench(amount),
    "fan-out": fan_out.bench,
    "growth": lambda servers, _, amount: growth.bench(servers, amount),
}


def main() -> None:
    arguments = sys.argv[1:]
    smoke = "--smoke" in arguments
    chosen = [each for each in arguments if each != "--smoke"] or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}\n\n{__doc__}")
    forget_settings()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    machine.OUT.mkdir(parents=True, exist_ok=True)
    results = measure(chosen, size.SMOKE if smoke else size.FULL)
    # A file is of one run: parts that were run alone do not get among the figures of others.
    name = "smoke" if smoke else "results" if set(chosen) == set(PARTS) else f"results-{'-'.join(sorted(chosen))}"
    (machine.OUT / f"{name}.json").write_text(json.dumps(results, indent=2) + "\n")
    if "growth" in chosen and not smoke:
        plot.draw(results["growth"], pathlib.Path(__file__).parent / "growth.svg")


def measure(chosen: list[str], amount: size.Size) -> dict[str, Any]:
    """Runs the parts one after the other, and prints each one's table when it is done."""
    results: dict[str, Any] = {"machine": machine.description()}
    print(", ".join(f"{name} {value}" for name, value in results["machine"].items()), end="\n\n", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="elenco-bench-"))
    servers = None
    try:
        servers = Servers(folder, Films())
        for name in chosen:
            begin = time.monotonic()
            results[name] = PARTS[name](servers, folder, amount)
            print(getattr(report, name.replace("-", "_"))(results[name]), end="\n\n", flush=True)
            print(f"({name}: {time.monotonic() - begin:.0f} s)", file=sys.stderr, flush=True)
    finally:
        if servers:
            servers.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(report.targets(results))
    return results


def forget_settings() -> None:
    """Leaves what its user has set up for AWS and the network out of the measurement."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "ELENCO_", "TMDB_", "LITHOPS_")) or name.lower().endswith("_proxy"):
            del os.environ[name]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
