"""The paths of the programs, a description of the machine, and which of its cores run what."""
import datetime
import os
import pathlib
import platform

ROOT = pathlib.Path(__file__).resolve().parents[1]
OUT = ROOT / ".build/bench"
PEERS = pathlib.Path(__file__).resolve().parent / "peers"
DISPATCHER = ROOT / ".build/lambda/release/Dispatcher"
WORKER = ROOT / ".build/lambda/release/Worker"
STANDIN = ROOT / ".build/release/standin"

_CORES = sorted(os.sched_getaffinity(0))
# The measured program and the servers run on different cores, so that neither slows the other down.
CLIENT_CORE = {_CORES[0]}
SERVER_CORE = {_CORES[-1]}
ALL_CORES = set(_CORES)


def description() -> dict[str, str]:
    """Returns the date and the machine's hardware and software, without its host name."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.date.today().isoformat(),
        "processor": model,
        "cores": str(len(_CORES)),
        "memory": f"{memory:.0f} GiB",
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
    }
