"""How much is measured: enough for figures that hold, or as little as shows that the scripts work."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Size:
    films: int  # of the worker's shard
    rounds: int  # of each measurement, in turns; the median counts
    starts: int  # of each program
    csv_films: int  # of movies.csv; the larger one has ten times as many
    signatures: int
    fan_out_films: int  # of movies.csv in the fan-out
    growth_films: tuple[int, ...]
    growth_shards: tuple[int, ...]


FULL = Size(
    films=8000, rounds=3, starts=50, csv_films=244_543, signatures=200_000, fan_out_films=24_454,
    growth_films=(1_000, 10_000, 100_000, 1_000_000), growth_shards=(1, 10, 100, 1000))
SMOKE = Size(
    films=480, rounds=1, starts=3, csv_films=5_000, signatures=2_000, fan_out_films=1_000,
    growth_films=(1_000, 2_000), growth_shards=(1, 10))
