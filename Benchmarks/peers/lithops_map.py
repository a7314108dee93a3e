"""Lithops on localhost: the original job with keep-alive connections, mapped over parts of the films."""
import resource
import tempfile
import time

import lithops

from measure import measured, read_job


def work(
    tmdb: str, aws: str, certificate: str, films: list[str], shard: int, threads: int
) -> tuple[float, int]:
    """Fetches one part in a Lithops process. Returns when it began, in Unix time, and how many films it wrote."""
    from original_job_keep_alive import Job

    return time.time(), Job(tmdb, aws, certificate).work(films, shard, threads)


def main() -> None:
    job = read_job()
    films: list[str] = job["films"]
    size = -(-len(films) // job["parts"])
    parts = [
        {"tmdb": job["tmdb"], "aws": job["aws"], "certificate": job["certificate"], "shard": shard,
         "threads": job["threads"], "films": films[shard * size : (shard + 1) * size]}
        for shard in range(-(-len(films) // size))]
    with tempfile.TemporaryDirectory(prefix="elenco-bench-lithops-") as folder:
        config = {
            "lithops": {"backend": "localhost", "storage": "localhost", "log_level": None, "telemetry": False},
            "localhost": {"runtime": job["python"], "version": 2, "worker_processes": job["processes"]},
            "localhost_storage": {"storage_root": folder},
        }
        with measured() as figures:
            begin = time.time()
            executor = lithops.FunctionExecutor(config=config)
            results = executor.get_result(executor.map(work, parts, include_modules=None))
            figures["started"] = max(at for at, _ in results) - begin
            figures["films"] = sum(written for _, written in results)
            executor.clean(clean_cloudobjects=False)
            largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
            figures["processesPeak"] = largest * job["processes"]  # in addition to this process's own peak


if __name__ == "__main__":
    main()
