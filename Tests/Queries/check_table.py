"""Usage: check_table.py FOLDER KEY <TABLE

Checks a Glue table, as `aws glue get-table` prints it, against the JSON Lines files in FOLDER: each member of a film and
of a person has a column or a field of a type that can hold its values, in the order of the responses. And Athena would
look for the data file with the key s3://KEY in the folder that the table's projection computes. Prints what is wrong.
"""
import datetime
import gzip
import json
import pathlib
import re
import sys

ACCEPTED = {
    bool: {"boolean"}, int: {"int", "bigint", "double"}, float: {"double"}, str: {"string"},
    type(None): {"boolean", "int", "bigint", "double", "string"},
}
INT_MAX = 2**31 - 1


def films(folder):
    for path in sorted(pathlib.Path(folder).glob("*.jsonl*")):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def fields(column_type):
    """The fields of an array of structs, in order."""
    struct = re.fullmatch(r"array<struct<([a-z_:,]+)>>", column_type).group(1)
    return dict(field.split(":") for field in struct.split(","))


def faults_of(record, types, place):
    if list(record) != list(types):
        yield f"{place} has {list(record)}, but the table {list(types)}"
        return
    for name, value in record.items():
        if types[name] not in ACCEPTED[type(value)] or (types[name] == "int" and value and abs(value) > INT_MAX):
            yield f"{place}.{name} is {types[name]}, but has the value {value!r}"


def check_columns(columns, folder):
    assert list(columns) == ["imdb_id", "id", "cast", "crew"], columns
    people = {part: fields(columns[part]) for part in ("cast", "crew")}
    for film in films(folder):
        outer = {name: value for name, value in film.items() if name not in people}
        yield from faults_of(outer, {name: columns[name] for name in ("imdb_id", "id")}, film["imdb_id"])
        for part, types in people.items():
            for person in film[part]:
                yield from faults_of(person, types, f"{film['imdb_id']}.{part}")


def check_projection(table, key):
    parameters = table["Parameters"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["dt"]
    assert parameters["projection.enabled"] == "true" and parameters["projection.dt.type"] == "date"
    assert parameters["projection.dt.interval.unit"] == "DAYS" and parameters["projection.dt.interval"] == "1"
    python_format = parameters["projection.dt.format"].replace("yyyy", "%Y").replace("MM", "%m").replace("dd", "%d")
    first, last = parameters["projection.dt.range"].split(",")
    assert last == "NOW"
    day = datetime.datetime.strptime(first, python_format)
    folders = []
    while day <= datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None):
        folders.append(parameters["storage.location.template"].replace("${dt}", day.strftime(python_format)))
        day += datetime.timedelta(days=1)
    if f"s3://{key.rpartition('/')[0]}/" not in folders:
        yield f"s3://{key} is in none of the {len(folders)} folders {folders[0]} … {folders[-1]}"
    location = table["StorageDescriptor"]["Location"]
    if not all(folder.startswith(location) for folder in folders):
        yield f"the location {location} does not contain {folders[0]}"


def main():
    folder, key = sys.argv[1:]
    table = json.load(sys.stdin)["Table"]
    storage = table["StorageDescriptor"]
    assert storage["SerdeInfo"]["SerializationLibrary"] == "org.openx.data.jsonserde.JsonSerDe"
    columns = {column["Name"]: column["Type"] for column in storage["Columns"]}
    for fault in [*check_columns(columns, folder), *check_projection(table, key)][:20]:
        print(fault)


main()
