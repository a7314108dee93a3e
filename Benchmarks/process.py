"""Starts the measured programs, and reads their CPU time and memory."""
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
    """Wall-clock seconds, CPU seconds (user and system), and peak resident bytes of a program."""

    wall: float
    cpu: float
    peak: int


def start(command: Sequence[str | os.PathLike[str]], environment: Mapping[str, str], cores: set[int]) -> int:
    """Starts a program with its output discarded, and returns its process id.

    Uses posix_spawn, because subprocess is slower and its own time would be measured too.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    files = [(os.POSIX_SPAWN_DUP2, nothing, 1), (os.POSIX_SPAWN_DUP2, nothing, 2)]
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # a child inherits its parent's
    try:
        return os.posix_spawn(command[0], [os.fspath(part) for part in command], dict(environment), file_actions=files)
    finally:
        os.sched_setaffinity(0, own)
        os.close(nothing)


def end(pid: int) -> float:
    """Kills a program that `start` started, and returns its CPU seconds (user and system)."""
    os.kill(pid, signal.SIGKILL)
    _, _, usage = os.wait4(pid, 0)
    return usage.ru_utime + usage.ru_stime


def peak_bytes(pid: int) -> int:
    """Returns a process's peak resident size.

    Read from /proc, because getrusage also counts the parent's memory at the time of the fork.
    """
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def run_peer(
    name: str, job: Mapping[str, object], environment: Mapping[str, str] | None = None, cores: set[int] = CLIENT_CORE
) -> dict:
    """Runs a peer with a job on its standard input, and returns the figures that it measured itself."""
    command = [sys.executable, PEERS / f"{name}.py"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(PEERS), **(environment or {})},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    ) as process:
        try:
            output, _ = process.communicate(json.dumps(job), timeout=PEER_SECONDS_MAX)
        finally:
            end_group(process.pid)
        if process.returncode != 0:
            raise SystemExit(f"the peer {name} failed with exit code {process.returncode}; see its error output above")
    return json.loads(output.splitlines()[-1])


def end_group(group: int) -> None:
    """Kills the processes that a program left running."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_measured(command: Sequence[str | os.PathLike[str]], cores: set[int] = CLIENT_CORE) -> tuple[Usage, str]:
    """Runs a program to its end. Returns its usage, without peak memory, and its standard output."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    begin = time.perf_counter()
    try:
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {output}")
    return Usage(time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, 0), output
