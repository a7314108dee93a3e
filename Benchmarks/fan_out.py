"""Runs the whole job on one machine, and times it from the trigger until all 60 workers started and until the end."""
import contextlib
import datetime
import json
import pathlib
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import boto3

from films import ids
from machine import ALL_CORES, ROOT
from movies import generated
from process import run_peer
from servers import Servers
from size import Size

SHARDS = 60
THREADS = 4  # per Lithops worker; with more, they would spend most of their time opening connections
POLL_SECONDS = 0.02
RUN_SECONDS_MAX = 180
STACK = "elenco-bench"


def bench(servers: Servers, folder: pathlib.Path, size: Size) -> dict[str, Any]:
    """Runs Elenco on MiniStack, and a Lithops map of 60 on localhost over as many films from the same server."""
    with local_cloud(folder / "cloud") as variables:
        stack = _deploy(variables, servers, generated(size.fan_out_films))
        elenco = _run(stack)
    job = {
        "tmdb": servers.tmdb, "aws": servers.aws, "certificate": str(servers.certificate), "python": sys.executable,
        "parts": SHARDS, "processes": SHARDS, "threads": THREADS, "films": ids(elenco["films"])}
    result = run_peer(
        "lithops_map", job, {"TMPDIR": str(folder), "REQUESTS_CA_BUNDLE": str(servers.certificate)}, ALL_CORES)
    lithops = {"films": result["films"], "started": result["started"], "finished": result["wall"]}
    return {"Elenco": elenco, "Lithops": lithops}


@contextlib.contextmanager
def local_cloud(folder: pathlib.Path) -> Iterator[dict[str, str]]:
    """Starts a MiniStack for the benchmark, and yields the environment variables that point to it."""
    command = [ROOT / ".venv/bin/python", ROOT / "infra/local-cloud"]
    subprocess.run([*command, "start", folder], check=True)
    try:
        shell = subprocess.run(
            ["bash", "-c", f". {shlex.quote(str(folder / 'aws.env'))}; env -0"], check=True, capture_output=True)
        yield dict(line.split("=", 1) for line in shell.stdout.decode().split("\0") if "=" in line)
    finally:
        subprocess.run([*command, "stop", folder], check=True)


def _deploy(variables: dict[str, str], servers: Servers, movies: pathlib.Path) -> dict[str, Any]:
    """Deploys the template, and uploads movies.csv and a token. Returns the stack's names and clients for it."""
    parameters = ["RequestsPerSecond=0", f"TmdbBaseUrl={servers.tmdb}"]
    deployment = subprocess.run(
        [ROOT / "infra/deploy", STACK, "elenco-artifacts", *parameters], env=variables, capture_output=True, text=True)
    if deployment.returncode != 0:
        raise SystemExit(deployment.stderr)
    output = subprocess.run(
        [ROOT / ".venv/bin/python", ROOT / "infra/put-inputs", STACK, movies], env=variables, input="none", text=True,
        check=True, capture_output=True).stdout
    names = dict(shlex.split(line)[0].split("=", 1) for line in output.splitlines())
    session = boto3.Session(
        variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], region_name=variables["AWS_REGION"])
    clients = {name: session.client(name, endpoint_url=variables["AWS_ENDPOINT_URL"]) for name in ("s3", "lambda")}
    configured = clients["lambda"].get_function_configuration(FunctionName=names["worker"])["Environment"]["Variables"]
    clients["lambda"].update_function_configuration(
        FunctionName=names["worker"],
        Environment={"Variables": {**configured, "SSL_CERT_FILE": str(servers.certificate)}})
    return {**names, **clients}


def _run(stack: dict[str, Any]) -> dict[str, Any]:
    """Triggers the dispatcher, and polls S3 until the manifest exists."""
    begin = time.time()
    invocation = stack["lambda"].invoke(FunctionName=stack["dispatcher"], Payload=b"{}")
    response = json.loads(invocation["Payload"].read())
    dispatched = time.time() - begin
    if response.get("invoked") != SHARDS:
        raise SystemExit(f"the dispatcher did not invoke {SHARDS} workers. Its response: {json.dumps(response)}")
    folder = f"{response['destination']['prefix']}/_runs/{response['run']}/"
    s3, bucket = stack["s3"], stack["bucket"]
    while not s3.list_objects_v2(Bucket=bucket, Prefix=folder + "manifest.json").get("KeyCount"):
        if time.time() - begin > RUN_SECONDS_MAX:
            raise SystemExit(f"the run wrote no manifest within {RUN_SECONDS_MAX} s")
        time.sleep(POLL_SECONDS)
    finished = time.time() - begin
    reports = [
        json.loads(s3.get_object(Bucket=bucket, Key=f"{folder}reports/T{shard}.json")["Body"].read())
        for shard in range(SHARDS)]
    started = max(_seconds(report["startedAt"]) for report in reports) - begin
    return {"films": response["films"], "dispatched": dispatched, "started": started, "finished": finished}


def _seconds(timestamp: str) -> float:
    return datetime.datetime.fromisoformat(timestamp).timestamp()
