"""Judges the folder of a run by reading every object below its prefix, without Elenco's code."""
import csv
import hashlib
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data_files import Unreadable, films_of
from expected import ExpectedRun, Film

# What can be wrong: a film is missing; it is there more than once; it has other bytes, is in another place, or is not
# of this run; an object is not of this run; or what the run says of itself is not true.
LOST, DOUBLED, MIXED, FOREIGN, RECORD = KINDS = ("lost", "doubled", "mixed", "foreign", "record")


@dataclass(frozen=True)
class Stored:
    body: bytes
    metadata: dict[str, str]


@dataclass(frozen=True, order=True)
class Fault:
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


def judge(
    objects: dict[str, Stored], run: ExpectedRun, credits: Callable[[str], bytes | None], other_runs: set[str] = set()
) -> list[Fault]:
    """Returns the faults of a run that is complete; none if the folder is exactly the run's.

    - objects: everything below the run's prefix
    - other_runs: names of runs that have begun below this prefix; their plans and reports may be there
    """
    return Judgement(objects, run, credits, other_runs).faults


class Judgement:
    def __init__(
        self, objects: dict[str, Stored], run: ExpectedRun, credits: Callable[[str], bytes | None],
        other_runs: set[str],
    ) -> None:
        self.objects = objects
        self.run = run
        self.credits = credits
        self.faults: list[Fault] = []
        self.files = run.files()
        self.runs = f"{run.prefix}/_runs/{run.name}/"
        self.contents = self._read_files()
        self._judge_films()
        self._judge_files()
        self._judge_keys(other_runs)
        self._judge_manifest()
        self._judge_reports()
        self._judge_lists()

    def _add(self, kind: str, text: str) -> None:
        self.faults.append(Fault(kind, text))

    def _absent(self, films: list[Film]) -> list[str]:
        return [film.id for film in films if self.credits(film.id) is None]

    def _present(self, films: list[Film]) -> list[str]:
        return [film.id for film in films if self.credits(film.id) is not None]

    def _read_files(self) -> dict[str, list[tuple[str, bytes]]]:
        """The films of every data file in the folder, whether it is the run's or not."""
        contents = {}
        for key, stored in self.objects.items():
            if key.startswith(self.run.folder) and "/Atores-" in key:
                try:
                    contents[key] = films_of(stored.body, key)
                except (Unreadable, ValueError, EOFError, OSError, zlib.error) as failure:
                    self._add(MIXED, f"{key} cannot be read: {failure}")
        return contents

    def _judge_films(self) -> None:
        counts = Counter(film for films in self.contents.values() for film, _ in films)
        selected = {film.id for film in self.run.films}
        for film in self.run.films:
            is_absent = self.credits(film.id) is None
            if counts[film.id] == 0 and not is_absent:
                self._add(LOST, f"{film.id} is in no file")
            elif counts[film.id] > 1:
                self._add(DOUBLED, f"{film.id} is there {counts[film.id]} times")
        for key, films in self.contents.items():
            for film, body in films:
                if film not in selected:
                    self._add(MIXED, f"{film} in {key} is not a film of the run")
                elif body != self.credits(film):
                    self._add(MIXED, f"{film} in {key} does not have TMDB's bytes")

    def _judge_files(self) -> None:
        for key, films in self.files.items():
            if key not in self.objects:
                self._add(LOST, f"{key} does not exist")
            elif key in self.contents:
                there = [film for film, _ in self.contents[key]]
                if there != self._present(films):
                    self._add(MIXED, f"{key} has the films {there} instead of {self._present(films)}")
                self._judge_metadata(key, films)

    def _judge_metadata(self, key: str, films: list[Film]) -> None:
        stored = self.objects[key]
        shard = re.search(r"Atores-T(\d+)-", key)
        expected = {
            "elenco-run": self.run.name,
            "elenco-shard": shard.group(1) if shard else "",
            "elenco-films": str(len(self._present(films))),
            "elenco-absent": str(len(self._absent(films))),
            "elenco-failed": "0",
            "elenco-postponed": "0",
            "elenco-complete": "true",
            "elenco-sha256": hashlib.sha256(stored.body).hexdigest(),
        }
        for name, value in expected.items():
            if stored.metadata.get(name) != value:
                kind = MIXED if name == "elenco-run" else RECORD
                self._add(kind, f"{name} of {key} is {stored.metadata.get(name)} instead of {value}")

    def _judge_keys(self, other_runs: set[str]) -> None:
        success = self.run.folder + "_SUCCESS"
        if success not in self.objects:
            self._add(RECORD, "there is no _SUCCESS")
        elif self.objects[success].body:
            self._add(RECORD, "_SUCCESS is not empty")
        names = "|".join(re.escape(name) for name in {self.run.name} | other_runs)
        records = re.compile(
            rf"{re.escape(self.run.prefix)}/_runs/(({names})/(manifest\.json|films\.csv|failed\.csv|"
            r"(shards|reports|leases)/T\d+\.json|index/T\d+\.csv)|"
            r"_days/\d{4}-\d\d-\d\d\.json|_requests/[^/]+\.json|_latest\.json)"
        )
        for key in self.objects:
            if key not in self.files and key != success and not records.fullmatch(key):
                self._add(FOREIGN, f"{key} is not an object of the run")
        owner = self._json(f"{self.run.prefix}/_runs/_days/{self.run.date}.json")
        if owner.get("run") != self.run.name:
            self._add(RECORD, f"the folder belongs to {owner.get('run')}")

    def _judge_manifest(self) -> None:
        manifest = self._json(self.runs + "manifest.json")
        written = sum(len(self._present(films)) for films in self.files.values())
        expected = {
            "run": self.run.name,
            "date": self.run.date,
            "isComplete": True,
            "shards": len(self.run.shard_films()),
            "films": len(self.run.films),
            "filmsWritten": written,
            "absent": self._absent(self.run.films),
            "failed": [],
            "stopped": [],
            "bytes": sum(len(self.objects[key].body) for key in self.files if key in self.objects),
        }
        for name, value in expected.items():
            if manifest.get(name) != value:
                self._add(RECORD, f"the manifest's {name} is {manifest.get(name)} instead of {value}")
        self._judge_file_list(manifest.get("files", []), self.files, "the manifest")

    def _judge_reports(self) -> None:
        for shard, films in enumerate(self.run.shard_films()):
            name = f"reports/T{shard}.json"
            report = self._json(self.runs + name)
            expected = {
                "run": self.run.name,
                "shard": shard,
                "state": "complete",
                "films": len(films),
                "absent": self._absent(films),
                "failed": [],
            }
            for field, value in expected.items():
                if report.get(field) != value:
                    self._add(RECORD, f"{field} of {name} is {report.get(field)} instead of {value}")
            own = {key: films for key, films in self.files.items() if f"/Atores-T{shard}-" in key}
            self._judge_file_list(report.get("files", []), own, name)

    def _judge_file_list(self, entries: list[dict[str, Any]], files: dict[str, list[Film]], where: str) -> None:
        listed = {entry["key"]: entry for entry in entries}
        if len(listed) != len(entries) or set(listed) != set(files):
            self._add(RECORD, f"{where} lists other files than the run has")
        for key in set(listed) & set(files) & set(self.objects):
            body = self.objects[key].body
            expected = {
                "films": len(self._present(files[key])),
                "bytes": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
                "isComplete": True,
            }
            for field, value in expected.items():
                if listed[key].get(field) != value:
                    self._add(RECORD, f"{field} of {key} in {where} is {listed[key].get(field)} instead of {value}")

    def _judge_lists(self) -> None:
        rows = self._rows("films.csv")
        if rows != [["id", "genero"]] + [[film.id, film.genres] for film in self.run.films]:
            self._add(RECORD, "films.csv does not have the selected films in their order")
        if self.runs + "failed.csv" in self.objects and self._rows("failed.csv") != [["id", "genero", "reason"]]:
            self._add(RECORD, f"failed.csv has films: {self._rows('failed.csv')[1:4]}")

    def _rows(self, name: str) -> list[list[str]]:
        stored = self.objects.get(self.runs + name, Stored(b"", {}))
        return list(csv.reader(io.StringIO(stored.body.decode()), delimiter="|", quoting=csv.QUOTE_NONE))

    def _json(self, key: str) -> dict[str, Any]:
        if key not in self.objects:
            self._add(RECORD, f"{key} does not exist")
            return {}
        value = json.loads(self.objects[key].body)
        return value if isinstance(value, dict) else {}
