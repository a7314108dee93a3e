"""Lithops on localhost: the job with kept connections, mapped over parts of the films."""
import resource
import tempfile
import time

import lithops

from taken import job, taken


def work(
    tmdb: str, aws: str, certificate: str, films: list[str], shard: int, threads: int
) -> tuple[float, int]:
    """One part, in a process of Lithops': when it began, and how many films it wrote."""
    from pooled_requests import Job

    return time.time(), Job(tmdb, aws, certificate).work(films, shard, threads)


def main() -> None:
    asked = job()
    films: list[str] = asked["films"]
    size = -(-len(films) // asked["parts"])
    parts = [
        {"tmdb": asked["tmdb"], "aws": asked["aws"], "certificate": asked["certificate"], "shard": shard,
         "threads": asked["threads"], "films": films[shard * size : (shard + 1) * size]}
        for shard in range(-(-len(films) // size))]
    with tempfile.TemporaryDirectory(prefix="elenco-bench-lithops-") as folder:
        config = {
            "lithops": {"backend": "localhost", "storage": "localhost", "log_level": None, "telemetry": False},
            "localhost": {"runtime": asked["python"], "version": 2, "worker_processes": asked["processes"]},
            "localhost_storage": {"storage_root": folder},
        }
        with taken() as figures:
            begin = time.time()
            executor = lithops.FunctionExecutor(config=config)
            results = executor.get_result(executor.map(work, parts, include_modules=None))
            figures["started"] = max(at for at, _ in results) - begin
            figures["films"] = sum(written for _, written in results)
            executor.clean(clean_cloudobjects=False)
            largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
            figures["processesPeak"] = largest * asked["processes"]  # beside the peak of this one


if __name__ == "__main__":
    main()
