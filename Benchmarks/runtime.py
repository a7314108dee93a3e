"""A Lambda Runtime API of the bench's own, that sees the very moment at which a function asks and answers."""
import json
import select
import socket
import time
from typing import NamedTuple

ANSWER_SECONDS_MAX = 120
DEADLINE_SECONDS = 900
REQUEST_BYTES_MAX = 16 << 20


class Request(NamedTuple):
    """A function's request, and when it was there."""

    method: str
    path: str
    body: bytes
    at: float
    connection: socket.socket


class RuntimeAPI:
    """Hands events to one function and takes its answers. One thread, so that no switch is measured."""

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
        """Waits until the function asks for an event."""
        request = self._take()
        if request.method != "GET":
            raise SystemExit(f"the function did not start: {request.body.decode(errors='replace')}")
        return request

    def hand_over(self, asked: Request, event: bytes) -> float:
        """Answers the function's question with an event: when."""
        deadline = int((time.time() + DEADLINE_SECONDS) * 1000)
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: bench\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline}\r\nLambda-Runtime-Trace-Id: Root=1-0-0\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:worker\r\n"
            f"Content-Length: {len(event)}\r\n\r\n"
        )
        at = time.perf_counter()
        asked.connection.sendall(head.encode() + event)
        return at

    def wait_for_answer(self) -> Request:
        """Waits until the function has answered or failed, and says thanks."""
        request = self._take()
        request.connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        return request

    def invoke(self, event: dict) -> tuple[dict, float]:
        """One whole invocation: the answer, and the seconds that it took."""
        begin = self.hand_over(self.wait_for_next(), json.dumps(event).encode())
        answer = self.wait_for_answer()
        return json.loads(answer.body), answer.at - begin

    def _take(self) -> Request:
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self.listener, *self.connections], [], [], left)
            for each in ready:
                if each is self.listener:
                    self.connections.append(self.listener.accept()[0])
                elif request := self._read(each):
                    return request
                else:
                    each.close()
                    self.connections.remove(each)
        raise SystemExit("the function gave no answer")

    def _read(self, connection: socket.socket) -> Request | None:
        """A whole request; nothing when the function has closed the connection."""
        head, body, length = b"", b"", None
        while length is None or len(body) < length:
            received = connection.recv(1 << 16)
            if not received:
                return None
            at = time.perf_counter()
            if length is not None:
                body += received
                continue
            head += received
            if b"\r\n\r\n" in head:
                head, body = head.split(b"\r\n\r\n", 1)
                length = _content_length(head)
        method, path, _ = head.split(b" ", 2)
        return Request(method.decode(), path.decode(), body, at, connection)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return min(int(value), REQUEST_BYTES_MAX)
    return 0
