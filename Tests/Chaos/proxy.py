"""A reverse proxy between the functions and S3, Lambda and TMDB that carries out the faults of a run.

Each service has its own port, so that the proxy knows whose request it has. The header Host is passed on as it was
sent, because it is part of AWS's signature.
"""
import asyncio
import contextlib
import signal
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import h11

from faults import Faults
from processes import Process, Processes

SERVICES = ("s3", "lambda", "tmdb")
HOP_HEADERS = {b"connection", b"keep-alive", b"transfer-encoding"}
UPSTREAM_SECONDS = 60
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


class Proxy:
    """One lane's proxy. `faults` is that of the run in progress."""

    def __init__(self, processes: Processes, dispatcher: str, log: Callable[[str], None]) -> None:
        self.processes = processes
        self.dispatcher = dispatcher
        self.log = log
        self.faults: Faults | None = None
        self.upstreams: dict[str, int] = {}
        self.ports: dict[str, int] = {}
        self.servers: list[asyncio.Server] = []
        self.clients: dict[asyncio.StreamWriter, str] = {}
        self.tasks: set[asyncio.Task] = set()  # late requests and suspensions
        self.cuts: dict[str, tuple[float, bool]] = {}  # service to the cut's end, and whether it is silent
        self.in_flight = 0
        self.last_request = 0.0

    async def start(self) -> None:
        for service in SERVICES:
            server = await asyncio.start_server(partial(self._serve, service), "127.0.0.1", 0)
            self.servers.append(server)
            self.ports[service] = server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        for server in self.servers:
            server.close()
        for writer in list(self.clients):
            reset(writer)
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def is_quiet(self, seconds: float) -> bool:
        """Whether no function has sent a request for this long, and no fault is still going on."""
        now = asyncio.get_running_loop().time()
        return self.in_flight == 0 and not self.tasks and now - self.last_request >= seconds

    async def cut(self, services: tuple[str, ...], seconds: float, is_silent: bool) -> None:
        """Cuts the network to these services, and restores it after this time."""
        end = asyncio.get_running_loop().time() + seconds
        for service in services:
            self.cuts[service] = (end, is_silent)
        if not is_silent:
            for writer in [each for each, service in self.clients.items() if service in services]:
                reset(writer)
        await asyncio.sleep(seconds)
        for service in services:
            self.cuts.pop(service, None)

    def background(self, work: Callable) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve(self, service: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients[writer] = service
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=EVENT_BYTES_MAX)
        try:
            while (request := await receive(connection, reader, writer)) is not None:
                self.in_flight += 1
                try:
                    await self._answer(service, request, connection, writer)
                finally:
                    self.in_flight -= 1
                    self.last_request = asyncio.get_running_loop().time()
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    break
                connection.start_next_cycle()
        except (Broken, OSError, h11.ProtocolError, asyncio.CancelledError):
            reset(writer)
        finally:
            self.clients.pop(writer, None)
            writer.close()

    async def _answer(
        self, service: str, request: Message, connection: h11.Connection, writer: asyncio.StreamWriter
    ) -> None:
        await self._wait_for_network(service)
        faults, method = self.faults, request.head.method.decode()
        what = f"{service} {method} {request.head.target.decode()[:160]}"
        if faults is None:
            return await send(connection, writer, await self._forward(service, request))
        if kind := faults.of_sender(service, method):
            # Only now, because it is slow.
            sender = self.processes.of_connection(writer.get_extra_info("peername")[1], self.ports[service])
            if sender:
                await self._disturb(kind, sender, service, request, faults, what)
        fault = faults.of_request(service)
        if fault:
            faults.count(fault, service)
            self.log(f"{fault}: {what}")
        if fault == "connection reset":
            raise Broken
        if fault == "500 or 503":
            return await send(connection, writer, error(service, method, faults.chance(0.5)))
        if fault == "arrives late":
            self.background(self._forward_late(service, request, faults.lateness(), what))
            raise Broken
        if fault == "delayed" and faults.chance(0.5):
            await asyncio.sleep(faults.delay())
        response = await self._forward(service, request)
        if service == "lambda" and faults.doubles_invocation():
            faults.count("worker's invocation delivered twice")
            self.log(f"twice: {what}")
            await self._forward(service, request)
        if fault == "delayed":
            await asyncio.sleep(faults.delay())
        await self._wait_for_network(service)
        if fault == "carried out, response lost":
            raise Broken
        if fault == "carried out, then 500":
            return await send(connection, writer, error(service, method, False))
        await send(connection, writer, response, is_truncated=fault == "truncated response")

    async def _disturb(
        self, kind: str, sender: Process, service: str, request: Message, faults: Faults, what: str
    ) -> None:
        """Kills or suspends the sender of a request. The request is lost, carried out, or carried out late."""
        name = "dispatcher" if sender.function == self.dispatcher else "worker"
        if kind == "kill":
            if not sender.send(signal.SIGKILL):
                return
            faults.count(f"{name} killed")
            self.log(f"killed {name} {sender.pid}: {what}")
            if faults.chance(0.5):
                self.background(self._forward_late(service, request, faults.delay(), what))
            raise Broken
        if not self.processes.suspend(sender):
            return
        seconds = faults.suspension_seconds()
        faults.count(f"{name} suspended for longer than its lease")
        self.log(f"suspended {name} {sender.pid} for {seconds:.1f} s: {what}")
        self.background(self._resume(sender, seconds))
        # Half of the time, the request is on its way for as long as its sender is suspended.
        if faults.chance(0.5):
            await asyncio.sleep(max(0, seconds - 0.3))

    async def _resume(self, process: Process, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            self.processes.resume(process)

    async def _forward_late(self, service: str, request: Message, seconds: float, what: str) -> None:
        await asyncio.sleep(seconds)
        with contextlib.suppress(Broken, OSError, h11.ProtocolError):
            response = await self._forward(service, request)
            self.log(f"arrived late, {response.head.status_code}: {what}")

    async def _wait_for_network(self, service: str) -> None:
        if (cut := self.cuts.get(service)) is None:
            return
        end, is_silent = cut
        if self.faults:
            self.faults.count("request in a silent network" if is_silent else "request in a cut network")
        if is_silent:
            await asyncio.sleep(max(0, end - asyncio.get_running_loop().time()))
        raise Broken

    async def _forward(self, service: str, request: Message) -> Message:
        """Sends a request to the service and returns the response. Raises Broken if there is none."""
        try:
            async with asyncio.timeout(UPSTREAM_SECONDS):
                response = await exchange(self.upstreams[service], request)
        except (OSError, TimeoutError, h11.ProtocolError) as failure:
            self.log(f"no response of {service}: {failure!r}")
            if service == "tmdb" and self.faults:
                self.faults.count("TMDB: no response or half of one")
            raise Broken from failure
        status = response.head.status_code
        if service != "tmdb":
            self.log(f"{status}: {service} {request.head.method.decode()} {request.head.target.decode()[:160]}")
        if service == "tmdb" and self.faults and (status == 429 or status >= 500):
            self.faults.count("TMDB: 429" if status == 429 else "TMDB: 5xx")
        return response


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
