"""HTTP messages as the proxy reads and sends them: always whole, except when a fault truncates them."""
import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass

import h11

HOP_HEADERS = {b"connection", b"keep-alive", b"transfer-encoding"}
EVENT_BYTES_MAX = 1 << 20
READ_BYTES = 1 << 16


class Broken(Exception):
    """The client's connection is to be reset."""


@dataclass
class Message:
    """A whole request or response."""

    head: h11.Request | h11.Response
    body: bytes

    def sized_head(self) -> h11.Request | h11.Response:
        """The head for sending the body in one piece."""
        headers = [(name, value) for name, value in self.head.headers if name not in HOP_HEADERS]
        names = {name for name, _ in headers}
        has_no_length = isinstance(self.head, h11.Response) and self.head.status_code in (204, 304)
        if b"content-length" not in names and not has_no_length and (self.body or isinstance(self.head, h11.Response)):
            headers.append((b"content-length", str(len(self.body)).encode()))
        if isinstance(self.head, h11.Response):
            return h11.Response(status_code=self.head.status_code, headers=headers, reason=self.head.reason)
        headers.append((b"connection", b"close"))
        return h11.Request(method=self.head.method, target=self.head.target, headers=headers)


async def exchange(port: int, request: Message) -> Message:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=EVENT_BYTES_MAX)
        writer.write(serialized(connection, request))
        await writer.drain()
        response = await receive(connection, reader, None)
        if response is None:
            raise h11.RemoteProtocolError("no response")
        return response
    finally:
        writer.close()


async def receive(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None
) -> Message | None:
    """Reads a whole message. None at the connection's end."""
    head, body = None, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if writer and connection.they_are_waiting_for_100_continue:
                writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])))
            connection.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Request | h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return Message(head, bytes(body))
        elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
            return None


def serialized(connection: h11.Connection, message: Message) -> bytes:
    data = connection.send(message.sized_head())
    if message.body:
        data += connection.send(h11.Data(data=message.body))
    return data + connection.send(h11.EndOfMessage())


async def send(
    connection: h11.Connection, writer: asyncio.StreamWriter, response: Message, is_truncated: bool = False
) -> None:
    data = serialized(connection, response)
    if writer.is_closing():
        raise Broken
    if is_truncated:
        # Half of the body or, if there is none, half of the head.
        writer.write(data[: len(data) - (len(response.body) + 1) // 2 if response.body else len(data) // 2])
        await writer.drain()
        writer.close()
        raise Broken
    writer.write(data)
    await writer.drain()


def error(service: str, method: str, is_throttled: bool) -> Message:
    """An error as the service words it."""
    if service == "s3":
        status, code = (503, "SlowDown") if is_throttled else (500, "InternalError")
        body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>Chaos.</Message></Error>'
        headers = [("content-type", "application/xml")]
    else:
        status, code = (429, "TooManyRequestsException") if is_throttled else (500, "ServiceException")
        body = '{"Type":"Service","Message":"Chaos."}'
        headers = [("content-type", "application/json"), ("x-amzn-errortype", code)]
    head = h11.Response(status_code=status, headers=headers, reason=b"Chaos")
    return Message(head, b"" if method == "HEAD" else body.encode())


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with a reset instead of an orderly end."""
    if writer.is_closing():
        return
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
