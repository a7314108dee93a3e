"""Usage: check_json.py <TEXTS

Checks texts with Python's json module. Reads one text per line, in base64, and prints one digit per text: 1 if it is
JSON as RFC 8259 defines it, in UTF-8, otherwise 0.
"""
import base64
import json
import sys


def refuse(word):
    """Refuses NaN, Infinity and -Infinity, which Python accepts by default."""
    raise ValueError(word)


# Numbers remain text, because Python refuses to convert very long ones.
decoder = json.JSONDecoder(strict=True, parse_constant=refuse, parse_int=str, parse_float=str)


def is_json(text):
    try:
        decoder.decode(text.decode("utf-8"))
    except ValueError:
        return False
    return True


print("".join("01"[is_json(base64.b64decode(line))] for line in sys.stdin))
