"""Reads data files in all their formats, film by film."""
import gzip
import json


class Unreadable(Exception):
    """A data file is not what its name says."""


def films_of(body: bytes, key: str) -> list[tuple[str, bytes]]:
    """The films of a data file, in order, each with TMDB's bytes.

    Raises Unreadable, or one of the errors of gzip, zlib and json.
    """
    if key.endswith(".gz"):
        body = gzip.decompress(body)
    name = key.removesuffix(".gz")
    if name.endswith(".jsonl"):
        return films_of_lines(body)
    if name.endswith(".json"):
        return films_of_object(body)
    raise Unreadable("its name has another ending")


def films_of_lines(body: bytes) -> list[tuple[str, bytes]]:
    if body and not body.endswith(b"\n"):
        raise Unreadable("the last line has no end")
    films = []
    for line in body.split(b"\n")[:-1]:
        film = json.loads(line)["imdb_id"]
        start = f'{{"imdb_id":"{film}",'.encode()
        if not line.startswith(start):
            raise Unreadable("a line does not begin with imdb_id")
        films.append((film, b"{" + line[len(start) :]))
    return films


def films_of_object(body: bytes) -> list[tuple[str, bytes]]:
    text = body.decode("utf-8")
    if not text.endswith("}\n"):
        raise Unreadable("the object has no end")
    names = [name for name, _ in json.loads(text, object_pairs_hook=lambda pairs: pairs)]
    decoder = json.JSONDecoder()
    films, position = [], 1
    for name in names:
        start = text.index(f'"{name}":', position) + len(name) + 3
        _, position = decoder.raw_decode(text, start)
        films.append((name, text[start:position].encode("utf-8")))
    return films
