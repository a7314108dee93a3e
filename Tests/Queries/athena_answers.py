"""Usage: athena_answers.py DATABASE BUCKET PERSON

Runs the queries of infra/queries on MiniStack's Athena, and prints the answers like page_answers.py does. Endpoint and
credentials come from the environment.

MiniStack creates no named queries from a template, has no execution parameters and no projected partitions, and writes
no tables. So this script saves and loads the queries by API calls, replaces the person's name, removes the condition
on the day, and runs the SELECT of the query that writes a table. All files must be of one day.
"""
import json
import pathlib
import sys
import time

import boto3

QUERIES = pathlib.Path(__file__).resolve().parents[2] / "infra/queries"
FILES = {
    "actors": "most-frequent-actors",
    "films": "films-of-a-person",
    "pairs": "who-worked-together",
    "empty": "films-without-a-cast",
    "people": "people-as-parquet",
}
POLL_SECONDS = 0.05


def without_day(text):
    assert text.count(" WHERE dt = ?") == 1
    return text.replace(" WHERE dt = ?", "").replace("replace(dt, '/', '-')", "'day'")


def select_of(text):
    """The SELECT of a CREATE TABLE AS SELECT."""
    return text[text.index("WITH snapshot"):] if "CREATE TABLE" in text else text


def saved_query(athena, database, name):
    """Saves a query in the workgroup, loads it again, and returns its text."""
    text = (QUERIES / f"{name}.sql").read_text()
    query = athena.create_named_query(Name=name, Database=database, QueryString=text, WorkGroup="primary")
    return athena.get_named_query(NamedQueryId=query["NamedQueryId"])["NamedQuery"]["QueryString"]


def rows(athena, database, bucket, text):
    execution = athena.start_query_execution(
        QueryString=text, QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": f"s3://{bucket}/athena-results/"})["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            break
        time.sleep(POLL_SECONDS)
    assert status["State"] == "SUCCEEDED", f"{text}\n{status}"
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution)
    found = [[cell.get("VarCharValue", "") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
    return found[1:]  # the first row contains the names of the columns


def main():
    database, bucket, person = sys.argv[1:]
    athena = boto3.client("athena")
    answers = {}
    for question, name in FILES.items():
        text = select_of(without_day(saved_query(athena, database, name)))
        answers[question] = rows(athena, database, bucket, text.replace("name = ?", f"name = '{person}'"))
    answers["people"] = sorted(
        (row[:5] for row in answers["people"]), key=lambda row: [row[0], row[1], int(row[2]), *row[3:]])
    print(json.dumps(answers))


main()
