"""Usage: .venv/bin/python Tests/Chaos [--runs N] [--seed N] [--lanes N] [--keep]

Runs Elenco's zips on a local cloud while processes are killed and suspended, requests to S3, Lambda and TMDB fail in
many ways, the network is cut, events arrive twice and a second run takes the folder. Then it reads the folder without
Elenco's code, and judges it. `make chaos` builds what this program needs.

--runs   how many runs, with the seeds from --seed on; default 10
--seed   the seed of the first run; default: a random one. It decides what happens in the run, and its faults are drawn
         from it. When they happen depends on the machine.
--lanes  how many runs at the same time, each with its own stack; default 3
--keep   keep the log and the objects of every run, not only of those that are wrong

The exit status is 1 if a film was lost, doubled or mixed, if an object is in a folder that is not its run's, or if a
run's records are not true. The log, the objects' keys and the functions' logs of such a run are then in .build/chaos.
With 100 runs or more, it is also 1 if a fault happened fewer than 10 times. Every server listens on 127.0.0.1 and is
stopped at the end, also on Ctrl-C.
"""
import argparse
import asyncio
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile

import table
from chaos_run import ChaosRun, Outcome
from cloud import ROOT, Cloud, Stack, StandIn, generate_movies
from dispatch import OTHER_GENRES
from expected import DEFAULT_GENRES, Catalogue, selection
from processes import Processes
from proxy import Proxy
from scenario import FILMS_IN_SOURCE, Scenario

OUT = ROOT / ".build/chaos"
SEEDS = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--lanes", type=int, default=3)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    seed = random.randrange(SEEDS) if arguments.seed is None else arguments.seed
    for name in [each for each in os.environ if each.startswith(("AWS_", "ELENCO_", "TMDB_"))]:
        del os.environ[name]
    # As Ctrl-C, on which asyncio lets every `finally` run; also in the background, where a shell ignores SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    seeds = range(seed, seed + arguments.runs)
    sys.exit(chaos(seeds, min(arguments.lanes, arguments.runs), arguments.keep))


def chaos(seeds: range, lanes: int, keeps_all: bool) -> int:
    """Runs all seeds and prints the table. Returns the exit status."""
    cloud = Cloud(ROOT / f".local/chaos-{os.getpid()}")
    calm = None
    outcomes: list[Outcome] = []
    try:
        cloud.start()
        calm = StandIn([])
        with tempfile.TemporaryDirectory() as folder:
            sources = {
                films: generate_movies(films, pathlib.Path(folder) / f"movies-{films}.csv") for films in FILMS_IN_SOURCE
            }
            asyncio.run(run_all(seeds, lanes, keeps_all, cloud, calm, sources, outcomes))
    except KeyboardInterrupt:
        print("interrupted")
    finally:
        if calm:
            calm.stop()
        cloud.stop()
        try:
            (ROOT / ".local").rmdir()
        except OSError:
            pass  # another local cloud uses it
    return table.show(outcomes, seeds)


async def run_all(
    seeds: range, lanes: int, keeps_all: bool, cloud: Cloud, calm: StandIn, sources: dict[int, str],
    outcomes: list[Outcome],
) -> None:
    """Runs all seeds, and appends what happened."""
    selections = {
        (films, match): selection(path, genres, match)
        for films, path in sources.items()
        for match, genres in (("within", DEFAULT_GENRES), ("any", OTHER_GENRES))
    }
    catalogue = Catalogue(calm.port)
    for film in {film.id for films in selections.values() for film in films}:
        catalogue.credits(film)
    waiting = list(reversed(seeds))

    async def lane(number: int) -> None:
        stack = await asyncio.to_thread(Stack.deploy, f"chaos-{number}", sources)
        processes = Processes(cloud.pid)
        proxy = Proxy(processes, stack.dispatcher, print)
        cloud_port = int(os.environ["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])
        proxy.upstreams = {"s3": cloud_port, "lambda": cloud_port, "tmdb": calm.port}
        try:
            await proxy.start()
            await asyncio.to_thread(stack.point_to, proxy.ports)
            while waiting:
                run = ChaosRun(Scenario.draw(waiting.pop()), stack, proxy, catalogue, calm, selections)
                outcomes.append(await run.run())
                await asyncio.to_thread(report, outcomes[-1], run, stack, keeps_all)
        finally:
            await proxy.close()
            processes.close()

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(lanes):
                group.create_task(lane(number))
    except BaseException:
        cloud.stop()  # ends the calls of the threads that asyncio waits for
        raise


def report(outcome: Outcome, run: ChaosRun, stack: Stack, keeps_all: bool) -> None:
    """Prints what happened in a run, and keeps its log and its objects if something is wrong."""
    verdict = "WRONG" if outcome.wrong else "ok"
    lines = [
        f"seed {outcome.seed}: {verdict}, {outcome.films} films, {sum(outcome.faults.values())} faults, "
        f"{outcome.seconds:.0f} s, complete {outcome.ending}"
    ]
    if outcome.wrong or keeps_all:
        folder = keep(outcome, run, stack)
    if outcome.wrong:
        lines += [f"  {fault}" for fault in outcome.wrong[:10]]
        lines.append(f"  repeat: make chaos SEED={outcome.seed} RUNS=1   kept: {folder.relative_to(ROOT)}")
    outcome.objects = {}
    sys.stdout.write("".join(f"{line}\n" for line in lines))  # at once, because several threads report
    sys.stdout.flush()


def keep(outcome: Outcome, run: ChaosRun, stack: Stack) -> pathlib.Path:
    """Writes all that is known of a run to a folder, and returns the folder."""
    folder = OUT / f"seed-{outcome.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "log.txt").write_text("\n".join(outcome.log) + "\n")
    (folder / "wrong.txt").write_text("".join(f"{fault}\n" for fault in outcome.wrong))
    listing = []
    for key, stored in sorted(outcome.objects.items()):
        listing.append(f"{len(stored.body):9} {stored.metadata.get('elenco-run', '-'):30} {key}\n")
        path = folder / "objects" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored.body)
    (folder / "objects.txt").write_text("".join(listing))
    (folder / "functions.log").write_text("\n".join(stack.log_lines(run.began)) + "\n")
    return folder


if __name__ == "__main__":
    main()
