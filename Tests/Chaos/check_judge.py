"""Usage: check_judge.py BUCKET PREFIX RUN MOVIES STAND_IN_PORT SHARDS FILMS_PER_FILE FORMAT COMPRESSION

Checks the judge itself: it must find nothing wrong with the folder of a complete run of the default genres, and each
time that one thing in a copy of the folder is changed in memory, it must say so. Prints nothing if all is well.
"""
import dataclasses
import gzip
import json
import os
import re
import sys
from collections.abc import Callable

import boto3

from data_files import films_of
from expected import DEFAULT_GENRES, Catalogue, ExpectedRun, selection
from judge import DOUBLED, FOREIGN, LOST, MIXED, RECORD, Stored, judge

Objects = dict[str, Stored]


class Changes:
    """Each method changes a copy of a folder. It returns the kind of fault that the judge must find."""

    def __init__(self, objects: Objects, run: ExpectedRun) -> None:
        self.objects = objects
        self.run = run
        # The first files with at least two films.
        self.one, self.two = [
            key for key in run.files() if len(films_of(objects[key].body, key)) >= 2
        ][:2]
        self.records = f"{run.prefix}/_runs/{run.name}/"

    def all(self) -> list[Callable[[], str]]:
        return [getattr(self, name) for name in dir(self) if name.startswith("change_")]

    def change_lost_film(self) -> str:
        self._write(self.one, self._films(self.one)[1:])
        return LOST

    def change_film_twice_in_a_file(self) -> str:
        films = self._films(self.one)
        self._write(self.one, films[:1] + films)
        return DOUBLED

    def change_film_in_two_files(self) -> str:
        self._write(self.two, self._films(self.two) + self._films(self.one)[:1])
        return DOUBLED

    def change_a_byte_of_a_film(self) -> str:
        (film, body), *rest = self._films(self.one)
        self._write(self.one, [(film, body.replace(b'"cast"', b'"cost"', 1)), *rest])
        return MIXED

    def change_order_of_films(self) -> str:
        self._write(self.one, self._films(self.one)[::-1])
        return MIXED

    def change_credits_of_two_films(self) -> str:
        (film, body), (other, another), *rest = self._films(self.one)
        self._write(self.one, [(film, another), (other, body), *rest])
        return MIXED

    def change_film_to_one_of_another_selection(self) -> str:
        (_, body), *rest = self._films(self.one)
        self._write(self.one, [("tt9999999", body), *rest])
        return MIXED

    def change_files_with_each_other(self) -> str:
        self.objects[self.one], self.objects[self.two] = self.objects[self.two], self.objects[self.one]
        return MIXED

    def change_end_of_a_file(self) -> str:
        self._replace(self.one, body=self.objects[self.one].body[:-3])
        return MIXED

    def change_run_in_the_metadata(self) -> str:
        self._replace(self.one, metadata=self.objects[self.one].metadata | {"elenco-run": "another"})
        return MIXED

    def change_completeness_in_the_metadata(self) -> str:
        self._replace(self.one, metadata=self.objects[self.one].metadata | {"elenco-complete": "false"})
        return RECORD

    def change_file_deleted(self) -> str:
        del self.objects[self.one]
        return LOST

    def change_file_of_another_run(self) -> str:
        key = re.sub("Atores-T.*", "Atores-T99-1.json", self.one)
        self.objects[key] = Stored(b"{}\n", {"elenco-run": "another"})
        return FOREIGN

    def change_copy_of_a_file(self) -> str:
        self.objects[self.one.replace("Atores-T0-", "Atores-T99-")] = self.objects[self.one]
        return DOUBLED

    def change_plan_of_an_unknown_run(self) -> str:
        self.objects[f"{self.run.prefix}/_runs/unknown/shards/T0.json"] = Stored(b"{}", {})
        return FOREIGN

    def change_success_deleted(self) -> str:
        del self.objects[self.run.folder + "_SUCCESS"]
        return RECORD

    def change_success_not_empty(self) -> str:
        self._replace(self.run.folder + "_SUCCESS", body=b"x")
        return RECORD

    def change_owner(self) -> str:
        return self._edit(f"{self.run.prefix}/_runs/_days/{self.run.date}.json", run="another")

    def change_manifest_complete(self) -> str:
        return self._edit(self.records + "manifest.json", isComplete=False)

    def change_manifest_films(self) -> str:
        return self._edit(self.records + "manifest.json", filmsWritten=1)

    def change_manifest_absent(self) -> str:
        return self._edit(self.records + "manifest.json", absent=["tt0000001"])

    def change_manifest_hash(self) -> str:
        files = json.loads(self.objects[self.records + "manifest.json"].body)["files"]
        return self._edit(self.records + "manifest.json", files=[files[0] | {"sha256": "0" * 64}, *files[1:]])

    def change_manifest_without_a_file(self) -> str:
        files = json.loads(self.objects[self.records + "manifest.json"].body)["files"]
        return self._edit(self.records + "manifest.json", files=files[1:])

    def change_report_state(self) -> str:
        return self._edit(self.records + "reports/T0.json", state="stopped")

    def change_report_deleted(self) -> str:
        del self.objects[self.records + "reports/T0.json"]
        return RECORD

    def change_failed_film(self) -> str:
        self.objects[self.records + "failed.csv"] = Stored(b"id|genero|reason\ntt0000001|Drama|x\n", {})
        return RECORD

    def change_films_csv(self) -> str:
        lines = self.objects[self.records + "films.csv"].body.splitlines(keepends=True)
        self._replace(self.records + "films.csv", body=b"".join(lines[:-1]))
        return RECORD

    def _films(self, key: str) -> list[tuple[str, bytes]]:
        return films_of(self.objects[key].body, key)

    def _write(self, key: str, films: list[tuple[str, bytes]]) -> None:
        if ".jsonl" in key:
            body = b"".join(b'{"imdb_id":"%s",%s\n' % (film.encode(), rest[1:]) for film, rest in films)
        else:
            body = b"{" + b",\n".join(b'"%s":%s' % (film.encode(), rest) for film, rest in films) + b"}\n"
        self._replace(key, body=gzip.compress(body) if key.endswith(".gz") else body)

    def _replace(self, key: str, **changes) -> None:
        self.objects[key] = dataclasses.replace(self.objects[key], **changes)

    def _edit(self, key: str, **changes) -> str:
        value = json.loads(self.objects[key].body)
        assert all(value[name] != new for name, new in changes.items()), f"{key} already has {changes}"
        self._replace(key, body=json.dumps(value | changes).encode())
        return RECORD


def main() -> None:
    bucket, prefix, name, movies, port, shards, films_per_file, form, compression = sys.argv[1:]
    films = selection(movies, DEFAULT_GENRES, "within")
    s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    objects = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
        for entry in page["Contents"]:
            response = s3.get_object(Bucket=bucket, Key=entry["Key"])
            objects[entry["Key"]] = Stored(response["Body"].read(), response["Metadata"])
    date = json.loads(objects[f"{prefix}/_runs/{name}/manifest.json"].body)["date"]
    run = ExpectedRun(name, date, prefix, films, int(shards), int(films_per_file), form, compression)
    credits = Catalogue(int(port)).credits
    missed = [f"a sound folder: {fault}" for fault in judge(objects, run, credits)]
    for number in range(len(Changes(objects, run).all())):
        changed = dict(objects)
        change = Changes(changed, run).all()[number]
        kind = change()
        if kind not in {fault.kind for fault in judge(changed, run, credits)}:
            missed.append(f"{change.__name__}: the judge did not find {kind}")
    print("\n".join(missed))


if __name__ == "__main__":
    main()
