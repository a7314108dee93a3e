"""Usage: page_answers.py TOOL FOLDER DAY PERSON

Runs the blocks of one tool's section in docs/queries.md on the data files in FOLDER, and prints the answers as JSON:
a list of rows for each of the five questions. Every value is a string.

DAY is the day of the files, such as 2026/11/27. PERSON takes the place of the person's name in the page's examples.
Athena's and Spark's blocks are translated to DuckDB by sqlglot.
"""
import ast
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import duckdb
import polars
import sqlglot

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/queries.md"
EXAMPLE_FOLDER = "out/Raw/TMDB/JSON/Atores/2026/11/27"
EXAMPLE_PERSON = "Noor Ishiguro"
QUESTIONS = ["actors", "films", "pairs", "empty", "people"]


def blocks(tool, compressed, person):
    """The code blocks of the tool's section: the preparation, if it has one, and one per question."""
    section = re.search(rf"^## {tool}$(.*?)^## ", PAGE.read_text(), re.M | re.S).group(1)
    found = re.findall(r"^```(?:sql|python|sh)\n(.*?)^```$", section, re.M | re.S)
    if tool != "Athena":
        if person != EXAMPLE_PERSON:
            assert any(EXAMPLE_PERSON in block for block in found)
        found = [block.replace(EXAMPLE_PERSON, person) for block in found]
    if compressed:
        found = [block.replace(".jsonl", ".jsonl.gz").replace("{ cat ", "{ zcat ") for block in found]
    expected = len(QUESTIONS) + (tool != "Athena")
    assert len(found) == expected, f"section {tool} has {len(found)} blocks instead of {expected}"
    return found


def rows(table):
    return [[str(value) for value in row] for row in table]


def parquet_rows():
    table = polars.read_parquet("people.parquet")
    return rows(sorted(table.select(table.columns[:5]).iter_rows()))


def run_duckdb(found):
    connection = duckdb.connect()
    answers = [connection.execute(block).fetchall() for block in found]
    return [rows(answer) for answer in answers[1:5]] + [parquet_rows()]


def run_python(found):
    """Runs each block as a notebook does: its value is that of its last line."""
    scope, answers = {}, []
    for block in found:
        *statements, last = ast.parse(block).body
        exec(compile(ast.Module(statements, []), "block", "exec"), scope)
        if isinstance(last, ast.Expr):
            answers.append(eval(compile(ast.Expression(last.value), "block", "eval"), scope))
        else:
            exec(compile(ast.Module([last], []), "block", "exec"), scope)
            answers.append(None)
    tables = [
        answer.rows() if isinstance(answer, polars.DataFrame) else answer.itertuples(index=False)
        for answer in answers[1:5]]
    return [rows(table) for table in tables] + [parquet_rows()]


def run_jq(found):
    preparation, *questions = found
    outputs = [
        subprocess.run(["bash", "-eu", "-c", preparation + block], check=True, capture_output=True, text=True)
        .stdout.splitlines() for block in questions]
    pairs = [[*people, count] for count, *people in (line.split() for line in outputs[2])]  # `uniq -c` counts
    actors, films, empty = ([line.split("\t") for line in outputs[index]] for index in (0, 1, 3))
    with open("people.csv", newline="", encoding="utf-8") as file:
        people = sorted([*line[:2], int(line[2]), *line[3:]] for line in csv.reader(file))
    # @tsv escapes backslashes, and `sort` compares fields as text. SQL compares numbers.
    films = sorted((film, int(person), role.replace("\\\\", "\\")) for film, person, role in films)
    return [actors, rows(films), pairs, empty, rows(people)]


def run_translated(found, dialect, view, parameters):
    connection = duckdb.connect()
    connection.execute(view)
    answers = []
    for index, block in enumerate(found):
        (statement,) = sqlglot.transpile(block, read=dialect, write="duckdb", unsupported_level=sqlglot.ErrorLevel.IGNORE)
        answers.append(connection.execute(statement, parameters[: statement.count("?")]).fetchall())
    connection.execute("COPY people TO 'people.parquet'")
    return [rows(answer) for answer in answers[:4]] + [parquet_rows()]


def main():
    tool, folder, day, person = sys.argv[1:]
    files = sorted(pathlib.Path(folder).glob("*.jsonl*"))
    compressed = files[0].name.endswith(".gz")
    found = blocks(tool, compressed, person)
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        pathlib.Path(EXAMPLE_FOLDER).parent.mkdir(parents=True)
        pathlib.Path(EXAMPLE_FOLDER).symlink_to(folder)
        if tool == "DuckDB":
            answers = run_duckdb(found)
        elif tool == "jq":
            answers = run_jq(found)
        elif tool == "Spark":
            view = f"CREATE VIEW credits AS FROM read_json('{EXAMPLE_FOLDER}/*.jsonl*')"
            answers = run_translated(found[1:], "spark", view, [])
        elif tool == "Athena":
            # The table has another day, with a film that must not be counted.
            view = f"""
                CREATE VIEW credits AS SELECT *, '{day}' AS dt FROM read_json('{EXAMPLE_FOLDER}/*.jsonl*')
                UNION ALL SELECT *, '2024/01/01' FROM read_json('{files[0]}')"""
            answers = run_translated(found, "athena", view, [day, person])
        else:
            answers = run_python(found)
    print(json.dumps(dict(zip(QUESTIONS, answers))))


main()
