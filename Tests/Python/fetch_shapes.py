"""Usage: fetch_shapes.py URL TOKEN PATH…

Requests paths of a server with Python's own HTTP client and JSON module. Prints an array with an object per path:
`status`, `type` (the Content-Type), and `shape`, which has for each member of the response the keys of its first
element, or the name of the member's type.
"""
import json
import sys
import urllib.error
import urllib.request


def shape(value):
    if isinstance(value, list):
        return list(value[0]) if value else []
    return [type(value).__name__]


def fetch(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    # Without the proxies that the environment sets.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        response = opener.open(request, timeout=30)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        members = json.loads(response.read().decode("utf-8"))
        return {
            "status": response.status, "type": response.headers["Content-Type"],
            "shape": {name: shape(value) for name, value in members.items()},
        }


server, token, *paths = sys.argv[1:]
print(json.dumps([fetch(server + path, token) for path in paths]))
