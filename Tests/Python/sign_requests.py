"""Usage: sign_requests.py <REQUESTS

Signs requests with botocore. Reads a JSON array of requests, and prints an array of what botocore makes of each: the
path and query that it sends, the canonical request and the Authorization header.

A request's `path` and `pairs` are plain text that botocore percent-encodes. With `isSent`, `path` and `query` are the
text that is sent.
"""
import datetime
import json
import sys

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode, percent_encode_sequence


def sent(request):
    """The path and the query as they are sent."""
    if request["isSent"]:
        return request["path"], request["query"]
    pairs = [tuple(pair) for pair in request["pairs"]]
    return percent_encode(request["path"], safe="/~"), percent_encode_sequence(pairs)


def sign(request):
    path, query = sent(request)
    url = f"https://{request['authority']}{path}" + (f"?{query}" if query else "")
    unsigned = AWSRequest(method=request["method"], url=url, data=request["body"].encode())
    for name, value in request["headers"]:
        unsigned.headers.add_header(name, value)
    time = datetime.datetime.fromtimestamp(request["seconds"], datetime.timezone.utc).replace(tzinfo=None)
    botocore.auth.get_current_datetime = lambda: time
    kind = botocore.auth.S3SigV4Auth if request["service"] == "s3" else botocore.auth.SigV4Auth
    credentials = Credentials(request["accessKeyID"], request["secretAccessKey"], request.get("sessionToken"))
    signer = kind(credentials, request["service"], request["region"])
    signer.add_auth(unsigned)
    authorization = unsigned.headers["Authorization"]
    del unsigned.headers["Authorization"]
    return {
        "path": path, "query": query, "canonicalRequest": signer.canonical_request(unsigned),
        "authorization": authorization,
    }


print(json.dumps([sign(request) for request in json.load(sys.stdin)]))
