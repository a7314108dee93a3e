"""The original job, which Elenco replaces: one Python process with 60 threads.

Each thread fetches its own part of the films and numbers its own files. It calls requests.get for each request, which
opens a new connection, and writes with boto3. JSON is parsed and serialized again.
"""
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import requests

from measure import measured, read_job

THREADS = 60
FILMS_PER_FILE = 100
HEADERS = {"Authorization": "Bearer bench", "Accept": "application/json"}


class Part:
    """The films of one thread, with the thread's own S3 client."""

    def __init__(self, number: int, films: Sequence[str], job: dict[str, Any]) -> None:
        self.number, self.films, self.job = number, films, job
        self.s3 = boto3.client(
            "s3", endpoint_url=job["aws"], region_name="us-east-1", aws_access_key_id="AKIABENCH",
            aws_secret_access_key="bench")

    def work(self) -> int:
        """Fetches the films one by one, writes a file for every 100, and returns how many films were written."""
        written = 0
        for start in range(0, len(self.films), FILMS_PER_FILE):
            responses = {film: self.credits(film) for film in self.films[start:start + FILMS_PER_FILE]}
            file = {film: credits for film, credits in responses.items() if credits is not None}
            key = f"p/Atores-T{self.number}-{start // FILMS_PER_FILE + 1}.json"
            self.s3.put_object(
                Bucket="lake", Key=key, Body=json.dumps(file).encode(), ContentType="application/json")
            written += len(file)
        return written

    def credits(self, film: str) -> dict | None:
        results = self.get(f"find/{film}", {"external_source": "imdb_id"})["movie_results"]
        return self.get(f"movie/{results[0]['id']}/credits") if results else None

    def get(self, path: str, parameters: dict[str, str] | None = None) -> dict:
        response = requests.get(
            f"{self.job['tmdb']}/3/{path}", params=parameters, headers=HEADERS, timeout=30,
            verify=self.job["certificate"])
        response.raise_for_status()
        return response.json()


def main() -> None:
    job = read_job()
    films = job["films"]
    # Not measured, because creating 60 clients takes a negligible part of the whole job's time.
    parts = [Part(number, films[number::THREADS], job) for number in range(THREADS)]
    with measured() as figures, ThreadPoolExecutor(THREADS) as pool:
        figures["films"] = sum(pool.map(Part.work, parts))


if __name__ == "__main__":
    main()
