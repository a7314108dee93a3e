"""Usage: select_films.py <JOB

Selects films from a movies file with Python's modules csv and gzip. Reads the job from standard input: an object with
`path`, `separator`, `genres`, `match`, `titleTypes`, and the names of the columns `id` and `genreColumn`, which may be
empty. Prints an object with the selected films and the counts of a scan.
"""
import csv
import gzip
import json
import re
import sys
import unicodedata

ID_COLUMNS = ["id", "tconst", "imdb_id", "imdbid", "const"]
GENRE_COLUMNS = ["genero", "gênero", "generos", "genre", "genres"]


def plain(name):
    return unicodedata.normalize("NFC", name.strip().lower())


def column(names, header):
    found = [index for index, name in enumerate(header) if plain(name) in map(plain, names)]
    assert len(found) <= 1, header
    return found[0] if found else None


def rows(path, separator):
    """The rows that are not empty, one by one: a full-size table has a million."""
    with open(path, "rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    quoting = csv.QUOTE_NONE if separator in "|\t" else csv.QUOTE_MINIMAL
    csv.field_size_limit(1 << 22)
    with (gzip.open if is_gzip else open)(path, "rt", encoding="utf-8-sig", newline="") as text:
        yield from filter(None, csv.reader(text, delimiter=separator, quoting=quoting))


def main():
    job = json.load(sys.stdin)
    separator = job["separator"]
    table = rows(job["path"], separator)
    header = next(table)
    id_column = column([job["id"]] if job["id"] else ID_COLUMNS, header)
    genre_column = column([job["genreColumn"]] if job["genreColumn"] else GENRE_COLUMNS, header)
    type_column = column(["titleType"], header)
    needed = max(column for column in (id_column, genre_column, type_column) if column is not None)
    wanted_types = set(map(plain, job["titleTypes"]))
    wanted = {plain(name): name.strip() for name in job["genres"]}
    result = {"films": [], "rows": 0, "skipped": 0}
    seen, genres_seen = set(), set()
    for row in table:
        result["rows"] += 1
        if type_column is not None and type_column < len(row) and plain(row[type_column]) not in wanted_types:
            continue
        if not needed < len(row) <= len(header) or not re.fullmatch(r"tt[0-9]{7,10}", row[id_column].strip()):
            result["skipped"] += 1
            continue
        film, genres = row[id_column].strip(), row[genre_column].strip()
        if film in seen:
            continue
        seen.add(film)
        if genres in ("", "\\N"):
            continue
        names = set(map(plain, genres.split(",") if separator == "|" else re.split("[,|]", genres)))
        genres_seen |= names
        if {"within": names <= wanted.keys(), "any": bool(names & wanted.keys()),
                "all": names >= wanted.keys()}[job["match"]]:
            result["films"].append(film)
    result["distinct"] = len(seen)
    result["genresWithoutFilms"] = [name for key, name in wanted.items() if key not in genres_seen]
    print(json.dumps(result))


main()
