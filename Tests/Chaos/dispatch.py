"""The events that start Elenco's runs, and what the folder of each run must have in the end."""
from dataclasses import dataclass

from cloud import source_key
from expected import ExpectedRun, Film
from scenario import RunSettings, Scenario

TIME = "2026-11-22T03:00:00Z"  # of every event, so that a run over midnight stays in one folder
DATE = TIME[:10]
OTHER_GENRES = ("Comedy", "Western")


@dataclass(frozen=True)
class Dispatch:
    """A run of Elenco, its event, and what it must write."""

    name: str
    event: dict
    expected: ExpectedRun


@dataclass(frozen=True)
class Dispatches:
    """The runs of one scenario."""

    scenario: Scenario
    prefix: str
    selections: dict[tuple[int, str], list[Film]]  # by the number of films in the source, and the event's match

    def first(self) -> Dispatch:
        return self._dispatch("a", self.scenario.settings, "within", {})

    def second(self) -> Dispatch:
        second = self.scenario.second
        assert second
        if second.kind == "same":
            return self._dispatch("b", second.settings, "within", {})
        more = {"onExisting": "replace"} if second.kind == "forced" else {}
        return self._dispatch("b", second.settings, "any", {"genres": list(OTHER_GENRES), **more})

    def _dispatch(self, letter: str, settings: RunSettings, match: str, more: dict) -> Dispatch:
        """A scheduled event, because it names its run."""
        identifier = f"{letter}{self.scenario.seed}"[:8]
        films = self.scenario.films_in_source
        source = {"source": {"key": source_key(films)}, "match": match}
        event = {
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "id": identifier,
            "time": TIME,
            "detail": {"destination": {"prefix": self.prefix}, **source, **settings.event, **more},
        }
        expected = ExpectedRun(
            name=f"{TIME.replace('-', '').replace(':', '')}-{identifier}",
            date=DATE,
            prefix=self.prefix,
            films=self.selections[films, match],
            shards=settings.shards,
            films_per_file=settings.films_per_file,
            format=settings.format,
            compression=settings.compression,
        )
        return Dispatch(expected.name, event, expected)
