"""Runs one invocation of a Lambda function, or of a peer that speaks the Runtime API."""
import os
import time
from collections.abc import Sequence
from typing import NamedTuple

from machine import CLIENT_CORE
from process import Usage, end, peak_bytes, start
from runtime import RuntimeAPI
from servers import Servers


class Invoked(NamedTuple):
    """A function's response, and what the process used.

    The wall-clock time runs from the moment the function received the event. CPU time and peak memory are those of
    the whole process, from exec.
    """

    response: dict
    usage: Usage


class Started(NamedTuple):
    """Seconds from exec to the first runtime request, and seconds that the first invocation took."""

    to_first_request: float
    first_invocation: float


def environment(runtime: RuntimeAPI, servers: Servers) -> dict[str, str]:
    """Returns the environment that Lambda and the template give the two functions."""
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
    """Starts a function, sends it one event, and kills it after its response. Exits if the function failed."""
    with RuntimeAPI() as runtime:
        pid = start([program], {**environment(runtime, servers), **(extra or {})}, CLIENT_CORE)
        peak, cpu = 0, 0.0
        try:
            response, seconds = runtime.invoke(event)
            peak = peak_bytes(pid)
        finally:
            cpu = end(pid)
    if "errorMessage" in response:
        raise SystemExit(f"{os.path.basename(program)} failed: {response['errorMessage']}")
    return Invoked(response, Usage(seconds, cpu, peak))


def start_once(
    command: Sequence[str | os.PathLike[str]], event: bytes, servers: Servers, extra: dict[str, str]
) -> Started:
    """Times a function's start and its first invocation, whether that succeeds or fails."""
    with RuntimeAPI() as runtime:
        variables = {**environment(runtime, servers), **extra}
        begin = time.perf_counter()
        pid = start(command, variables, CLIENT_CORE)
        try:
            request = runtime.wait_for_next()
            sent_at = runtime.send_event(request, event)
            response = runtime.wait_for_response()
        finally:
            end(pid)
    return Started(request.received_at - begin, response.received_at - sent_at)
