"""A Python function on AWS's own runtime client (awslambdaric): JSON in, JSON out."""
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return {"answer": event}
