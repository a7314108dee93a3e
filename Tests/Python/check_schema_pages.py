"""Usage: check_schema_pages.py

Compares the pages in docs with the JSON Schemas: their examples in JSON must be valid, and the fields in their tables must
be those of the schemas. Prints a line for each fault, and nothing if all is well.
"""
import json
import re

from schemas import ENDING, REGISTRY, ROOT, applicable, fault

# The schemas of the examples, by the section's heading; None for JSON that is not Elenco's.
SECTIONS = {
    "docs/events.md": {
        "The dispatcher's event": ["dispatcher-event"],
        "A run that fetches only what has changed": ["dispatcher-event"],
        "Columns": ["dispatcher-event"],
        "Title types": ["dispatcher-event"],
        "The scheduled event": ["dispatcher-event"],
        "S3's events": ["dispatcher-event"],
        "Failure records and SQS messages": ["worker-event"],
        "The dispatcher's response": ["dispatcher-response"],
        "The worker's event": ["worker-event"],
        "The worker's response": ["worker-response"],
        "Errors": ["function-error"],
    },
    "docs/output.md": {
        "Manifest": ["manifest"],
        "`failed.csv`": ["dispatcher-event"],
        "Reports": ["report"],
        "Plans": ["plan"],
        "Leases": ["lease"],
        "Latest run": ["latest-run"],
        "Folder owners and requests": ["folder-owner", "request"],
    },
    "docs/operating.md": {
        "Full run": ["dispatcher-event"],
        "One shard again": ["worker-event"],
        "Scheduled run": ["dispatcher-event"],
        "Start the next job": None,
    },
}
# The schemas whose fields a section lists in tables.
TABLES = {
    ("docs/events.md", "The dispatcher's event"): ["dispatcher-event#/$defs/fields"],
    ("docs/events.md", "The scheduled event"): ["dispatcher-event#/$defs/scheduled"],
    ("docs/events.md", "The dispatcher's response"): ["dispatcher-response"],
    ("docs/events.md", "The worker's event"): ["worker-event#/$defs/stored", "worker-event#/$defs/plan"],
    ("docs/output.md", "Manifest"): ["manifest"],
    ("docs/output.md", "Reports"): ["report#/$defs/report"],
    ("docs/output.md", "Plans"): ["plan"],
    ("docs/output.md", "Leases"): ["lease"],
}
# A field that a page describes before its table.
UNLISTED = {"detail-type"}


def sections(page):
    """Yields a page's sections: the heading of the second level, the last heading, and the text below it."""
    outer = ""
    for part in re.split(r"^(?=##+ )", (ROOT / page).read_text(), flags=re.M)[1:]:
        heading, _, text = part.partition("\n")
        level, _, title = heading.partition(" ")
        outer = title if level == "##" else outer
        yield outer, title, text


def members(reference):
    """The names of a schema's properties, and those with the names of the objects that they are in."""
    name, _, fragment = reference.partition("#")
    target = REGISTRY.resolver(name + ENDING).lookup("#" + fragment)
    top, all_names = set(), set()

    def visit(schema, resolver, path):
        for part, place in applicable(schema, resolver, {}):
            for member, value in part.get("properties", {}).items():
                all_names.update(".".join((*path, member)[start:]) for start in range(len(path) + 1))
                visit(value, place, (*path, member))
            if "items" in part:
                visit(part["items"], place, path)

    visit(target.contents, target.resolver, ())
    for part, _ in applicable(target.contents, target.resolver, {}):
        top |= set(part.get("properties", {}))
    return top, all_names


def page_faults(page, schemas_of):
    listed = {}
    for outer, title, text in sections(page):
        blocks = re.findall(r"^```json\n(.*?)^```", text, re.M | re.S)
        references = schemas_of.get(title)
        if blocks and title not in schemas_of:
            yield f"{page}: {title}: no schema for its example"
        for index, block in enumerate(blocks if references else []):
            wrong = fault(references[min(index, len(references) - 1)], json.loads(block))
            if wrong:
                yield f"{page}: {title}: {wrong}"
        for table in re.findall(r"^\| field \|.*\n(?:\|.*\n)+", text, re.M):
            rows = [row.split("|")[1] for row in table.splitlines()[2:]]
            names = [name.replace("[]", "") for row in rows for name in re.findall(r"`([^`]+)`", row)]
            listed.setdefault(outer, set()).update(names)
    for (other, heading), references in TABLES.items():
        if other != page:
            continue
        known = [members(reference) for reference in references]
        top, all_names = (set().union(*(pair[index] for pair in known)) for index in (0, 1))
        for name in sorted(listed.get(heading, set()) - all_names):
            yield f"{page}: {heading}: the schema has no field {name}"
        missing = top - {name.split(".")[0] for name in listed.get(heading, set())} - UNLISTED
        for name in sorted(missing):
            yield f"{page}: {heading}: its tables do not have the field {name}"


for page, schemas_of in SECTIONS.items():
    for line in page_faults(page, schemas_of):
        print(line)
