"""One chaos run: starts one or two runs of Elenco in one folder while faults happen, ends them by the documented ways,
and judges the folder."""
import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field

from cloud import Stack, StandIn
from dispatch import DATE, Dispatch, Dispatches
from expected import Catalogue, Film
from faults import Faults
from judge import RECORD, Fault, Stored, judge
from proxy import Proxy
from scenario import CHAOS_SECONDS, LEASE_SECONDS, Scenario

POLL_SECONDS = 0.5
# A worker is silent for at most a lease's term, when it waits for another worker's lease to expire. Lambda's retry
# comes sooner: the local cloud waits 1 and 2 seconds.
QUIET_SECONDS = LEASE_SECONDS + 2
END_SECONDS = 600  # from the end of the faults to the end of the run; a slow machine needs long
RECOVERIES_MAX = 20


@dataclass
class Outcome:
    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[Fault] = field(default_factory=list)
    films: int = 0
    ending: str = ""
    seconds: float = 0
    log: list[str] = field(default_factory=list)
    objects: dict[str, Stored] = field(default_factory=dict)


class ChaosRun:
    def __init__(
        self, scenario: Scenario, stack: Stack, proxy: Proxy, catalogue: Catalogue, calm: StandIn,
        selections: dict[tuple[int, str], list[Film]],
    ) -> None:
        self.scenario = scenario
        self.stack = stack
        self.proxy = proxy
        self.catalogue = catalogue
        self.calm = calm
        self.prefix = f"{stack.prefix}/chaos-{scenario.seed}"
        self.folder = f"{self.prefix}/{DATE.replace('-', '/')}/"
        self.outcome = Outcome(scenario.seed)
        self.faults = Faults(scenario)
        self.dispatches = Dispatches(scenario, self.prefix, selections)
        self.first = self.dispatches.first()
        self.second: Dispatch | None = None
        self.has_second_begun = False
        self.began = time.time()

    def log(self, text: str) -> None:
        self.outcome.log.append(f"{time.time() - self.began:7.2f} {text}")

    async def run(self) -> Outcome:
        """Returns what happened. Faults of Elenco are in it; only faults of this program raise an error."""
        self.log(f"{self.scenario}")
        stand_in = StandIn(self.scenario.stand_in)
        self.proxy.log = self.log
        self.proxy.faults = self.faults
        self.proxy.upstreams["tmdb"] = stand_in.port
        try:
            await self._chaos()
            self.faults.stop()
            self.log("no more faults")
            self.proxy.upstreams["tmdb"] = self.calm.port
            await self._end()
        finally:
            self.proxy.faults = None
            await asyncio.to_thread(stand_in.stop)
        self.outcome.faults = self.faults.counts
        self.outcome.seconds = time.time() - self.began
        return self.outcome

    async def _chaos(self) -> None:
        cuts = [asyncio.create_task(self._cut(cut)) for cut in self.scenario.cuts]
        try:
            async with asyncio.timeout(CHAOS_SECONDS):
                await self._send(self.first)
                await self._send_shard_again()
                if self.scenario.second:
                    await self._start_second()
                while not await self._is_complete():
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            pass
        finally:
            for task in cuts:
                task.cancel()
            await asyncio.gather(*cuts, return_exceptions=True)
            self.proxy.cuts.clear()

    async def _cut(self, cut) -> None:
        await asyncio.sleep(cut.start)
        self.log(f"{'silent' if cut.is_silent else 'cut'} network to {', '.join(cut.services)}: {cut.seconds:.1f} s")
        self.faults.count("network silent for seconds" if cut.is_silent else "network cut for seconds")
        await self.proxy.cut(cut.services, cut.seconds, cut.is_silent)

    async def _send(self, dispatch: Dispatch) -> None:
        """Sends a run's event, perhaps twice at the same time."""
        if not self.faults.is_active:
            # Its response shows that it has ended.
            response = await asyncio.to_thread(self.stack.invoke, self.stack.dispatcher, dispatch.event)
            return self.log(f"event of run {dispatch.name}: {json.dumps(dispatch.event)}: {json.dumps(response)}")
        copies = 2 if self.scenario.is_event_doubled else 1
        if copies == 2:
            self.faults.count("dispatcher's event delivered twice")
        self.log(f"event of run {dispatch.name}, {copies} times: {json.dumps(dispatch.event)}")
        await asyncio.gather(*[
            asyncio.to_thread(self.stack.invoke_later, self.stack.dispatcher, dispatch.event) for _ in range(copies)
        ])

    async def _send_shard_again(self) -> None:
        """Sends the worker an event for a shard that another worker probably has."""
        if not self.faults.chance(0.4):
            return
        await self._until(lambda keys: any("/shards/" in key for key in keys))
        await self._send_shard(self.first, self.faults.random.randrange(self.scenario.settings.shards))

    async def _send_shard(self, dispatch: Dispatch, shard: int) -> None:
        destination = {"bucket": self.stack.bucket, "prefix": self.prefix}
        event = {"run": dispatch.name, "shard": shard, "destination": destination}
        self.log(f"worker's event again: {json.dumps(event)}")
        self.faults.count("worker's event sent again")
        await asyncio.to_thread(self.stack.invoke_later, self.stack.worker, event)
        self.proxy.last_request = asyncio.get_running_loop().time()

    async def _start_second(self) -> None:
        second = self.scenario.second
        conditions = {
            "planned": lambda keys: any("/_days/" in key for key in keys),
            "writing": lambda keys: any("/Atores-" in key for key in keys),
            "complete": lambda keys: self.folder + "_SUCCESS" in keys,
        }
        await self._until(conditions[second.when])
        await asyncio.sleep(second.wait)
        dispatch = self.dispatches.second()
        if second.kind == "other":
            await self._expect_refusal(dispatch)
        else:
            self.second = dispatch
            await self._send(dispatch)
        self.has_second_begun = True

    async def _expect_refusal(self, dispatch: Dispatch) -> None:
        self.log(f"event of another selection: {json.dumps(dispatch.event)}")
        response = await asyncio.to_thread(self.stack.invoke, self.stack.dispatcher, dispatch.event)
        self.log(f"its response: {json.dumps(response)}")
        if response.get("errorType") == "FolderTaken":
            self.faults.count("second run of another selection, refused")
        elif "errorType" not in response:
            self._wrong(f"the run of another selection was not refused: {json.dumps(response)[:400]}")

    async def _end(self) -> None:
        """Ends the runs by the documented ways, and judges."""
        recoveries: list[str] = []
        self.outcome.ending = "while faults happened" if await self._is_complete() else "when the faults had ended"
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._complete(recoveries)
                if self.scenario.second and not self.has_second_begun:
                    await self._start_second()
                    await self._complete(recoveries)
                await self._send_late_duplicates()
        except TimeoutError:
            self._wrong(f"the run did not end within {END_SECONDS} s after the last fault")
        if recoveries:
            self.outcome.ending = "after " + " and ".join(sorted(set(recoveries)))
        await self._judge()

    async def _complete(self, recoveries: list[str]) -> None:
        """Waits until the folder's run is complete. Adds the names of what it had to do for that."""
        while not await self._is_settled():
            if len(recoveries) == RECOVERIES_MAX:
                self._wrong(f"the run is not complete after {', '.join(recoveries)}")
                return
            recoveries.append(await self._recover())

    async def _is_settled(self) -> bool:
        """Waits until no worker is at work. Whether the folder's run is complete then."""
        while not self.proxy.is_quiet(QUIET_SECONDS):
            await asyncio.sleep(0.1)
        return await self._is_complete()

    async def _recover(self) -> str:
        """What docs/operating.md tells a person to do with a run that is not complete. Returns its name."""
        owner = await self._owner()
        keys = await asyncio.to_thread(self.stack.keys, self.prefix)
        dispatch = self.second if self.second and owner == self.second.name else self.first
        plans = [key for key in keys if key.startswith(f"{self.prefix}/_runs/{dispatch.name}/shards/")]
        if owner is None or len(plans) < len(dispatch.expected.shard_films()):
            # The dispatcher failed at every attempt.
            await self._send(dispatch)
            return "sending the event again"
        _, text = await self.stack.elenco(self.prefix, "status", dispatch.name, "--json")
        self.log(f"elenco status: {text}")
        try:
            state = json.loads(text)
        except ValueError:
            self._wrong(f"elenco status failed: {text}")
            return "elenco status"
        if any(shard.get("fix") for shard in state["shards"]):
            return await self._replay(dispatch, "--incomplete")
        shards = [shard["shard"] for shard in state["shards"] if shard["state"] != "complete"]
        if not shards and state["hasManifest"]:
            self._wrong(f"elenco status finds nothing to do, but the run has no _SUCCESS: {text}")
        # Shards that no worker began, or the manifest: `status` would print the command after two minutes.
        for shard in shards or [0]:
            await self._replay(dispatch, "--shard", str(shard))
        return "elenco replay --shard"

    async def _replay(self, dispatch: Dispatch, *which: str) -> str:
        status, text = await self.stack.elenco(self.prefix, "replay", dispatch.name, *which)
        self.log(f"elenco replay {' '.join(which)}, exit status {status}: {text}")
        await asyncio.sleep(POLL_SECONDS)
        return f"elenco replay {which[0]}"

    async def _send_late_duplicates(self) -> None:
        """Events that arrive again after the end. They must change nothing."""
        if self.faults.chance(0.5):
            return
        for dispatch in filter(None, (self.first, self.second)):
            await self._send_shard(dispatch, self.faults.random.randrange(len(dispatch.expected.shard_films())))
        self.faults.count("dispatcher's event sent again after the end")
        owner = self.second if self.second and await self._owner() == self.second.name else self.first
        await self._send(owner)
        await self._is_settled()

    async def _judge(self) -> None:
        owner = await self._owner()
        dispatch = self.second if self.second and owner == self.second.name else self.first
        self.outcome.films = len(dispatch.expected.films)
        self.outcome.objects = await asyncio.to_thread(self.stack.objects, self.prefix)
        others = {each.name for each in (self.first, self.second) if each and each is not dispatch}
        self.outcome.wrong += judge(self.outcome.objects, dispatch.expected, self.catalogue.credits, others)
        for command in ("verify", "status"):
            status, text = await self.stack.elenco(self.prefix, command, dispatch.name)
            self.log(f"elenco {command}, exit status {status}:\n{text}")
            if status != 0:
                self._wrong(f"elenco {command} has exit status {status}: {text}")
        if self.second and dispatch is self.second and await self._was_planned(self.first):
            kind = "forced" if self.scenario.second.kind == "forced" else "of the same selection"
            self.faults.count(f"second run {kind}, which replaces the first")
            status, text = await self.stack.elenco(self.prefix, "status", self.first.name)
            if status != 1 or f"replaced by run {self.second.name}" not in text:
                self._wrong(f"elenco status does not say that the first run was replaced: {text}")

    async def _was_planned(self, dispatch: Dispatch) -> bool:
        return any(key.startswith(f"{self.prefix}/_runs/{dispatch.name}/shards/") for key in self.outcome.objects)

    async def _owner(self) -> str | None:
        """The run that the folder belongs to."""
        stored = await asyncio.to_thread(self.stack.object, f"{self.prefix}/_runs/_days/{DATE}.json")
        return json.loads(stored.body)["run"] if stored else None

    async def _is_complete(self) -> bool:
        if await self._owner() is None:
            return False
        return await asyncio.to_thread(self.stack.object, self.folder + "_SUCCESS") is not None

    async def _until(self, condition) -> None:
        while not condition(await asyncio.to_thread(self.stack.keys, self.prefix)):
            await asyncio.sleep(POLL_SECONDS)

    def _wrong(self, text: str) -> None:
        self.outcome.wrong.append(Fault(RECORD, text))
        self.log(f"WRONG: {text}")
