"""Counts the names in the casts of JSON Lines files with DuckDB, several times."""
import json
import statistics
import sys
import time

import duckdb

QUERY = """select p.name, count(*) from read_json('{}') m, unnest(m."cast") u(p) group by 1"""


def main() -> None:
    job = json.load(sys.stdin)
    seconds, rows = [], []
    for _ in range(job["rounds"]):
        begin = time.perf_counter()
        rows = duckdb.connect().execute(QUERY.format(job["pattern"])).fetchall()
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({
        "seconds": statistics.median(seconds), "slowest": max(seconds), "names": len(rows),
        "people": sum(count for _, count in rows)}))


if __name__ == "__main__":
    main()
