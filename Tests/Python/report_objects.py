"""Usage: report_objects.py SCENARIO SEED

Makes up the objects of a run in S3 as docs/output.md describes them, and prints them as a JSON object: `objects` has the
content of each key, `modified` the time of each key of the run's folder, `bucket`, `prefix` and `run` say where they are.
"""
import datetime
import json
import random
import sys

PREFIX = "Raw/TMDB/JSON/Atores"
BUCKET = "lake"
START = 1795489200  # 2026-11-24T03:00:00Z
BUCKETS_MAX = 120
HOSTILE = [
    '</td><script>alert("reason")</script>',
    "<img src=https://example.com/x.png onerror=alert(1)> & \"quotes\" 'single'",
    "control \u0000\u0007\u001b[31m and \u202eright to left\u2066 and a line\nbreak",
    "\u00e9\u4e2d\U0001f600 " + "long " * 400,
    "]]><style>body{display:none}</style><!-- --><base href=//example.com>",
]
COLUMNS = ["sent", "throttled", "retried", "films", "responses", "responseMilliseconds", "slowestMilliseconds",
           "pausedMilliseconds"]


def iso(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class Series:
    """Counts per second, stored in at most BUCKETS_MAX buckets."""

    def __init__(self):
        self.seconds = {}
        self.sessions = []

    def add(self, second, **numbers):
        counts = self.seconds.setdefault(int(second), dict.fromkeys(COLUMNS, 0))
        for name, number in numbers.items():
            if name == "slowestMilliseconds":
                counts[name] = max(counts[name], number)
            else:
                counts[name] += number

    def json(self):
        width, buckets = 1, self.seconds
        while len(buckets) > BUCKETS_MAX:
            width, wider = width * 2, {}
            for index, counts in sorted(buckets.items()):
                sums = wider.setdefault(index // 2, dict.fromkeys(COLUMNS, 0))
                for name in COLUMNS:
                    sums[name] = (max if name == "slowestMilliseconds" else sum)((sums[name], counts[name]))
            buckets = wider
        stored = {"bucketSeconds": width, "sessions": self.sessions}
        indexes = sorted(buckets)
        if indexes:
            stored["at"] = " ".join(str(b - a) for a, b in zip([0] + indexes, indexes))
            for name in COLUMNS:
                numbers = [buckets[index][name] for index in indexes]
                if any(numbers):
                    stored[name] = " ".join(map(str, numbers))
        return stored


class Run:
    def __init__(self, scenario, seed):
        self.random = random.Random(seed)
        self.scenario = scenario
        self.shards = {"large": 1000, "wide": 1000, "single": 1}.get(scenario, 60)
        self.films = {"large": 1_000_000, "wide": 20_000, "single": 3}.get(scenario, 59004)
        self.rate = 0 if scenario in ("short", "single") else 400 if scenario in ("large", "wide") else 40
        self.run = f"20261124T030000Z-{seed:08x}"
        self.folder = f"{PREFIX}/_runs/{self.run}/"
        self.objects, self.modified = {}, {}
        # The run is read at this time, and was cancelled shortly before.
        self.isCut = scenario in ("running", "cancelled")
        self.end = START + (1500 if self.isCut else 3600)

    def put(self, key, content, at):
        self.objects[key] = content
        if key.startswith(self.folder):
            self.modified[key] = iso(at)

    def build(self):
        size, larger = divmod(self.films, self.shards)
        start = 0
        for shard in range(self.shards):
            count = size + (shard < larger)
            self.shard(shard, start, count)
            start += count
        source = {"bucket": BUCKET, "key": "Raw/IMDB/CSV/movies.csv"}
        owner = {"run": self.run, "selection": {"source": source, "genres": ["Drama", "Romance"], "match": "within",
                                                "titleTypes": ["movie"]}}
        if self.scenario == "cancelled":
            owner["cancelledAt"] = iso(self.end)
        self.put(f"{PREFIX}/_runs/_days/2026-11-24.json", owner, START)
        self.put(self.folder + "films.csv",
                 "id|genero\n" + "".join(f"tt{n:07d}|Drama\n" for n in range(self.films)), START)
        complete = all(key in self.objects for key in (self.folder + f"reports/T{n}.json" for n in range(self.shards)))
        if complete:
            self.put(self.folder + "manifest.json", self.manifest(), self.end)
            if self.objects[self.folder + "manifest.json"]["isComplete"]:
                self.put(f"{PREFIX}/2026/11/24/_SUCCESS", "", self.end)
        return {"bucket": BUCKET, "prefix": PREFIX, "run": self.run, "objects": self.objects,
                "modified": self.modified, "now": iso(self.end + (5 if self.scenario == "running" else 86_400 * 30))}

    def manifest(self):
        reports = [self.objects[self.folder + f"reports/T{n}.json"] for n in range(self.shards)]
        return {
            "run": self.run, "date": "2026-11-24", "destination": {"bucket": BUCKET, "prefix": PREFIX},
            "isComplete": all(report["state"] == "complete" for report in reports), "shards": self.shards,
            "films": sum(report["films"] for report in reports),
            "filmsWritten": sum(file["films"] for report in reports for file in report["files"]),
            "bytes": sum(file["bytes"] for report in reports for file in report["files"]),
            "requests": sum(report["requests"]["sent"] for report in reports),
            "throttled": sum(report["requests"]["throttled"] for report in reports),
            "absent": [], "failed": [], "stopped": [], "files": []}

    def shard(self, shard, start, count):
        plan = {
            "run": self.run, "date": "2026-11-24", "shard": shard, "shards": self.shards,
            "destination": {"bucket": BUCKET, "prefix": PREFIX}, "filmsPerFile": 100,
            "requestsPerSecond": self.rate, "rateScope": "run", "workers": self.shards, "lookup": "find",
            "genres": ["Drama", "Romance"], "films": [f"tt{n:07d}" for n in range(start, start + count)]}
        if self.scenario == "refresh":
            plan["base"] = {
                "run": "20261117T030000Z-base", "files": [], "tmdbIDs": [0] * count, "keptIn": [-1] * count,
                "fetchedOn": [0] * count, "counts": {"new": count}}
        self.put(self.folder + f"shards/T{shard}.json", plan, START)
        if self.isCut and shard >= 50 or self.scenario == "dead" and shard == 59:
            return  # no worker has started it
        series, ending, totals = self.work(shard, plan["films"])
        lease = {"state": "released", "holder": "q", "until": iso(ending), "hop": len(series.sessions) - 1,
                 "absent": [], "requests": totals["requests"], "series": series.json()}
        state = totals.pop("state")
        if state in ("running", "dead"):
            lease["state"] = "held"
        self.put(self.folder + f"leases/T{shard}.json", lease, ending)
        if state in ("running", "dead", "cancelled"):
            return
        report = {
            "run": self.run, "shard": shard, "state": state, "films": count,
            "hop": len(series.sessions) - 1, "requestID": "q", "startedAt": series.sessions[-1]["startedAt"],
            "seconds": series.sessions[-1]["seconds"], "peakMemoryBytes": self.random.randrange(15, 30) * 1_048_576,
            "series": series.json(), **totals}
        if self.scenario == "old":
            del report["series"]
        if self.scenario == "refresh":
            kept = count * 9 // 10
            report["base"] = "20261117T030000Z-base"
            report["refresh"] = {"kept": kept, "changed": (count - kept) // 2, "new": count - kept - (count - kept) // 2,
                                 "due": 0, "absent": 0, "lost": 0}
        self.put(self.folder + f"reports/T{shard}.json", report, ending)

    def work(self, shard, films):
        """Makes up the sessions of a shard."""
        draw = self.random
        series = Series()
        requests = dict.fromkeys(("sent", "throttled", "retried"), 0)
        absent = [film for film in films if draw.random() < 0.02]
        failing = self.scenario in ("full", "large", "wide") and shard % 17 == 3
        failed = films[5:5 + draw.randrange(1, 9)] if failing else []
        absent = [film for film in absent if film not in failed]
        stops = self.scenario == "full" and shard == 29
        state = "stopped" if stops else "incomplete" if failed else "complete"
        share = self.rate / self.shards if self.rate else 300 / self.shards * 40
        share *= draw.uniform(0.92, 1)
        if self.isCut:
            state = self.scenario
        needed, done, now, hop = len(films), 0.0, START + draw.uniform(1, 3), 0
        dies = {7, 41} if self.scenario in ("full", "large", "wide", "dead") else set()
        while done < needed:
            began, limit = now, now + (30 if self.scenario == "wide" else 760)
            end = None
            if shard % 60 in dies and hop == 1:
                limit = now + draw.uniform(20, 500)
                end = "died"
            pause_until, paused = 0, False
            while now < limit and done < needed:
                if self.isCut and now >= self.end:
                    break
                if stops and done > needed * 0.6:
                    break
                step = 8.0 if self.scenario in ("large", "wide") else 2.0
                if now < pause_until:
                    now += step
                    continue
                sent = int(share * step + draw.random())
                if not sent:
                    now += step
                    continue
                throttled = 0
                if self.rate and not paused and START + 1300 < now < START + 1420 and sent and draw.random() < 0.3:
                    throttled, paused = 1, shard % 3 == 0
                    wait = draw.choice([0, 10, 40])
                    pause_until = now + wait
                    series.add(now, pausedMilliseconds=wait * 1000)
                slowest = draw.randrange(100, 500)
                finished = (sent - throttled) / 2
                series.add(now, sent=sent, throttled=throttled, retried=throttled, responses=sent,
                           films=int(done + finished) - int(done), responseMilliseconds=slowest + (sent - 1) * draw.randrange(50, 90),
                           slowestMilliseconds=slowest)
                for name, number in (("sent", sent), ("throttled", throttled), ("retried", throttled)):
                    requests[name] += number
                done = min(needed, done + finished)
                now += step
            isLast = done >= needed or (stops and done > needed * 0.6)
            seconds = round(now - began, 3)
            session = {"hop": hop, "startedAt": iso(began), "seconds": seconds, "count": 1}
            if self.isCut and now >= self.end - 1:
                series.sessions.append(session)
                break
            if self.scenario == "dead" and end:
                # Nobody has continued.
                series.sessions.append(session)
                state = "dead"
                break
            session["end"] = end if end and not isLast else "complete" if self.isCut and isLast else state if isLast \
                else "handedOver"
            series.sessions.append(session)
            if isLast:
                break
            now += 75 if end else draw.uniform(0.3, 1.2)
            hop += 1
        if self.isCut and series.sessions[-1].get("end") == "complete":
            state = "complete"
        if self.scenario == "replayed" and shard in (3, 4):
            now += 6 * 86_400
            series.add(now, sent=4, films=2, responses=4, responseMilliseconds=400, slowestMilliseconds=120)
            requests["sent"] += 4
            series.sessions.append({"hop": 0, "startedAt": iso(now), "seconds": 8.5, "count": 1, "end": "complete"})
            now += 8.5
        self.end = self.end if self.isCut else max(self.end, now)
        without = set(absent) | set(failed)
        files = []
        for number, first in enumerate(range(0, len(films), 100), 1):
            wanted = films[first:first + 100]
            here = [film for film in wanted if film not in without]
            if stops and number > 6:
                break
            files.append({"key": f"{PREFIX}/2026/11/24/Atores-T{shard}-{number}.json", "films": len(here),
                          "bytes": len(here) * draw.randrange(3800, 4600), "sha256": f"{draw.getrandbits(256):064x}",
                          "isComplete": set(wanted).isdisjoint(failed),
                          "isResumed": False})
        totals = {
            "state": state, "absent": absent, "requests": requests, "files": files,
            "failed": [{"id": film, "reason": HOSTILE[position % len(HOSTILE)]} for position, film in enumerate(failed)]}
        if stops:
            totals["stopped"] = "Worker \"T29\" <b>stopped</b>: TMDB refused the token (401). Check the secret & try again."
        return series, now, totals


if __name__ == "__main__":
    json.dump(Run(sys.argv[1], int(sys.argv[2])).build(), sys.stdout)
