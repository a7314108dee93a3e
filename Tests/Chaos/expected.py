"""What a run's folder must contain, computed from the source and from TMDB's responses without Elenco's code."""
import csv
import http.client
import json
from dataclasses import dataclass
from typing import Any

DEFAULT_GENRES = ("Drama", "Romance")


@dataclass(frozen=True)
class Film:
    id: str
    genres: str  # as they are in the source


@dataclass(frozen=True)
class ExpectedRun:
    """A run, and the films of its selection in order."""

    name: str
    date: str  # yyyy-MM-dd
    prefix: str
    films: list[Film]
    shards: int
    films_per_file: int
    format: str
    compression: str

    @property
    def folder(self) -> str:
        return f"{self.prefix}/{self.date.replace('-', '/')}/"

    @property
    def ending(self) -> str:
        return (".jsonl" if self.format == "lines" else ".json") + (".gz" if self.compression == "gzip" else "")

    def shard_films(self) -> list[list[Film]]:
        """The films of each shard: as even as possible, the larger shards first."""
        shards = min(self.shards, len(self.films))
        size, larger = divmod(len(self.films), shards)
        parts, start = [], 0
        for shard in range(shards):
            end = start + size + (1 if shard < larger else 0)
            parts.append(self.films[start:end])
            start = end
        return parts

    def files(self) -> dict[str, list[Film]]:
        """Each data file's key, and the films that are planned for it."""
        files = {}
        for shard, films in enumerate(self.shard_films()):
            for number, start in enumerate(range(0, len(films), self.films_per_file), 1):
                key = f"{self.folder}Atores-T{shard}-{number}{self.ending}"
                files[key] = films[start : start + self.films_per_file]
        return files


def selection(movies: str, genres: tuple[str, ...], match: str) -> list[Film]:
    """The films of a movies.csv that an event selects, each once, in the order of the source."""
    wanted = set(genres)
    seen: set[str] = set()
    films = []
    with open(movies, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE):
            if row["id"] in seen:
                continue
            seen.add(row["id"])
            own = {genre.strip() for genre in row["genero"].split(",")} - {"", "\\N"}
            if own and (own <= wanted if match == "within" else own & wanted):
                films.append(Film(row["id"], row["genero"]))
    return films


class Catalogue:
    """TMDB's responses, asked of a stand-in without faults."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.responses: dict[str, bytes | None] = {}

    def credits(self, imdb_id: str) -> bytes | None:
        """The bytes of the film's credits, or None if TMDB does not have the film."""
        if imdb_id not in self.responses:
            self.responses[imdb_id] = self._ask(imdb_id)
        return self.responses[imdb_id]

    def _ask(self, imdb_id: str) -> bytes | None:
        status, found = self._get(f"/3/find/{imdb_id}?external_source=imdb_id")
        assert status == 200, f"find of {imdb_id}: {status}"
        results: list[dict[str, Any]] = json.loads(found)["movie_results"]
        if not results:
            return None
        status, body = self._get(f"/3/movie/{results[0]['id']}/credits")
        assert status in (200, 404), f"credits of {imdb_id}: {status}"
        return body if status == 200 else None

    def _get(self, path: str) -> tuple[int, bytes]:
        self.connection.request("GET", path, headers={"Authorization": "Bearer token"})
        response = self.connection.getresponse()
        return response.status, response.read()
