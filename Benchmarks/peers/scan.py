"""The dispatcher's scan in polars, duckdb and pandas: distinct films whose genres are Drama, Romance or both.

Each library reads the file itself, only the 2 columns of 15 that are needed, in its fastest way.
"""
from collections.abc import Callable

from measure import measured, read_job

GENRES = ["Drama", "Romance", "Drama,Romance", "Romance,Drama"]


def polars() -> Callable[[str], int]:
    import polars as pl

    def scan(path: str) -> int:
        rows = pl.scan_csv(path, separator="|", quote_char=None, infer_schema=False).select("id", "genero")
        selected = rows.unique("id", keep="first", maintain_order=True).filter(pl.col("genero").is_in(GENRES))
        return selected.collect(engine="streaming").height

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
    job = read_job()
    scan = {"polars": polars, "duckdb": duckdb, "pandas": pandas}[job["library"]]()
    with measured() as figures:
        figures["films"] = scan(job["path"])


if __name__ == "__main__":
    main()
