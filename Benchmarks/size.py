"""How much is measured: FULL for reliable figures, SMOKE to check quickly that the benchmarks work."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Size:
    films: int  # in the worker's shard
    rounds: int  # of each measurement; the programs take turns, and the median is reported
    starts: int  # per program
    csv_films: int  # in movies.csv; the large files have ten times as many rows or films
    titles: int  # rows of title.basics.tsv
    signatures: int  # by Elenco; the peers make a twentieth of them
    fan_out_films: int  # in movies.csv of the fan-out
    query_films: int  # in movies.csv of the queries
    growth_films: tuple[int, ...]
    growth_shards: tuple[int, ...]
    refresh_films: int  # of a simulated run, at each share of changed films
    refresh_growth: tuple[int, ...]  # films of further simulated runs


FULL = Size(
    films=8000, rounds=3, starts=50, csv_films=244_543, titles=11_000_000, signatures=200_000,
    fan_out_films=24_454, query_films=244_543, growth_films=(1_000, 10_000, 100_000, 1_000_000),
    growth_shards=(1, 10, 100, 1000), refresh_films=59_004, refresh_growth=(1_000, 10_000, 250_000, 1_000_000))
SMOKE = Size(
    films=480, rounds=1, starts=3, csv_films=5_000, titles=20_000, signatures=2_000,
    fan_out_films=1_000, query_films=1_000, growth_films=(1_000, 2_000), growth_shards=(1, 10), refresh_films=3_000, refresh_growth=(1_000,))
