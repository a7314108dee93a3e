"""The job as it was: one Lambda with 60 threads, each of which works off its own part of the films and numbers its own files, with requests.get for each call and boto3; JSON is read and written again."""
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import requests

from taken import job, taken

THREADS = 60
FILMS_PER_FILE = 100
HEADERS = {"Authorization": "Bearer bench", "Accept": "application/json"}


class Part:
    """A thread's films, and its client of S3."""

    def __init__(self, number: int, films: Sequence[str], asked: dict[str, Any]) -> None:
        self.number, self.films, self.asked = number, films, asked
        self.s3 = boto3.client(
            "s3", endpoint_url=asked["aws"], region_name="us-east-1", aws_access_key_id="AKIABENCH",
            aws_secret_access_key="bench")

    def work(self) -> int:
        """Fetches one film after the other, and writes a file for each 100: how many films were written."""
        written = 0
        for start in range(0, len(self.films), FILMS_PER_FILE):
            answers = {film: self.credits(film) for film in self.films[start:start + FILMS_PER_FILE]}
            file = {film: credits for film, credits in answers.items() if credits is not None}
            key = f"p/Atores-T{self.number}-{start // FILMS_PER_FILE + 1}.json"
            self.s3.put_object(
                Bucket="lake", Key=key, Body=json.dumps(file).encode(), ContentType="application/json")
            written += len(file)
        return written

    def credits(self, film: str) -> dict | None:
        results = self.get(f"find/{film}", {"external_source": "imdb_id"})["movie_results"]
        return self.get(f"movie/{results[0]['id']}/credits") if results else None

    def get(self, path: str, parameters: dict[str, str] | None = None) -> dict:
        answer = requests.get(
            f"{self.asked['tmdb']}/3/{path}", params=parameters, headers=HEADERS, timeout=30,
            verify=self.asked["certificate"])
        answer.raise_for_status()
        return answer.json()


def main() -> None:
    asked = job()
    films = asked["films"]
    # Made before the clock runs: for all films of the job, 60 clients are next to nothing.
    parts = [Part(number, films[number::THREADS], asked) for number in range(THREADS)]
    with taken() as figures, ThreadPoolExecutor(THREADS) as pool:
        figures["films"] = sum(pool.map(Part.work, parts))


if __name__ == "__main__":
    main()
