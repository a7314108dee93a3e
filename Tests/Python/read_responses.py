"""Usage: read_responses.py <BODIES

Reads responses of TMDB with Python's json module. Standard input is an object with two arrays of bodies in base64,
`credits` and `find`. Prints an object with the same two arrays of TMDB ids: null for a body that is not a valid
response, and 0 for a find without a film.
"""
import base64
import json
import sys


class Members(list):
    """The members of an object in order, including repeated ones."""

    def values(self, name):
        return [value for key, value in self if key == name]


def refuse(word):
    raise ValueError(word)


def parse(body):
    """The value of a JSON text; None if it is not JSON."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=Members, parse_constant=refuse)
    except ValueError:
        return None


def film_id(value):
    """A TMDB id: an integer that fits in 64 bits, without fraction and exponent."""
    return value if type(value) is int and 0 < value < 2**63 else None


def credits(body):
    members = parse(body)
    if not isinstance(members, Members):
        return None
    for name in ("cast", "crew"):
        values = members.values(name)
        if len(values) != 1 or type(values[0]) is not list:
            return None
    ids = members.values("id")
    return film_id(ids[0]) if len(ids) == 1 else None


def find(body):
    members = parse(body)
    results = members.values("movie_results")[-1:] if isinstance(members, Members) else []
    if not results or type(results[0]) is not list:
        return None
    if not results[0]:
        return 0
    film = results[0][0]
    ids = film.values("id") if isinstance(film, Members) else []
    return film_id(ids[-1]) if ids else None


bodies = json.load(sys.stdin)
print(json.dumps({
    "credits": [credits(base64.b64decode(body)) for body in bodies["credits"]],
    "find": [find(base64.b64decode(body)) for body in bodies["find"]],
}))
