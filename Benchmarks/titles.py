"""Generates files in the shape of IMDb's title.basics.tsv.gz: its columns, its mix of types, its length of rows.

The titles are made up. Each file is generated once and kept in .build/bench.
"""
import gzip
import pathlib
import random
import shutil
from collections.abc import Callable

from machine import OUT

HEADER = "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres\n"
# Types and how many of 10,000 titles have them.
TYPES = {
    "tvEpisode": 7680, "short": 920, "movie": 640, "video": 270, "tvSeries": 240, "tvMovie": 130, "tvMiniSeries": 52,
    "tvSpecial": 44, "videoGame": 18, "tvShort": 6}
GENRES = (
    "Drama", "Comedy", "Documentary", "Romance", "Action", "Talk-Show", "Crime", "Reality-TV", "Short", "Horror",
    "Thriller", "Family", "Animation", "News", "Music")
BLOCK = 100_000  # rows that are written at a time
TAILS = 200_000  # distinct rows, apart from their ids
COMPRESSION = 6  # gzip's default


def titles(rows: int) -> pathlib.Path:
    """Returns a file of this many rows."""
    return _make(OUT / f"title.basics-{rows}.tsv", lambda part: _write(rows, part))


def compressed(rows: int) -> pathlib.Path:
    """Returns the same file as gzip data."""
    def write(part: pathlib.Path) -> None:
        with open(titles(rows), "rb") as text, gzip.open(part, "wb", COMPRESSION) as packed:
            shutil.copyfileobj(text, packed, 1 << 20)

    return _make(OUT / f"title.basics-{rows}.tsv.gz", write)


def _write(rows: int, path: pathlib.Path) -> None:
    draw = random.Random(12)
    words = ["".join(draw.choices("aaabcdeeefghiiijklmnooopqrsttuuvwxyz", k=draw.randint(2, 9))) for _ in range(20_000)]
    types = draw.choices(list(TYPES), list(TYPES.values()), k=TAILS)
    tails = [_tail(draw, kind, words) for kind in types]
    with open(path, "w") as file:
        file.write(HEADER)
        for start in range(1, rows + 1, BLOCK):
            ids = range(start, min(start + BLOCK, rows + 1))
            chosen = draw.choices(tails, k=len(ids))
            # IMDb's ids have gaps: about three of four numbers are used.
            file.write("".join(
                f"tt{number * 4 // 3:07}\t{tail}\n" for number, tail in zip(ids, chosen, strict=True)))


def _tail(draw: random.Random, kind: str, words: list[str]) -> str:
    """Returns a row without its id."""
    title = " ".join(draw.choices(words, k=draw.randint(1, 5))).capitalize()
    if kind == "tvEpisode" and draw.random() < 0.4:
        title = f"Episode #{draw.randint(1, 30)}.{draw.randint(1, 400)}"
    original = title if draw.random() < 0.95 else " ".join(draw.choices(words, k=3))
    year = draw.randint(1950, 2026) if draw.random() < 0.88 else r"\N"
    minutes = draw.randint(3, 180) if draw.random() < 0.32 else r"\N"
    genres = ",".join(draw.sample(GENRES, draw.randint(1, 3))) if draw.random() < 0.95 else r"\N"
    return f"{kind}\t{title}\t{original}\t0\t{year}\t\\N\t{minutes}\t{genres}"


def _make(path: pathlib.Path, write: Callable[[pathlib.Path], object]) -> pathlib.Path:
    """Writes to a temporary name and renames, so that an incomplete file is never used."""
    if not path.exists():
        part = path.with_name(path.name + ".part")
        write(part)
        part.rename(path)
    return path
