"""Generates the movies.csv files to scan. Each is generated once and kept in .build/bench."""
import pathlib
import subprocess
from collections.abc import Callable

from machine import OUT, STANDIN

FILMS_MAX = 244_543  # the stand-in's default; the dispatcher selects 59,004 of them
COPIES_MAX = 89  # each further copy puts two digits before an id's own, and an id has at most 12 characters


def generated(films: int = FILMS_MAX) -> pathlib.Path:
    """Returns a file of this many films that resembles the real one."""
    return _make(OUT / f"movies-{films}.csv", lambda part: subprocess.run(
        [STANDIN, "movies", "--films", str(films), "--out", part], check=True, stderr=subprocess.DEVNULL))


def repeated(films: int, times: int) -> pathlib.Path:
    """Returns a file that repeats the same rows: more bytes, but no more films."""
    return _copies(films, times, OUT / f"movies-{films}-repeated-{times}.csv", lambda rows, _: rows)


def multiplied(films: int, times: int) -> pathlib.Path:
    """Returns a file with `times` as many films: each copy of the rows has its own ids."""
    assert times <= COPIES_MAX
    return _copies(
        films, times, OUT / f"movies-{films}-times-{times}.csv",
        lambda rows, copy: rows.replace(b"\ntt", b"\ntt%d" % (copy + 10)) if copy else rows)


def _copies(films: int, times: int, path: pathlib.Path, change: Callable[[bytes, int], bytes]) -> pathlib.Path:
    def write(part: pathlib.Path) -> None:
        header, _, rows = generated(films).read_bytes().partition(b"\n")
        rows = b"\n" + rows.removesuffix(b"\n")  # a line break before each row
        with open(part, "wb") as file:
            file.write(header)
            for copy in range(times):
                file.write(change(rows, copy))
            file.write(b"\n")

    return _make(path, write)


def _make(path: pathlib.Path, write: Callable[[pathlib.Path], object]) -> pathlib.Path:
    """Writes to a temporary name and renames, so that an incomplete file is never used."""
    if not path.exists():
        part = path.with_suffix(".part")
        write(part)
        part.rename(path)
    return path
