"""Measures signatures per second of Elenco's signer, botocore and awscrt."""
import statistics

import compile
from process import run_measured, run_peer
from size import Size


def bench(size: Size) -> dict[str, float]:
    program = compile.loop("signing")
    rates: dict[str, list[float]] = {"Elenco": [], "botocore": [], "awscrt": []}
    for _ in range(size.rounds):
        _, output = run_measured([program, str(size.signatures)])
        rates["Elenco"].append(1e9 / float(output))
        for library in ("botocore", "awscrt"):
            figures = run_peer("sign", {"library": library, "count": size.signatures // 20})
            rates[library].append(figures["count"] / figures["wall"])
    return {name: statistics.median(each) for name, each in rates.items()}
