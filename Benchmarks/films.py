"""The films that are asked for: answers of the TMDB stand-in, which have the sizes of recorded ones."""
import contextlib
import http.client
import json
import pathlib
import subprocess
from collections.abc import Iterator

from machine import STANDIN

FILMS = 1000  # with answers of their own; ids beyond them get these again


class Films:
    """The answers to find and credits of FILMS films."""

    def __init__(self) -> None:
        self.finds: list[bytes] = []
        self.credits: dict[int, bytes] = {}
        with standin() as address:
            connection = http.client.HTTPConnection(address.removeprefix("http://"))
            number = 0
            while len(self.finds) < FILMS:
                number += 1
                self._take(connection, f"tt{number:07}")
            connection.close()

    def _take(self, connection: http.client.HTTPConnection, film: str) -> None:
        find = _get(connection, f"/3/find/{film}?external_source=imdb_id")
        results = json.loads(find)["movie_results"] if find else []
        if not results or results[0]["id"] in self.credits:
            return
        number = results[0]["id"]
        if credits := _get(connection, f"/3/movie/{number}/credits"):
            self.credits[number] = credits
            self.finds.append(find)

    def write(self, folder: pathlib.Path) -> None:
        """As files: find/000 … and credits/TMDB's id."""
        (folder / "find").mkdir()
        (folder / "credits").mkdir()
        for number, find in enumerate(self.finds):
            (folder / "find" / f"{number:03}").write_bytes(find)
        for number, credits in self.credits.items():
            (folder / "credits" / str(number)).write_bytes(credits)

    @property
    def mean_bytes(self) -> float:
        """Of a film's two answers."""
        return (sum(map(len, self.finds)) + sum(map(len, self.credits.values()))) / FILMS

    @property
    def paths(self) -> list[str]:
        """Find and credits of each film, in turns."""
        pairs = zip(ids(FILMS), self.credits, strict=True)
        return [
            path for film, movie in pairs
            for path in (f"/3/find/{film}?external_source=imdb_id", f"/3/movie/{movie}/credits")]


def ids(count: int) -> list[str]:
    """IMDb ids, the last digits of which say which answer they get."""
    return [f"tt{1_000_000 + number}" for number in range(count)]


@contextlib.contextmanager
def standin() -> Iterator[str]:
    """A TMDB stand-in on a free port: its URL."""
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
    answer = connection.getresponse()
    body = answer.read()
    return body if answer.status == 200 else b""  # some films are absent there, as at TMDB
