"""What happens in one chaos run: everything that is drawn from its seed before it starts."""
import random
from dataclasses import dataclass, field

FILMS_IN_SOURCE = (400, 700, 1000)  # of which about a quarter is selected
LEASE_SECONDS = 5
WORKER_TIMEOUT = 12
CHAOS_SECONDS = 20  # after this, no more faults

# Faults of a request to S3 or Lambda, and their weights.
REQUEST_FAULTS = {
    "connection reset": 3,
    "500 or 503": 4,
    "delayed": 3,
    "truncated response": 3,
    "carried out, response lost": 4,
    "carried out, then 500": 3,
    "arrives late": 3,
}
# Requests to TMDB also get the faults of the stand-in.
TMDB_FAULTS = ("connection reset", "delayed", "truncated response", "carried out, response lost")

STORMS = (
    ["--limit", "40/s"],
    ["--limit", "25/s", "--retry-after", "1"],
    ["--fail", "every=2 times=300 status=429"],
    ["--fail", "every=3 times=150 status=429 retry-after=1"],
    ["--fail", "times=120 status=429"],
)
# Not wrong-id: a find that names another film cannot be noticed.
STAND_IN_FAULTS = (
    "every=29 status=503",
    "every=31 status=500",
    "every=17 times=8 status=503 retry-after=1",
    "every=37 cut",
    "every=41 close",
    "every=43 malformed",
    "every=53 slow=3s",
    "every=59 html",
)


@dataclass(frozen=True)
class Cut:
    """A time without a network."""

    start: float  # seconds after the run's first event
    seconds: float
    services: tuple[str, ...]
    is_silent: bool  # nothing answers, instead of a reset


@dataclass(frozen=True)
class RunSettings:
    """The part of a dispatcher's event that says how a run writes its films."""

    shards: int
    films_per_file: int
    format: str
    compression: str
    requests_per_second: int
    workers: int
    lookup: str

    @staticmethod
    def draw(random: random.Random) -> "RunSettings":
        shards = random.randint(4, 8)
        return RunSettings(
            shards=shards,
            films_per_file=random.choice((5, 8, 12, 20)),
            format=random.choice(("object", "lines")),
            compression=random.choice(("none", "gzip")),
            requests_per_second=random.choice((0, 30, 60, 120)),
            workers=random.choice((shards, shards, 3)),
            lookup=random.choice(("find", "find", "direct")),
        )

    @property
    def event(self) -> dict:
        return {
            "shards": self.shards,
            "filmsPerFile": self.films_per_file,
            "format": self.format,
            "compression": self.compression,
            "requestsPerSecond": self.requests_per_second,
            "workers": self.workers,
            "lookup": self.lookup,
        }


@dataclass(frozen=True)
class Second:
    """A second run in the folder of the first."""

    kind: str  # same, other or forced
    when: str  # planned, writing or complete: what of the first run exists by then
    wait: float  # seconds after that
    settings: RunSettings


@dataclass(frozen=True)
class Scenario:
    seed: int
    films_in_source: int
    settings: RunSettings
    is_event_doubled: bool
    second: Second | None
    rates: dict[str, float]  # service to the share of its requests that get a fault
    invocation_doubled: float  # share of the workers' and the dispatcher's invocations
    process_fault: float  # share of the requests to S3 whose sender is killed or suspended
    kills_max: int
    suspensions_max: int
    cuts: list[Cut] = field(default_factory=list)
    stand_in: list[str] = field(default_factory=list)

    @staticmethod
    def draw(seed: int) -> "Scenario":
        draw = random.Random(seed)
        stand_in = ["--latency", f"{draw.choice((2, 10, 30))}ms"]
        if draw.random() < 0.5:
            stand_in += draw.choice(STORMS)
        for fault in draw.sample(STAND_IN_FAULTS, draw.randint(0, 4)):
            stand_in += ["--fail", fault]
        return Scenario(
            seed=seed,
            films_in_source=draw.choice(FILMS_IN_SOURCE),
            settings=RunSettings.draw(draw),
            is_event_doubled=draw.random() < 0.4,
            second=draw_second(draw),
            rates={
                "s3": draw.choice((0, 0.05, 0.1, 0.2, 0.3)),
                "lambda": draw.choice((0, 0.2, 0.4, 0.6)),
                "tmdb": draw.choice((0, 0.01, 0.03)),
            },
            invocation_doubled=draw.choice((0, 0.2, 0.5)),
            process_fault=draw.choice((0.01, 0.03, 0.06)),
            kills_max=draw.randint(0, 6),
            suspensions_max=draw.randint(0, 4),
            cuts=[draw_cut(draw) for _ in range(draw.choice((0, 0, 1, 2)))],
            stand_in=stand_in,
        )


def draw_second(draw: random.Random) -> Second | None:
    kind = draw.choice((None, None, "same", "same", "other", "forced"))
    if kind is None:
        return None
    # A folder without files is free for every run, so another selection is certain to be refused only later.
    when = draw.choice(("writing", "complete") if kind == "other" else ("planned", "writing", "writing", "complete"))
    return Second(kind, when, draw.uniform(0, 3), RunSettings.draw(draw))


def draw_cut(draw: random.Random) -> Cut:
    services = draw.choice((("s3", "lambda", "tmdb"), ("s3",), ("lambda",), ("tmdb",)))
    return Cut(draw.uniform(0.3, 10), draw.uniform(0.5, 6), services, draw.random() < 0.5)
