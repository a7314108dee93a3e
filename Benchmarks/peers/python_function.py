"""A minimal Lambda function for AWS's Python runtime client (awslambdaric): JSON in, JSON out."""
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return {"answer": event}
