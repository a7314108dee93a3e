"""Usage: match_outputs.py <OUTPUTS

Compares outputs with the JSON Schemas of docs/schemas. Standard input is an object: `outputs` has pairs of a schema's
name and a JSON text; `isExact` says whether the outputs are all that there can be. Prints an array of faults:

- an output that is not of its schema
- if they are exact: a field that is required although an output lacks it, or that is not required although every output
  has it; a field that no output has; a part of the schemas that no output has
"""
import json
import sys

from schemas import ALL, fault, parts, subschemas

# What only a function or a whole run writes: the tests on the local cloud validate it.
ELSEWHERE = {"data-file", "data-line", "definitions", "dispatcher-event", "function-error", "replay", "request", "worker-event"}


def strict_schemas():
    """The schemas that list the fields of an object, by their identity: the pointer and the schema."""
    return {
        id(part): (f"{name}#{pointer}", part)
        for name, schema in ALL.items() for pointer, part in subschemas(schema)
        if part.get("additionalProperties") is False
    }


def exact_faults(outputs):
    strict = strict_schemas()
    fields = {}
    for name, value in outputs:
        for _, part, schemas in parts(name, value):
            for schema in schemas:
                if id(schema) in strict:
                    fields.setdefault(id(schema), []).append(set(part))
    for key, (pointer, schema) in strict.items():
        if key not in fields:
            if pointer.partition("#")[0] not in ELSEWHERE:
                yield f"{pointer}: no output has it"
            continue
        given = set().union(*fields[key])
        always = set.intersection(*fields[key])
        for name in sorted(set(schema["properties"]) - given):
            yield f"{pointer}: no output has the field {name}"
        for name in sorted(always ^ set(schema.get("required", []))):
            yield f"{pointer}: {name} is{'' if name in always else ' not'} in every output"


given = json.load(sys.stdin)
outputs = [(name, json.loads(text)) for name, text in given["outputs"]]
faults = [wrong for wrong in (fault(name, value) for name, value in outputs) if wrong]
print(json.dumps(faults + (list(exact_faults(outputs)) if given["isExact"] and not faults else [])))
