"""The movies.csv files that are scanned, made once and kept in .build/bench."""
import pathlib
import subprocess
from collections.abc import Callable

from machine import OUT, STANDIN

FILMS_MAX = 244_543  # as many as the stand-in makes, of which 59,004 are selected
COPIES_MAX = 89  # an id has at most 12 characters, and the copies put two more digits in front


def generated(films: int = FILMS_MAX) -> pathlib.Path:
    """A file of the real one's shape."""
    return _make(OUT / f"movies-{films}.csv", lambda part: subprocess.run(
        [STANDIN, "movies", "--films", str(films), "--out", part], check=True, stderr=subprocess.DEVNULL))


def repeated(films: int, times: int) -> pathlib.Path:
    """The same rows so many times over: a larger file with no more films."""
    return _copies(films, times, OUT / f"movies-{films}-repeated-{times}.csv", lambda rows, _: rows)


def multiplied(films: int, times: int) -> pathlib.Path:
    """So many times the films: each copy of the rows has ids of its own."""
    assert times <= COPIES_MAX
    return _copies(
        films, times, OUT / f"movies-{films}-times-{times}.csv",
        lambda rows, copy: rows.replace(b"\ntt", b"\ntt%d" % (copy + 10)) if copy else rows)


def _copies(films: int, times: int, path: pathlib.Path, change: Callable[[bytes, int], bytes]) -> pathlib.Path:
    def write(part: pathlib.Path) -> None:
        header, _, rows = generated(films).read_bytes().partition(b"\n")
        rows = b"\n" + rows.removesuffix(b"\n")  # a line break in front of each row
        with open(part, "wb") as file:
            file.write(header)
            for copy in range(times):
                file.write(change(rows, copy))
            file.write(b"\n")

    return _make(path, write)


def _make(path: pathlib.Path, write: Callable[[pathlib.Path], object]) -> pathlib.Path:
    """Made aside, so that half a file is never taken for a whole one."""
    if not path.exists():
        part = path.with_suffix(".part")
        write(part)
        part.rename(path)
    return path
