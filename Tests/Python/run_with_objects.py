"""Usage: run_with_objects.py COMMAND [ARGUMENT…] <INPUT

Runs a command while it serves objects as S3 does, to programs that only read: ListObjectsV2, GetObject and HeadObject.
Standard input is what report_objects.py printed. Prints a JSON object: the command's `status`, `output`, `errors`,
`seconds` and `peakMemoryBytes`.
"""
import datetime
import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

KEYS_MAX = 1000


class Store:
    def __init__(self, given):
        self.bucket = given["bucket"]
        self.bytes = {key: (content if isinstance(content, str) else json.dumps(content)).encode()
                      for key, content in given["objects"].items()}
        self.keys = sorted(self.bytes)
        self.modified = given["modified"]

    def modified_at(self, key):
        """S3's times have whole seconds."""
        return self.modified.get(key, "2026-11-24T03:00:00.000Z")[:19] + ".000Z"

    def etag(self, key):
        return hashlib.md5(self.bytes[key]).hexdigest()

    def listing(self, query):
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        after = query.get("continuation-token") or query.get("start-after") or ""
        entries, last, truncated, folder = [], "", False, None
        for key in self.keys:
            if not key.startswith(prefix) or key <= after or (folder and key.startswith(folder)):
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if len(entries) == KEYS_MAX:
                truncated = True
                break
            if cut >= 0:
                folder = key[:cut + len(delimiter)]
                # A token behind every key of the folder.
                last = folder + "\U0010ffff"
                entries.append(f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>")
            else:
                last = key
                entries.append(
                    f"<Contents><Key>{escape(key)}</Key><LastModified>{self.modified_at(key)}</LastModified>"
                    f"<ETag>&quot;{self.etag(key)}&quot;</ETag><Size>{len(self.bytes[key])}</Size></Contents>")
        token = f"<NextContinuationToken>{escape(last)}</NextContinuationToken>" if truncated else ""
        return (f"<?xml version='1.0' encoding='UTF-8'?><ListBucketResult><Name>{self.bucket}</Name>"
                f"<Prefix>{escape(prefix)}</Prefix><KeyCount>{len(entries)}</KeyCount><MaxKeys>{KEYS_MAX}</MaxKeys>"
                f"<IsTruncated>{str(truncated).lower()}</IsTruncated>{token}{''.join(entries)}</ListBucketResult>")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise the system sends the body only after the headers are acknowledged.
    disable_nagle_algorithm = True
    wbufsize = -1
    store = None

    def do_GET(self):
        path, _, query = self.path.partition("?")
        _, bucket, key = (urllib.parse.unquote(path) + "/").split("/", 2)
        key = key.removesuffix("/")
        if bucket != self.store.bucket:
            self.respond(404, b"<Error><Code>NoSuchBucket</Code></Error>", "application/xml")
        elif not key:
            query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
            self.respond(200, self.store.listing(query).encode(), "application/xml")
        elif key in self.store.bytes:
            self.respond(200, self.store.bytes[key], "application/json", ETag=f'"{self.store.etag(key)}"')
        else:
            self.respond(404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml")

    do_HEAD = do_GET

    def respond(self, status, body, kind, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT"))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


# Runs the command from a small process, whose memory would otherwise count: Linux keeps the peak of the process that
# starts another one until that one has begun.
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps({"status": done.returncode, "output": done.stdout, "errors": done.stderr, "peakMemoryBytes": peak}))
"""


def main():
    Handler.store = Store(json.load(sys.stdin))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ELENCO_"))}
    environment |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", MEASURE, *sys.argv[1:]], env=environment, capture_output=True, text=True)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(done.stderr)
    json.dump(json.loads(done.stdout) | {"seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
