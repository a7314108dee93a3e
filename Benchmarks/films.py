"""The films that the benchmarks fetch: responses of the TMDB stand-in, which are as large as recorded ones."""
import contextlib
import http.client
import json
import pathlib
import subprocess
from collections.abc import Iterator

from machine import STANDIN

FILMS = 1000  # with responses of their own; further IMDb ids get these responses again


class Films:
    """The stand-in's find and credits responses for FILMS films."""

    def __init__(self) -> None:
        self.finds: list[bytes] = []
        self.credits: dict[int, bytes] = {}
        with standin() as address:
            connection = http.client.HTTPConnection(address.removeprefix("http://"))
            number = 0
            while len(self.finds) < FILMS:
                number += 1
                self._add(connection, f"tt{number:07}")
            connection.close()

    def _add(self, connection: http.client.HTTPConnection, film: str) -> None:
        """Fetches a film's two responses, unless the film is absent or its TMDB id is already known."""
        find = _get(connection, f"/3/find/{film}?external_source=imdb_id")
        results = json.loads(find)["movie_results"] if find else []
        if not results or results[0]["id"] in self.credits:
            return
        number = results[0]["id"]
        if credits := _get(connection, f"/3/movie/{number}/credits"):
            self.credits[number] = credits
            self.finds.append(find)

    def write(self, folder: pathlib.Path) -> None:
        """Writes each response to a file: find/000, find/001, …, and credits/ with TMDB's id as the name."""
        (folder / "find").mkdir()
        (folder / "credits").mkdir()
        for number, find in enumerate(self.finds):
            (folder / "find" / f"{number:03}").write_bytes(find)
        for number, credits in self.credits.items():
            (folder / "credits" / str(number)).write_bytes(credits)

    @property
    def mean_bytes(self) -> float:
        """Mean size per film of its two responses together."""
        return (sum(map(len, self.finds)) + sum(map(len, self.credits.values()))) / FILMS

    @property
    def paths(self) -> list[str]:
        """The find path and then the credits path of each film."""
        pairs = zip(ids(FILMS), self.credits, strict=True)
        return [
            path for film, movie in pairs
            for path in (f"/3/find/{film}?external_source=imdb_id", f"/3/movie/{movie}/credits")]


def ids(count: int) -> list[str]:
    """Returns IMDb ids; nginx chooses the response by their last digits."""
    return [f"tt{1_000_000 + number}" for number in range(count)]


@contextlib.contextmanager
def standin() -> Iterator[str]:
    """Starts a TMDB stand-in on a free port, and yields its URL."""
    process = subprocess.Popen([STANDIN, "--port", "0"], stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("listening on "):
            raise SystemExit("the TMDB stand-in did not start")
        yield line.removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.wait()


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path, headers={"Authorization": "Bearer bench"})
    response = connection.getresponse()
    body = response.read()
    return body if response.status == 200 else b""  # the stand-in lacks some films, as TMDB does
