"""The functions' processes: which of them a connection comes from, and signals to them.

MiniStack runs each execution environment as a child process. Only its children are ever signalled, through a file
descriptor of the process, so that a process id that the system has reused cannot be hit.
"""
import contextlib
import os
import pathlib
import signal
from dataclasses import dataclass

LOOPBACK = "0100007F"  # 127.0.0.1, as /proc/net/tcp writes it


@dataclass(frozen=True)
class Process:
    pid: int
    function: str
    descriptor: int  # from pidfd_open

    def send(self, number: signal.Signals) -> bool:
        """Sends a signal. False if the process has ended."""
        try:
            signal.pidfd_send_signal(self.descriptor, number)
        except ProcessLookupError:
            return False
        return True


class Processes:
    """The child processes of one MiniStack that run a Lambda function."""

    def __init__(self, ministack: int) -> None:
        self.ministack = ministack
        self.known: dict[int, Process] = {}
        self.suspended: set[Process] = set()

    def of_connection(self, client_port: int, server_port: int) -> Process | None:
        """The process at the client's end of a TCP connection on 127.0.0.1. None if it is not a function."""
        inode = socket_inode(client_port, server_port)
        if inode is None:
            return None
        socket = f"socket:[{inode}]"
        for process in list(self.known.values()):
            if has_open(process.pid, socket):
                return process
        self._refresh()
        return next((each for each in self.known.values() if has_open(each.pid, socket)), None)

    def suspend(self, process: Process) -> bool:
        if process in self.suspended or not process.send(signal.SIGSTOP):
            return False
        self.suspended.add(process)
        return True

    def resume(self, process: Process) -> None:
        if process not in self.suspended:
            return
        process.send(signal.SIGCONT)
        self.suspended.remove(process)
        if self.known.get(process.pid) != process:  # it has ended meanwhile
            os.close(process.descriptor)

    def resume_all(self) -> None:
        for process in list(self.suspended):
            self.resume(process)

    def close(self) -> None:
        self.resume_all()
        for process in self.known.values():
            os.close(process.descriptor)
        self.known = {}

    def _refresh(self) -> None:
        children = {pid for pid in running_pids() if parent(pid) == self.ministack}
        for pid in set(self.known) - children:
            process = self.known.pop(pid)
            if process not in self.suspended:  # otherwise `resume` closes it
                os.close(process.descriptor)
        for pid in children - set(self.known):
            with contextlib.suppress(OSError):
                descriptor = os.pidfd_open(pid)
                if parent(pid) == self.ministack and (name := function_name(pid)):
                    self.known[pid] = Process(pid, name, descriptor)
                else:
                    os.close(descriptor)


def running_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def parent(pid: int) -> int:
    try:
        # The name in parentheses can contain spaces.
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def function_name(pid: int) -> str | None:
    variable = b"AWS_LAMBDA_FUNCTION_NAME="
    for entry in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
        if entry.startswith(variable):
            return entry.removeprefix(variable).decode()
    return None


def has_open(pid: int, socket: str) -> bool:
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    for name in names:
        with contextlib.suppress(OSError):
            if os.readlink(f"{folder}/{name}") == socket:
                return True
    return False


def socket_inode(local_port: int, remote_port: int) -> str | None:
    local, remote = f"{LOOPBACK}:{local_port:04X}", f"{LOOPBACK}:{remote_port:04X}"
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == local and fields[2] == remote:
            return fields[9]
    return None
