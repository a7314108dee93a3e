"""The table at the end: what was done to the runs, and what was lost."""
from collections import Counter

from chaos_run import Outcome
from faults import NAMES
from judge import KINDS, RECORD
from scenario import REQUEST_FAULTS, TMDB_FAULTS

TIMES_MIN = 10
RUNS_FOR_TIMES = 100  # from this number of runs on, every fault must have happened often enough

FAULTS = [
    "worker killed",
    "worker suspended for longer than its lease",
    "dispatcher killed",
    "dispatcher suspended for longer than its lease",
    "TMDB: 429",
    "TMDB: 5xx",
    "TMDB: no response or half of one",
    *(f"{NAMES['tmdb']}: {fault}" for fault in TMDB_FAULTS),
    *(f"{NAMES[service]}: {fault}" for service in ("s3", "lambda") for fault in REQUEST_FAULTS),
    "network cut for seconds",
    "request in a cut network",
    "network silent for seconds",
    "request in a silent network",
    "dispatcher's event delivered twice",
    "worker's invocation delivered twice",
    "worker's event sent again",
    "dispatcher's event sent again after the end",
    "second run of the same selection, which replaces the first",
    "second run forced, which replaces the first",
    "second run of another selection, refused",
]


def show(outcomes: list[Outcome], seeds: range) -> int:
    """Prints the tables. Returns the exit status."""
    times: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    for outcome in outcomes:
        times.update(outcome.faults)
        runs.update(outcome.faults.keys())
    assert not set(times) - set(FAULTS), f"faults that are not in the table: {set(times) - set(FAULTS)}"
    print(f"\n{'fault':62} {'times':>6} {'runs':>5}")
    for fault in FAULTS:
        print(f"{fault:62} {times[fault]:6,} {runs[fault]:5}")

    endings = Counter(outcome.ending for outcome in outcomes)
    print(f"\n{'run complete':62} {'runs':>12}")
    for ending, count in endings.most_common():
        print(f"{ending:62} {count:12}")

    print(f"\n{'films selected':62} {sum(outcome.films for outcome in outcomes):12,}")
    wrong = Counter(fault.kind for outcome in outcomes for fault in outcome.wrong)
    for kind in KINDS:
        name = {RECORD: "records that are not true"}.get(kind, f"{kind} {'objects' if kind == 'foreign' else 'films'}")
        print(f"{name:62} {wrong[kind]:12,}")
    bad = [outcome.seed for outcome in outcomes if outcome.wrong]
    print(f"{'runs that are right':62} {len(outcomes) - len(bad):6} of {len(seeds)}")
    for seed in bad:
        print(f"seed {seed} is wrong; to repeat it: make chaos SEED={seed} RUNS=1")

    rare = [fault for fault in FAULTS if times[fault] < TIMES_MIN] if len(outcomes) >= RUNS_FOR_TIMES else []
    for fault in rare:
        print(f"this fault happened fewer than {TIMES_MIN} times: {fault}")
    return 1 if bad or rare or len(outcomes) < len(seeds) else 0
