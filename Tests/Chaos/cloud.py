"""The local cloud, the stacks on it, and the stand-ins: everything that has to be stopped at the end."""
import asyncio
import contextlib
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass

import boto3
import botocore.config

from judge import Stored
from scenario import LEASE_SECONDS, WORKER_TIMEOUT

ROOT = pathlib.Path(__file__).resolve().parents[2]
ELENCO = str(ROOT / ".build/release/elenco")
STAND_IN = str(ROOT / ".build/release/standin")
STOP_SECONDS = 10
CLIENT = botocore.config.Config(
    retries={"total_max_attempts": 4, "mode": "standard"}, read_timeout=90, max_pool_connections=50,
    s3={"addressing_style": "path"},
)


class Cloud:
    """A MiniStack. This process must start and stop it, because infra/local-cloud checks the parent process."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def start(self) -> None:
        self._script("start")
        variables = subprocess.run(
            ["bash", "-c", '. "$0" && env -0', str(self.folder / "aws.env")], check=True, capture_output=True,
            text=True,
        ).stdout
        os.environ.update(line.split("=", 1) for line in variables.split("\0") if "=" in line)
        for name in [each for each in os.environ if each.startswith("ELENCO_")]:
            del os.environ[name]

    def stop(self) -> None:
        self._script("stop")

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text())

    def _script(self, verb: str) -> None:
        # Its own session, so that Ctrl-C reaches this process alone, which then stops the cloud.
        subprocess.run(
            [sys.executable, str(ROOT / "infra/local-cloud"), verb, str(self.folder)], check=True,
            start_new_session=True,
        )


class StandIn:
    """A TMDB stand-in on a free port."""

    def __init__(self, flags: list[str]) -> None:
        self.process = subprocess.Popen(
            [STAND_IN, "--port", "0", *flags], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening on "):
            raise RuntimeError(f"the TMDB stand-in did not start: {shlex.join(flags)}")
        self.port = int(line.rsplit(":", 1)[1])

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Stack:
    """A deployed stack, and what a user does with it."""

    name: str
    dispatcher: str
    worker: str
    bucket: str
    prefix: str

    @staticmethod
    def deploy(name: str, sources: dict[int, str]) -> "Stack":
        """Deploys the template and uploads the sources."""
        parameters = [
            "RequestsPerSecond=0", f"LeaseSeconds={LEASE_SECONDS}", f"WorkerTimeout={WORKER_TIMEOUT}",
            "DispatcherTimeout=60", "ScheduleEvent=none", "TmdbBaseUrl=http://127.0.0.1:1",
        ]
        log = subprocess.run(
            [str(ROOT / "infra/deploy"), name, "elenco-artifacts", *parameters], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )
        if log.returncode:
            raise RuntimeError(f"the stack {name} could not be deployed:\n{log.stdout}")
        names = subprocess.run(
            [sys.executable, str(ROOT / "infra/put-inputs"), name, next(iter(sources.values()))], check=True,
            input="token", text=True, capture_output=True, start_new_session=True,
        ).stdout
        values = dict(line.split("=", 1) for line in shlex.split(names))
        stack = Stack(name, **values)
        for films, path in sources.items():
            stack.s3.upload_file(path, stack.bucket, source_key(films))
        return stack

    def __post_init__(self) -> None:
        session = boto3.Session()  # a session is not shared, because stacks are deployed in threads
        self.s3 = session.client("s3", config=CLIENT)
        self.functions = session.client("lambda", config=CLIENT)
        self.logs = session.client("logs", config=CLIENT)

    def point_to(self, ports: dict[str, int]) -> None:
        """Makes both functions use the proxy's ports."""
        endpoints = {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{ports['s3']}",
            "AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{ports['lambda']}",
            "TMDB_BASE_URL": f"http://127.0.0.1:{ports['tmdb']}",
        }
        for function in (self.dispatcher, self.worker):
            now = self.functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
            self.functions.update_function_configuration(
                FunctionName=function, Environment={"Variables": now | endpoints}
            )

    def invoke_later(self, function: str, event: dict) -> None:
        """An asynchronous invocation, as the dispatcher, the schedule or a user sends it."""
        self.functions.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event))

    def invoke(self, function: str, event: dict) -> dict:
        response = self.functions.invoke(FunctionName=function, Payload=json.dumps(event))
        value = json.loads(response["Payload"].read() or b"null")
        return value if isinstance(value, dict) else {}

    def keys(self, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{prefix}/")
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def object(self, key: str) -> Stored | None:
        try:
            response = self.s3.get_object(Bucket=self.bucket, Key=key)
        except self.s3.exceptions.NoSuchKey:
            return None
        return Stored(response["Body"].read(), response["Metadata"])

    def objects(self, prefix: str) -> dict[str, Stored]:
        """Every object below a prefix."""
        found = ((key, self.object(key)) for key in self.keys(prefix))
        return {key: stored for key, stored in found if stored}

    async def elenco(self, prefix: str, *arguments: str) -> tuple[int, str]:
        """Runs a command of the command line, and returns its exit status and all that it printed."""
        options = [
            "--bucket", self.bucket, "--prefix", prefix, "--lease-seconds", str(LEASE_SECONDS),
        ] + (["--function", self.worker] if arguments[0] != "verify" else [])
        process = await asyncio.create_subprocess_exec(
            ELENCO, *arguments, *options, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, start_new_session=True,
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        return process.returncode or 0, output.decode(errors="replace")

    def log_lines(self, start: float) -> list[str]:
        """What both functions have logged since a Unix time."""
        lines = []
        for function in (self.dispatcher, self.worker):
            pages = self.logs.get_paginator("filter_log_events").paginate(
                logGroupName=f"/aws/lambda/{function}", startTime=int(start * 1000)
            )
            for event in (event for page in pages for event in page["events"]):
                lines.append((event["timestamp"], function, event["message"].rstrip()))
        return [f"{time} {function} {text}" for time, function, text in sorted(lines)]


def source_key(films: int) -> str:
    return f"Raw/Local/CSV/Movies/movies-{films}.csv"


def generate_movies(films: int, path: pathlib.Path) -> str:
    subprocess.run([STAND_IN, "movies", "--films", str(films), "--out", str(path)], check=True, capture_output=True)
    return str(path)
