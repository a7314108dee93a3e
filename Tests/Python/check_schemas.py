"""Usage: check_schemas.py

Checks the JSON Schemas of docs/schemas. Prints a line for each fault, and nothing if all is well:

- Each schema is valid by its metaschema, has only known words and its file's name, and describes every property.
- Each example is valid, and each of its changes that must make it invalid does so: a required field that is missing, a
  field that the schema does not have, a value of another type, a value beyond a limit.
"""
import copy
import json

from schemas import ALL, ENDING, FORMATS, REGISTRY, Validator, applicable, fault, parts, subschemas, validator

TYPES = {
    "null": None, "boolean": True, "number": 7.5, "string": "text", "array": [], "object": {},
}
NO_TEXT = "\u0000"
# A misspelt word would have no effect.
WORDS = set(
    "$schema $id $ref $defs title description examples default type enum const format pattern minLength maxLength minimum "
    "maximum exclusiveMinimum properties required additionalProperties propertyNames minProperties maxProperties items "
    "prefixItems minItems maxItems uniqueItems allOf anyOf not if then else dependentRequired dependentSchemas "
    "contentMediaType contentSchema".split())
# Members whose value may be of several types.
FREE = {"detail": ["object", "string"]}


def kind(value):
    """The name of a value's type in JSON. Integers are numbers."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {type(None): "null", str: "string", list: "array", dict: "object"}[type(value)]


def described(schema, resolver):
    """Whether a property has a description, or a constant needs none."""
    return any("description" in part or "const" in part for part, _ in applicable(schema, resolver, None))


def schema_faults(name, schema):
    try:
        Validator.check_schema(schema, format_checker=FORMATS)
    except Exception as error:
        yield f"{name}: {error}"
        return
    if schema.get("$id") != name + ENDING:
        yield f"{name}: its $id is not its file's name"
    resolver = REGISTRY.resolver(name + ENDING)
    for pointer, part in subschemas(schema):
        if "$ref" in part:
            resolver.lookup(part["$ref"])
        for word in sorted(set(part) - WORDS):
            yield f"{name}#{pointer}: unknown word {word}"
        for member, value in part.get("properties", {}).items():
            if "type" in part and not described(value, resolver):
                yield f"{name}#{pointer}: {member} has no description"
    if name != "definitions" and not schema.get("examples"):
        yield f"{name}: no example"


def replaced(value, path, new):
    """A copy of a value in which the part at a path is another one."""
    if not path:
        return new
    value = copy.deepcopy(value)
    outer = value
    for key in path[:-1]:
        outer = outer[key]
    outer[path[-1]] = new
    return value


def beyond_limits(schema, value):
    """Values of the same type that a schema's own limits exclude."""
    if isinstance(value, str):
        if "pattern" in schema:
            # The patterns of names allow control characters.
            is_name = r"\s" in schema["pattern"].lower()
            yield " " if is_name else NO_TEXT
            yield "" if is_name else value + "\n" if schema["pattern"].endswith(r"\Z") else "x" + value
        if schema.get("minLength"):
            yield ""
        if "maxLength" in schema:
            yield "a" * (schema["maxLength"] + 1)
    if isinstance(value, (int, float)):
        for word, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0)):
            if word in schema:
                yield schema[word] + step
    if isinstance(value, list):
        if value and "maxItems" in schema:
            yield value[:1] * (schema["maxItems"] + 1)
        if schema.get("minItems"):
            yield value[:schema["minItems"] - 1]
        if value and schema.get("uniqueItems"):
            yield value[:1] * 2
    if "enum" in schema or "const" in schema:
        yield "nonesuch"


def changes(reference, example):
    """Yields changes of an example, each with whether it must stay valid."""
    for path, value, schemas in parts(reference, example):
        place = "/".join(map(str, path))
        text = " ".join(schema.get("description", "") for schema in schemas)
        if isinstance(value, dict):
            required = {name for schema in schemas for name in schema.get("required", [])}
            required |= {
                name for schema in schemas for given, names in schema.get("dependentRequired", {}).items()
                if given in value for name in names}
            for name in sorted(required):
                less = {key: member for key, member in value.items() if key != name}
                yield f"{place} without {name}", replaced(example, path, less), False
            open_to_all = "not listed are ignored" in text or "keeps all others" in text
            if not any(isinstance(schema.get("additionalProperties"), dict) for schema in schemas):
                yield f"{place} with another field", replaced(example, path, {**value, "x": 1}), open_to_all
        is_free = text.startswith("Ignored.") or "any value" in text
        if not is_free:
            for name, other in TYPES.items():
                if name != kind(value) and name not in FREE.get(path[-1] if path else "", []):
                    yield f"{place} of type {name}", replaced(example, path, other), False
        for schema in schemas:
            for other in beyond_limits(schema, value):
                yield f"{place} as {json.dumps(other)[:60]}", replaced(example, path, other), False


def example_faults(reference, example):
    """Faults of an example, and of those of its changes that are not judged as they must be."""
    wrong = fault(reference, example)
    if wrong:
        yield f"an example is invalid: {wrong}"
        return
    for what, changed, is_valid in changes(reference, example):
        if validator(reference).is_valid(changed) != is_valid:
            yield f"{reference}: {what} is {'in' if is_valid else ''}valid"


def faults():
    for name, schema in ALL.items():
        yield from schema_faults(name, schema)
    for name, schema in ALL.items():
        for pointer, part in subschemas(schema):
            for example in part.get("examples", []):
                yield from example_faults(name + ("#" + pointer if pointer else ""), example)


for line in faults():
    print(line)
