"""Starts the programs that are measured, and reads what they took."""
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from machine import CLIENT_CORE, PEERS

PEER_SECONDS_MAX = 300


@dataclasses.dataclass(frozen=True)
class Usage:
    """What a program took: seconds of wall clock, seconds of user and system time, bytes at its largest."""

    wall: float
    cpu: float
    peak: int


def start(command: Sequence[str | os.PathLike[str]], environment: Mapping[str, str], cores: set[int]) -> int:
    """Starts a program with its output thrown away; quicker than subprocess, whose own time would be measured too."""
    nothing = os.open(os.devnull, os.O_RDWR)
    files = [(os.POSIX_SPAWN_DUP2, nothing, 1), (os.POSIX_SPAWN_DUP2, nothing, 2)]
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # a child gets its parent's
    try:
        return os.posix_spawn(command[0], [os.fspath(part) for part in command], dict(environment), file_actions=files)
    finally:
        os.sched_setaffinity(0, own)
        os.close(nothing)


def end(pid: int) -> float:
    """Ends a program that was started: its seconds of user and system time."""
    os.kill(pid, signal.SIGKILL)
    _, _, usage = os.wait4(pid, 0)
    return usage.ru_utime + usage.ru_stime


def peak_bytes(pid: int) -> int:
    """From /proc, because getrusage counts what the parent had when it forked."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def run_peer(
    name: str, job: Mapping[str, object], environment: Mapping[str, str] | None = None, cores: set[int] = CLIENT_CORE
) -> dict:
    """Runs one of the peers' programs with a job on its standard input: what it says of itself."""
    command = [sys.executable, PEERS / f"{name}.py"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(PEERS), **(environment or {})}, text=True,
        start_new_session=True, preexec_fn=lambda: os.sched_setaffinity(0, cores),
    ) as process:
        try:
            said, _ = process.communicate(json.dumps(job), timeout=PEER_SECONDS_MAX)
        finally:
            end_group(process.pid)
        if process.returncode != 0:
            raise SystemExit(f"the peer {name} failed; its words are above")
    return json.loads(said.splitlines()[-1])


def end_group(group: int) -> None:
    """Ends what a program has left running."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_measured(command: Sequence[str | os.PathLike[str]], cores: set[int] = CLIENT_CORE) -> tuple[Usage, str]:
    """Runs a program to its end: what it took and what it printed."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    begin = time.perf_counter()
    try:
        said = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {said}")
    return Usage(time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, 0), said
