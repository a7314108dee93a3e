"""The dispatcher's scan in polars, duckdb and pandas: distinct films whose genres are Drama, Romance or both.

Each library reads the file itself, only the columns that are needed, in its fastest way. The job gives the file's
separator and columns. In a file with a column of title types, only movies count.
"""
from collections.abc import Callable
from typing import Any

from measure import measured, read_job

GENRES = ["Drama", "Romance", "Drama,Romance", "Romance,Drama"]

Job = dict[str, Any]
Scan = Callable[[Job], int]


def polars() -> Scan:
    import polars as pl

    def scan(job: Job) -> int:
        rows = pl.scan_csv(job["path"], separator=job["separator"], quote_char=None, infer_schema=False)
        if job["type"]:
            rows = rows.filter(pl.col(job["type"]) == "movie")
        films = rows.select(job["id"], job["genres"]).unique(job["id"], keep="first", maintain_order=True)
        return films.filter(pl.col(job["genres"]).is_in(GENRES)).collect(engine="streaming").height

    return scan


def duckdb() -> Scan:
    import duckdb as db

    def scan(job: Job) -> int:
        movies = f"where {job['type']} = 'movie'" if job["type"] else ""
        query = f"""select count(*) from (select {job["id"]}, first({job["genres"]}) as genres
          from read_csv(?, delim=?, quote='', escape='', header=true, all_varchar=true) {movies} group by {job["id"]})
          where list_contains(?, genres)"""
        row = db.execute(query, [job["path"], job["separator"], GENRES]).fetchone()
        return row[0] if row else 0

    return scan


def pandas() -> Scan:
    import csv

    import pandas as pd

    def scan(job: Job) -> int:
        columns = [job[name] for name in ("id", "genres", "type") if job[name]]
        rows = pd.read_csv(
            job["path"], sep=job["separator"], usecols=columns, dtype=str, quoting=csv.QUOTE_NONE,
            keep_default_na=False)
        if job["type"]:
            rows = rows[rows[job["type"]] == "movie"]
        films = rows.drop_duplicates(job["id"])
        return int(films[job["genres"]].isin(GENRES).sum())

    return scan


def main() -> None:
    job = read_job()
    scan = {"polars": polars, "duckdb": duckdb, "pandas": pandas}[job["library"]]()
    with measured() as figures:
        figures["films"] = scan(job)


if __name__ == "__main__":
    main()
