"""Runs one of the two Lambdas, or a peer that speaks the Runtime API, for an event."""
import os
import time
from collections.abc import Sequence
from typing import NamedTuple

from machine import CLIENT_CORE
from process import Usage, end, peak_bytes, start
from runtime import RuntimeAPI
from servers import Servers


class Invoked(NamedTuple):
    """A function's answer and what the whole process took from exec to there."""

    answer: dict
    usage: Usage


class Started(NamedTuple):
    """Seconds from exec to the first runtime request, and those of the first invocation."""

    to_first_request: float
    first_invocation: float


def environment(runtime: RuntimeAPI, servers: Servers) -> dict[str, str]:
    """What Lambda and the template give the two functions."""
    return {
        "AWS_LAMBDA_RUNTIME_API": runtime.address, "AWS_LAMBDA_LOG_LEVEL": "ERROR", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIABENCH", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_ENDPOINT_URL": servers.aws,
        "ELENCO_BUCKET": "lake", "ELENCO_PREFIX": "p", "ELENCO_SOURCE_KEY": "movies.csv",
        "ELENCO_WORKER_FUNCTION": "worker", "TMDB_TOKEN": "bench", "TMDB_BASE_URL": servers.tmdb,
        "SSL_CERT_FILE": str(servers.certificate), "PATH": os.environ["PATH"],
    }


def invoke(
    program: os.PathLike[str], event: dict, servers: Servers, extra: dict[str, str] | None = None
) -> Invoked:
    """Starts a function, hands it one event and ends it when it has answered."""
    with RuntimeAPI() as runtime:
        pid = start([program], {**environment(runtime, servers), **(extra or {})}, CLIENT_CORE)
        peak, cpu = 0, 0.0
        try:
            answer, seconds = runtime.invoke(event)
            peak = peak_bytes(pid)
        finally:
            cpu = end(pid)
    if "errorMessage" in answer:
        raise SystemExit(f"{os.path.basename(program)} failed: {answer['errorMessage']}")
    return Invoked(answer, Usage(seconds, cpu, peak))


def start_once(
    command: Sequence[str | os.PathLike[str]], event: bytes, servers: Servers, extra: dict[str, str]
) -> Started:
    """Times a function's start and its first invocation, whatever it answers."""
    with RuntimeAPI() as runtime:
        variables = {**environment(runtime, servers), **extra}
        begin = time.perf_counter()
        pid = start(command, variables, CLIENT_CORE)
        try:
            asked = runtime.wait_for_next()
            handed = runtime.hand_over(asked, event)
            answered = runtime.wait_for_answer()
        finally:
            end(pid)
    return Started(asked.at - begin, answered.at - handed)
