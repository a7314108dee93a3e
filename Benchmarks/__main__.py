"""Usage: .venv-bench/bin/python Benchmarks [--smoke] [worker|encodings|start|dispatcher|signing|fan-out|queries|growth|refresh]…

Measures Elenco and its peers on this machine, and prints the results as Markdown tables. Without a named part, it
runs all of them and writes every figure to .build/bench/results.json. If only some parts run, the file is
results-PART….json; with --smoke it is smoke.json. `make bench` builds what this program needs. Every server that it
starts listens on 127.0.0.1 and is stopped when this program ends, also on Ctrl-C.
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
import file_encodings
import fan_out
import growth
import machine
import plot
import queries
import refresh
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
    "encodings": lambda servers, _, scale: file_encodings.bench(servers, scale),
    "start": lambda servers, _, scale: start.bench(servers, scale),
    "dispatcher": lambda servers, _, scale: dispatcher.bench(servers, scale),
    "signing": lambda _servers, _, scale: signing.bench(scale),
    "fan-out": fan_out.bench,
    "queries": lambda _servers, folder, scale: queries.bench(folder, scale),
    "growth": lambda servers, _, scale: growth.bench(servers, scale),
    "refresh": lambda servers, _, scale: refresh.bench(servers, scale),
}


def main() -> None:
    arguments = sys.argv[1:]
    smoke = "--smoke" in arguments
    chosen = [each for each in arguments if each != "--smoke"] or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        sys.exit(f"unknown part: {', '.join(sorted(unknown))}\n\n{__doc__}")
    clear_user_settings()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception, so that `finally` stops the servers
    machine.OUT.mkdir(parents=True, exist_ok=True)
    results = measure(chosen, size.SMOKE if smoke else size.FULL)
    # One file per kind of run, so that figures of different runs never mix.
    name = "smoke" if smoke else "results" if set(chosen) == set(PARTS) else f"results-{'-'.join(sorted(chosen))}"
    (machine.OUT / f"{name}.json").write_text(json.dumps(results, indent=2) + "\n")
    if "growth" in chosen and not smoke:
        plot.draw(results["growth"], pathlib.Path(__file__).parent / "growth.svg")


def measure(chosen: list[str], scale: size.Size) -> dict[str, Any]:
    """Runs the chosen parts one after the other, prints each one's tables when it ends, and returns all figures."""
    results: dict[str, Any] = {"machine": machine.description()}
    print(", ".join(f"{name} {value}" for name, value in results["machine"].items()), end="\n\n", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="elenco-bench-"))
    servers = None
    try:
        servers = Servers(folder, Films())
        for name in chosen:
            begin = time.monotonic()
            results[name] = PARTS[name](servers, folder, scale)
            print(getattr(report, name.replace("-", "_"))(results[name]), end="\n\n", flush=True)
            print(f"({name}: {time.monotonic() - begin:.0f} s)", file=sys.stderr, flush=True)
    finally:
        if servers:
            servers.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(report.targets(results))
    return results


def clear_user_settings() -> None:
    """Removes the user's AWS, Elenco, TMDB, Lithops and proxy variables, so that they do not affect the figures."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "ELENCO_", "TMDB_", "LITHOPS_")) or name.lower().endswith("_proxy"):
            del os.environ[name]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
