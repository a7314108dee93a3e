"""Writes 60 plans and makes 60 Invokes with boto3 in 60 threads. Each thread makes its two calls in sequence."""
import json
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

from measure import measured, read_job

SHARDS = 60


def main() -> None:
    job = read_job()
    films: list[str] = job["films"]
    session = boto3.Session(
        aws_access_key_id="AKIABENCH", aws_secret_access_key="bench", region_name="us-east-1")
    config = Config(max_pool_connections=SHARDS)
    s3 = session.client("s3", endpoint_url=job["aws"], config=config)
    client = session.client("lambda", endpoint_url=job["aws"], config=config)

    def dispatch(shard: int) -> int:
        plan = json.dumps({"run": "bench", "shard": shard, "films": films[shard::SHARDS]}).encode()
        s3.put_object(Bucket="lake", Key=f"p/_runs/bench/shards/T{shard}.json", Body=plan)
        return client.invoke(FunctionName="worker", InvocationType="Event", Payload=plan)["StatusCode"]

    with measured() as figures:
        with ThreadPoolExecutor(SHARDS) as pool:
            figures["invoked"] = sum(status == 202 for status in pool.map(dispatch, range(SHARDS)))


if __name__ == "__main__":
    main()
