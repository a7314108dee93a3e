"""Draws a fault for each request of a run, and counts the faults that were carried out."""
import random
from collections import Counter

from scenario import LEASE_SECONDS, REQUEST_FAULTS, TMDB_FAULTS, Scenario

NAMES = {"s3": "S3", "lambda": "Lambda", "tmdb": "TMDB"}


class Faults:
    """The faults of one run. After `stop`, nothing more happens."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.random = random.Random(scenario.seed + 1)
        self.counts: Counter[str] = Counter()
        self.is_active = True
        self.kills = 0
        self.suspensions = 0

    def stop(self) -> None:
        self.is_active = False

    def count(self, fault: str, service: str | None = None) -> None:
        self.counts[f"{NAMES[service]}: {fault}" if service else fault] += 1

    def of_request(self, service: str) -> str | None:
        """The fault of a request to a service, or None."""
        if not self.is_active or self.random.random() >= self.scenario.rates[service]:
            return None
        names = [each for each in REQUEST_FAULTS if service != "tmdb" or each in TMDB_FAULTS]
        return self.random.choices(names, [REQUEST_FAULTS[each] for each in names])[0]

    def doubles_invocation(self) -> bool:
        return self.is_active and self.random.random() < self.scenario.invocation_doubled

    def of_sender(self, service: str, method: str) -> str | None:
        """What happens to the process that sent a request: "kill", "suspend" or None."""
        if not self.is_active:
            return None
        # Writes and invocations are where a death or a suspension can do most harm.
        factor = {"s3": 2 if method != "GET" else 1, "lambda": 3, "tmdb": 0.1}[service]
        if self.random.random() >= self.scenario.process_fault * factor:
            return None
        kind = self.random.choice(("kill", "suspend"))
        if kind == "kill" and self.kills < self.scenario.kills_max:
            self.kills += 1
            return kind
        if kind == "suspend" and self.suspensions < self.scenario.suspensions_max:
            self.suspensions += 1
            return kind
        return None

    def suspension_seconds(self) -> float:
        """Longer than the lease's term, so that another worker may take the shard."""
        return LEASE_SECONDS + self.random.uniform(0.5, 3)

    def lateness(self) -> float:
        return self.random.uniform(0.1, 4)

    def delay(self) -> float:
        return self.random.uniform(0.1, 2.5)

    def chance(self, share: float) -> bool:
        return self.random.random() < share
