"""The JSON Schemas of docs/schemas, for the programs that check them and that check outputs against them."""
import functools
import json
import pathlib
import re

from jsonschema import Draft202012Validator as Validator
from jsonschema import FormatChecker
from jsonschema.exceptions import best_match
from referencing import Registry, Resource

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/schemas"
ENDING = ".schema.json"


def python_pattern(schema):
    """The schema with "$" as JSON Schema defines it, the end of the text. Python's also matches before a line break."""
    pattern = schema.get("pattern")
    return {**schema, "pattern": re.sub(r"\$$", r"\\Z", pattern)} if isinstance(pattern, str) else schema


# By name: the file's name without its ending.
ALL = {
    path.name.removesuffix(ENDING): json.loads(path.read_text(), object_hook=python_pattern)
    for path in sorted(FOLDER.glob("*" + ENDING))
}
FORMATS = FormatChecker(formats=["date", "date-time", "regex"])
REGISTRY = Registry().with_resources(
    (name + ENDING, Resource.from_contents(schema)) for name, schema in ALL.items()).crawl()


@functools.cache
def validator(reference):
    """The validator of a schema or of a part of one: "report", "report#/$defs/report"."""
    name, _, fragment = reference.partition("#")
    schema = {"$ref": name + ENDING + ("#" + fragment if fragment else "")}
    return Validator(schema, registry=REGISTRY, format_checker=FORMATS)


def fault(reference, value):
    """What is wrong with a value, in a sentence; "" if it is of the schema."""
    error = best_match(validator(reference).iter_errors(value))
    return "" if error is None else f"{reference}: {error.json_path}: {error.message}"[:1000]


def applicable(schema, resolver, value):
    """The schemas that apply to a value as a whole: this one, those that it refers to, and the branches it takes."""
    if isinstance(schema, bool):
        return []
    found = [(schema, resolver)]
    if "$ref" in schema:
        target = resolver.lookup(schema["$ref"])
        found += applicable(target.contents, target.resolver, value)
    for part in schema.get("allOf", []):
        found += applicable(part, resolver, value)
    if "if" in schema:
        # The conditions refer to no other schema.
        branch = "then" if Validator(schema["if"]).is_valid(value) else "else"
        found += applicable(schema.get(branch, True), resolver, value)
    if isinstance(value, dict):
        for name, part in schema.get("dependentSchemas", {}).items():
            found += applicable(part, resolver, value) if name in value else []
    return found


def nodes(located, value, path=()):
    """Yields each part of a value that schemas describe: its path, the part, and the schemas that apply to it.

    Schemas are in pairs with the resolver of the references in them.
    """
    found = [pair for schema, resolver in located for pair in applicable(schema, resolver, value)]
    yield path, value, [schema for schema, _ in found]
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        below = [(child, resolver) for schema, resolver in found for child in children(schema, key)]
        if below:
            yield from nodes(below, member, (*path, key))


def children(schema, key):
    """The schemas that a schema has for a member or an element."""
    if isinstance(key, int):
        items = schema.get("prefixItems", [])
        return [items[key]] if key < len(items) else [schema["items"]] if "items" in schema else []
    if key in schema.get("properties", {}):
        return [schema["properties"][key]]
    more = schema.get("additionalProperties")
    return [more] if isinstance(more, dict) else []


def parts(reference, value):
    """The nodes of a value of a schema."""
    name, _, fragment = reference.partition("#")
    target = REGISTRY.resolver(name + ENDING).lookup("#" + fragment)
    return nodes([(target.contents, target.resolver)], value)


def subschemas(schema, pointer=""):
    """Yields each schema within a schema, with the JSON pointer to it. Examples and constants are not schemas."""
    if isinstance(schema, dict):
        yield pointer, schema
        for word in ("properties", "$defs", "dependentSchemas"):
            for name, part in schema.get(word, {}).items():
                yield from subschemas(part, f"{pointer}/{word}/{name}")
        for word in ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else", "contentSchema"):
            yield from subschemas(schema.get(word), f"{pointer}/{word}")
        for word in ("allOf", "anyOf", "prefixItems"):
            for index, part in enumerate(schema.get(word, [])):
                yield from subschemas(part, f"{pointer}/{word}/{index}")
