"""Usage: generate_events.py SEED COUNT

Generates events for the dispatcher and the worker, and judges them by the JSON Schemas of docs/schemas. Prints an array
of objects: `function`, `text` and `isValid`. Events about which a schema and a function may differ, as the schema's
description says, are left out.

An event is a sample with some random changes. Samples are the schemas' examples and the files of infra/events.
"""
import copy
import json
import random
import sys

from schemas import ALL, ROOT, subschemas, validator

SAMPLES = {
    function: [
        example for _, part in subschemas(ALL[function + "-event"]) for example in part.get("examples", [])
        if isinstance(example, dict)
    ] for function in ("dispatcher", "worker")
}
for file, function in (
        ("failed-run", "dispatcher"), ("object-created", "dispatcher"), ("s3-notification", "dispatcher"),
        ("scheduled", "dispatcher"), ("failed-shard", "worker")):
    SAMPLES[function].append(json.loads((ROOT / f"infra/events/{file}.json").read_text()))

RUNS = ["r", "R.1_a-b", "a" * 64, "a" * 65, "", ".a", "-a", "a b", "a/b", "é", "r\n", 7]
TIMES = [
    "2026-11-22T03:00:00Z", "2026-11-22T03:00:00.123Z", "2026-02-29T03:00:00Z", "2028-02-29T23:59:59Z",
    "2026-11-22T24:00:00Z", "2026-11-22T03:60:00Z", "2026-11-22T03:00:60Z", "2026-11-22T03:00:00", "2026-11-22",
    "2026-11-22 03:00:00Z", "2026-11-22T03:00:00+00:00", "2026-13-22T03:00:00Z", "soon", "", 1795489200]
NAMES = ["Drama", " War ", "é", "a" * 100, "a" * 101, "", " ", "a,b", "a|b", "a\tb", 7]
PREFIXES = ["", "a", "a/b", "/a", "a/", "a//b", "/", "a b", "é", "a\nb", "a" * 768, "a" * 769, 7]
TOKENS = ["a", "~!", "a" * 200, "a" * 201, "", "a b", "é", "a\n", 7]
# What a field of this name can have: good and bad values, above all at the limits.
VALUES = {
    "run": RUNS, "base": RUNS, "requestId": RUNS, "messageId": RUNS,
    "bucket": ["my-lake", "a.b", "aaa", "a" * 63, "a" * 64, "aa", "A-b", "a_b", "", {"name": "aaa"}, 7],
    "name": ["my-lake", "aa", "A-b", ""],
    "key": ["a", "a b/é", "a" * 1024, "a" * 1025, "", "a\u0000", "a\u007f", 7],
    "prefix": PREFIXES,
    "source": [{}, {"key": "k"}, {"bucket": "aaa", "key": "k"}, {"path": "x"}, {"bucket": "A"}, "aws.s3", "aws.events"],
    "destination": [{}, {"prefix": "a"}, {"bucket": "aaa"}, {"path": "x"}, {"prefix": "/"}],
    "genres": [["War"], NAMES[:4], ["War"] * 50, ["War"] * 51, [], ["War", 7], "War"],
    "titleTypes": [["short"], ["a"] * 20, ["a"] * 21, [], [" "], ["a,b"], ["a" * 101], "short"],
    "columns": [{}, {"id": "x"}, {"genres": " x "}, {"id": " "}, {"id": "a" * 200}, {"id": "a" * 201}, {"key": "x"}],
    "match": ["within", "any", "all", "some", "Any", ""],
    "shards": [1, 60, 1000, 1001, 0, -1, 1.5, 60.0, "7"],
    "shard": [0, 17, 999, 1000, -1, 0.5, 17.0, "0"],
    "filmsPerFile": [1, 1000, 1001, 0, 1e2, "1"],
    "requestsPerSecond": [0, 0.001, 0.0009, 10000, 10000.5, -1, -0.0, 1e-22, "40"],
    "rateScope": ["run", "worker", "adaptive", "all", 7],
    "workers": [1, 1000, 1001, 0, 4.0, 4.5],
    "lookup": ["find", "direct", "auto", "", 7],
    "refresh": ["all", "changed", "some", True],
    "maxAgeDays": [1, 3650, 3651, 0],
    "format": ["object", "lines", "csv", "Lines"],
    "compression": ["none", "gzip", "zstd", True],
    "onExisting": ["replace", "refuse", "keep"],
    "dryRun": [True, False, 1, "true"],
    "time": TIMES, "eventTime": TIMES, "resume": TIMES,
    "id": ["x", "", "9c1b7c1e-5d0a", 7],
    "detail": [{}, {"shards": 3}, {"shrads": 3}, "{}", '{"workers":4}', 7, []],
    "detail-type": ["Scheduled Event", "Object Created", "Object Deleted"],
    "sequencer": ["0", "a" * 47, "a" * 48, "", "a-b", 7],
    "eventSource": ["aws:s3", "aws:sqs", "aws:sns"],
    "eventName": ["ObjectCreated:Put", "ObjectCreated:", "ObjectRemoved:Delete", "", 7],
    "condition": ["RetriesExhausted", "EventAgeExceeded", "Success", 7],
    "body": ["{}", '{"run":"r","shard":0}', "", 7],
    "date": ["2026-11-24", "2026-02-30", "2026-13-01", "20261124", "2026-11-24\n", "", 7],
    "films": [[], ["tt0000009"], ["tt123456"], ["tt12345678901"], ["tt1234567890"], ["nm0000009"], ["tt000000é"], [7]],
    "replay": ["missing", "all", "some"],
    "hop": [0, 1000, 1001, -1],
    "lease": TOKENS, "generation": TOKENS,
    "helps": [True, False, 0],
    "Records": [[], {}, "x"],
    "requestPayload": [{}, {"run": "r", "shard": 0}, {"x": 1}, [], "x"],
    "requestContext": [{}, [], "x"],
}
JUNK = [True, 7, 0.5, "text", [], {}, [1], {"x": 1}]
NEW_FIELDS = {
    "dispatcher": list(ALL["dispatcher-event"]["$defs"]["fields"]["properties"]),
    "worker": list(ALL["worker-event"]["$defs"]["plan"]["properties"]),
}


def places(value):
    """Yields each object and array of a value, with each key and index."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in list(members):
        yield value, key
        yield from places(member)


def change(event, function):
    everywhere = list(places(event))
    if not everywhere or random.random() < 0.4:
        name = random.choice(NEW_FIELDS[function]) if random.random() < 0.95 else "x"
        event[name] = random.choice(VALUES.get(name, JUNK))
        return
    outer, key = random.choice(everywhere)
    action = random.random()
    if action < 0.15 and isinstance(outer, dict):
        del outer[key]
    elif action < 0.25 and isinstance(outer, dict) and key != "detail-type":
        outer[key] = None
    elif action < 0.3 and isinstance(outer, dict):
        outer["x"] = 1
    else:
        outer[key] = copy.deepcopy(random.choice(VALUES.get(key, JUNK) if random.random() < 0.8 else JUNK))


def without_null(value):
    """The value without the fields that are null, which count as not given."""
    if isinstance(value, dict):
        return {key: without_null(member) for key, member in value.items() if member is not None}
    return [without_null(member) for member in value] if isinstance(value, list) else value


def is_left_out(event, function):
    """Whether a function may refuse an event for a reason that the schema's description gives.

    Each of these reasons has an example in SchemaDifferenceTests.
    """
    if "requestPayload" in event or "requestContext" in event:
        payload = event.get("requestPayload")
        if not isinstance(payload, dict):
            return False
        context = event.get("requestContext")
        has_id = isinstance(context, dict) and "requestId" in context
        return is_left_out(payload, function) or function == "dispatcher" and not has_id
    records = event.get("Records")
    if isinstance(records, list) and records:
        bodies = [record for record in records if isinstance(record, dict) and "body" in record]
        return len(records) > 1 or "a" * 1025 in json.dumps(records) or any(
            "messageId" not in record or record["body"] not in ("", 7) for record in bodies)
    detail = event.get("detail")
    if isinstance(detail, str) and detail not in ("{}", '{"workers":4}'):
        return True
    fields = detail if isinstance(detail, dict) and "detail-type" in event else event
    if function == "dispatcher":
        return "base" in fields and "refresh" not in fields
    if "films" in event:
        shards = event.get("shards", 60)
        return "base" in event or not isinstance(shards, (int, float)) or not isinstance(
            event.get("shard"), (int, float)) or event["shard"] >= shards
    return False


def generated(count):
    while count:
        function = random.choice(list(SAMPLES))
        event = copy.deepcopy(random.choice(SAMPLES[function]))
        for _ in range(random.choice([0, 1, 1, 2, 3])):
            change(event, function)
        meant = without_null(event)
        if not is_left_out(meant, function):
            count -= 1
            is_valid = validator(function + "-event").is_valid(meant)
            yield {"function": function, "text": json.dumps(event), "isValid": is_valid}


random.seed(int(sys.argv[1]))
print(json.dumps(list(generated(int(sys.argv[2])))))
