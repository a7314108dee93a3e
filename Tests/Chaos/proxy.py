"""A reverse proxy between the functions and S3, Lambda and TMDB that carries out the faults of a run.

Each service has its own port, so that the proxy knows whose request it has. The header Host is passed on as it was
sent, because it is part of AWS's signature.
"""
import asyncio
import contextlib
import signal
from collections.abc import Callable
from functools import partial

import h11

from faults import Faults
from messages import EVENT_BYTES_MAX, Broken, Message, error, exchange, receive, reset, send
from processes import Process, Processes

SERVICES = ("s3", "lambda", "tmdb")
UPSTREAM_SECONDS = 60


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
            self.processes.resume(process)  # also a process that has been killed meanwhile

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
