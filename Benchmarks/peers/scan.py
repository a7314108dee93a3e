"""The dispatcher's scan in polars, duckdb and pandas: distinct films whose genres are Drama, Romance or both.

Each reads the file itself, of its 15 columns the two that count, as fast as its library goes.
"""
from collections.abc import Callable

from taken import job, taken

GENRES = ["Drama", "Romance", "Drama,Romance", "Romance,Drama"]


def polars() -> Callable[[str], int]:
    import polars as pl

    def scan(path: str) -> int:
        rows = pl.scan_csv(path, separator="|", quote_char=None, infer_schema=False).select("id", "genero")
        chosen = rows.unique("id", keep="first", maintain_order=True).filter(pl.col("genero").is_in(GENRES))
        return chosen.collect(engine="streaming").height

    return scan


def duckdb() -> Callable[[str], int]:
    import duckdb as db

    def scan(path: str) -> int:
        query = """select count(*) from (select id, first(genero) as genero
          from read_csv(?, delim='|', quote='', escape='', header=true, all_varchar=true) group by id)
          where list_contains(?, genero)"""
        row = db.execute(query, [path, GENRES]).fetchone()
        return row[0] if row else 0

    return scan


def pandas() -> Callable[[str], int]:
    import csv

    import pandas as pd

    def scan(path: str) -> int:
        rows = pd.read_csv(
            path, sep="|", usecols=["id", "genero"], dtype=str, quoting=csv.QUOTE_NONE, keep_default_na=False)
        films = rows.drop_duplicates("id")
        return int(films["genero"].isin(GENRES).sum())

    return scan


def main() -> None:
    asked = job()
    scan = {"polars": polars, "duckdb": duckdb, "pandas": pandas}[asked["library"]]()
    with taken() as figures:
        figures["films"] = scan(asked["path"])


if __name__ == "__main__":
    main()
