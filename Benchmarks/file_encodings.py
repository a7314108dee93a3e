"""Compares the four encodings of data files: what they cost a worker, and how large the files are. Also zlib's levels."""
import statistics
import time
import zlib
from typing import Any

from films import Films, ids
from function import invoke
from machine import WORKER
from servers import Servers
from size import Size

ENCODINGS = [("object", "none"), ("lines", "none"), ("object", "gzip"), ("lines", "gzip")]
FILMS_PER_FILE = 100
LEVELS = range(1, 10)

Figures = dict[str, Any]


def bench(servers: Servers, size: Size) -> Figures:
    samples: dict[str, list[Figures]] = {}
    for _ in range(size.rounds):  # the encodings take turns
        for format, compression in ENCODINGS:
            figures = _worker(servers, size.films, {"format": format, "compression": compression})
            samples.setdefault(f"{format}, {compression}", []).append(figures)
    encodings = {
        name: {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        for name, rounds in samples.items()}
    return {"encodings": encodings, "levels": _levels(servers.films, size.rounds)}


def _worker(servers: Servers, films: int, encoding: dict[str, str]) -> Figures:
    event = {"run": "bench", "shard": 0, "shards": 1, "requestsPerSecond": 0, "films": ids(films), **encoding}
    invoked = invoke(WORKER, event, servers)
    files = invoked.response["files"]
    if sum(file["films"] for file in files) != films:
        raise SystemExit(f"the worker wrote {sum(file['films'] for file in files)} of {films} films")
    usage = invoked.usage
    return {
        "cpuPerFilm": usage.cpu / films, "filmsPerSecond": films / usage.wall, "peak": usage.peak,
        "bytesPerFilm": sum(file["bytes"] for file in files) / films}


def _levels(films: Films, rounds: int) -> dict[str, Figures]:
    """Compresses the same files of lines at each of zlib's levels. The CPU time includes that of Python's calls."""
    lines = [b'{"imdb_id":"%s",%s\n' % (film.encode(), body[1:])
             for film, body in zip(ids(len(films.credits)), films.credits.values(), strict=True)]
    files = [lines[start:start + FILMS_PER_FILE] for start in range(0, len(lines), FILMS_PER_FILE)]
    results = {}
    for level in LEVELS:
        samples = []
        for _ in range(rounds):
            begin, count = time.process_time(), 0
            for file in files:
                stream = zlib.compressobj(level, wbits=31)
                count += sum(len(stream.compress(line)) for line in file) + len(stream.flush())
            samples.append(time.process_time() - begin)
        results[str(level)] = {
            "ratio": count / sum(map(len, lines)), "cpuPerFilm": statistics.median(samples) / len(lines),
            "bytesPerFilm": count / len(lines)}
    return results
