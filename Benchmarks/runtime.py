"""A Lambda Runtime API for the benchmarks, which records exactly when a function's requests arrive."""
import json
import select
import socket
import time
from typing import NamedTuple

RESPONSE_SECONDS_MAX = 120
DEADLINE_SECONDS = 900
REQUEST_BYTES_MAX = 16 << 20


class Request(NamedTuple):
    """A request from the function. `received_at` is when its last bytes arrived, on the clock of perf_counter."""

    method: str
    path: str
    body: bytes
    received_at: float
    connection: socket.socket


class RuntimeAPI:
    """Sends events to one function and receives its responses.

    Uses a single thread, so that the figures contain no thread switches.
    """

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.connections: list[socket.socket] = []
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self) -> "RuntimeAPI":
        return self

    def __exit__(self, *_: object) -> None:
        for connection in [self.listener, *self.connections]:
            connection.close()

    def wait_for_next(self) -> Request:
        """Waits until the function requests an event. Exits if the function reports an initialization error."""
        request = self._receive()
        if request.method != "GET":
            raise SystemExit(f"the function failed to start: {request.body.decode(errors='replace')}")
        return request

    def send_event(self, request: Request, event: bytes) -> float:
        """Responds to the function's request with an event, and returns when it did so."""
        deadline = int((time.time() + DEADLINE_SECONDS) * 1000)
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: bench\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline}\r\nLambda-Runtime-Trace-Id: Root=1-0-0\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:worker\r\n"
            f"Content-Length: {len(event)}\r\n\r\n"
        )
        sent_at = time.perf_counter()
        request.connection.sendall(head.encode() + event)
        return sent_at

    def wait_for_response(self) -> Request:
        """Waits until the function has posted its response or error, and acknowledges it."""
        request = self._receive()
        request.connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        return request

    def invoke(self, event: dict) -> tuple[dict, float]:
        """Runs one invocation. Returns the response, and the seconds from sending the event until its arrival."""
        begin = self.send_event(self.wait_for_next(), json.dumps(event).encode())
        response = self.wait_for_response()
        return json.loads(response.body), response.received_at - begin

    def _receive(self) -> Request:
        deadline = time.monotonic() + RESPONSE_SECONDS_MAX
        while (remaining := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self.listener, *self.connections], [], [], remaining)
            for each in ready:
                if each is self.listener:
                    self.connections.append(self.listener.accept()[0])
                elif request := self._read(each):
                    return request
                else:
                    each.close()
                    self.connections.remove(each)
        raise SystemExit(f"the function sent nothing within {RESPONSE_SECONDS_MAX} s")

    def _read(self, connection: socket.socket) -> Request | None:
        """Reads one complete request. Returns None if the function has closed the connection."""
        head, body, length = b"", b"", None
        while length is None or len(body) < length:
            received = connection.recv(1 << 16)
            if not received:
                return None
            received_at = time.perf_counter()
            if length is not None:
                body += received
                continue
            head += received
            if b"\r\n\r\n" in head:
                head, body = head.split(b"\r\n\r\n", 1)
                length = _content_length(head)
        method, path, _ = head.split(b" ", 2)
        return Request(method.decode(), path.decode(), body, received_at, connection)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return min(int(value), REQUEST_BYTES_MAX)
    return 0
