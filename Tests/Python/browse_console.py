"""Usage: browse_console.py ELENCO [--screenshots FOLDER]

Uses the console in a browser as a person does, and prints a JSON array of what is wrong. ELENCO is the program. The
environment has the endpoint and the credentials of an S3 server. The runs there are made up by report_objects.py. A
server of this program takes Lambda's place and records the events.
"""
import argparse
import concurrent.futures
import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import boto3
import report_objects
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
BUCKET = report_objects.BUCKET
# axe-core takes long for tables and lanes whose rows are all made in the same way.
ALIKE = {"exclude": [["#all-shards tbody tr:nth-child(n+10)"], ["ol.lanes > li:nth-child(n+10)"]]}
# In milliseconds. Long enough for the slowest machine: nothing waits for as long unless the console is wrong.
TIMEOUT = 120_000

faults = []


def expect(condition, *what):
    if not condition:
        faults.append(" ".join(str(part) for part in what))


class Server(http.server.ThreadingHTTPServer):
    """Responds to every request by a function of it, and records the requests."""

    def __init__(self, respond):
        self.requests = []
        super().__init__(("127.0.0.1", 0), self.handler(respond))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handler(self, respond):
        requests = self.requests

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                requests.append((self.path, dict(self.headers), body))
                status, kind, content = respond(self)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        return Handler


class Store:
    """The S3 server, and a made-up run whose objects are written in stages."""

    def __init__(self):
        self.s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
        with contextlib.suppress(self.s3.exceptions.BucketAlreadyOwnedByYou):
            self.s3.create_bucket(Bucket=BUCKET)

    def run(self, scenario, seed, began):
        """A run that began some seconds ago."""
        report_objects.START = int(time.time()) - began
        return report_objects.Run(scenario, seed).build()

    def put(self, objects):
        def put(item):
            key, content = item
            body = content if isinstance(content, str) else json.dumps(content)
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(put, objects.items()))

    def read(self, key):
        return json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())


def shard_of(key, folder):
    _, found, rest = key.partition(f"/{folder}/T")
    return int(rest.removesuffix(".json")) if found else None


def stage(objects, reports):
    """The objects of a run in which these shards have their reports, and the others are at work."""
    return {
        key: content for key, content in objects.items()
        if "/reports/" not in key and not key.endswith(("manifest.json", "_SUCCESS", "failed.csv"))
        or shard_of(key, "reports") in reports}


def complete(objects, reports):
    states = [content["state"] for key, content in objects.items() if shard_of(key, "reports") in reports]
    return states.count("complete")


class Console:
    """The program, with Lambda's place taken by this one."""

    def __init__(self, program):
        self.function = Server(lambda request: (
            (202, "application/json", b"") if request.headers.get("X-Amz-Invocation-Type") == "Event"
            else (200, "application/json", b'{"state":"cancelled"}')))
        environment = {**os.environ, "AWS_ENDPOINT_URL_LAMBDA": self.function.url, "ELENCO_BUCKET": BUCKET}
        self.process = subprocess.Popen(
            # The lease of the shard that stopped counts as recent for the whole test, however slow that is.
            [program, "console", "--lease-seconds", "300"], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip()
        self.base = self.address.partition("#")[0]

    def events(self):
        return [json.loads(body) for _, _, body in self.function.requests]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Tab:
    """A page of the browser that notes errors and requests elsewhere."""

    def __init__(self, browser, base, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(TIMEOUT)
        self.base = base
        self.errors, self.elsewhere = [], []
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: request.url.startswith((base, "data:")) or self.elsewhere.append(request.url))

    def wait_for_text(self, selector, text):
        try:
            self.page.wait_for_function(
                "([selector, text]) => document.querySelector(selector)?.textContent.includes(text)", arg=[selector, text])
        except Exception:  # a timeout
            shown = self.page.evaluate("s => document.querySelector(s)?.textContent", selector)
            faults.append(f"{selector} does not show {text!r} but {shown!r}")

    def check(self, name):
        expect(not self.errors, name, "console errors:", self.errors)
        expect(not self.elsewhere, name, "requests elsewhere:", self.elsewhere)

    def check_axe(self, name):
        found = Axe().run(self.page, ALIKE, {"resultTypes": ["violations"]}).response["violations"]
        serious = [(rule["id"], [node["target"] for node in rule["nodes"]][:3]) for rule in found
                   if rule["impact"] in ("serious", "critical")]
        expect(not serious, name, "axe:", serious)

    def check_width(self, name):
        width = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        expect(width <= 0, name, f"is {width} pixels wider than the window")


def follow(browser, console, store, run):
    """A run whose objects appear in stages is followed to its end, without a reload, and without moving the reader."""
    tab = Tab(browser, console.base, viewport={"width": 1280, "height": 800})
    page, objects = tab.page, run["objects"]
    store.put(stage(objects, range(15)))
    page.goto(console.address)
    expect("token" not in page.url, "the token stays in the address", page.url)
    tab.wait_for_text("#runs", run["run"])
    page.click(f"text={run['run']}")
    page.wait_for_url(f"**/runs/{run['run']}")
    tab.wait_for_text("#connection", "Live")
    page.evaluate("window.isSamePage = true")
    tab.wait_for_text(".state", f"{complete(objects, range(15))} of 60 shards complete")
    expect(page.locator("#all-shards tbody tr").count() == 60, "the table does not have 60 shards")
    expect(page.locator("ol.lanes > li").count() == 60, "the page does not have 60 lanes")
    page.focus("#cancel")
    page.evaluate("window.scrollTo(0, 500)")
    store.put(stage(objects, range(40)))
    tab.wait_for_text(".state", f"{complete(objects, range(40))} of 60 shards complete")
    expect(page.evaluate("document.activeElement.id") == "cancel", "the focus was lost")
    expect(page.evaluate("window.scrollY") == 500, "the page was scrolled to", page.evaluate("window.scrollY"))
    store.put(objects)
    tab.wait_for_text(".state", f"{complete(objects, range(60))} of 60 shards complete")
    tab.wait_for_text(".state", "incomplete")
    expect(page.evaluate("window.isSamePage"), "the page was loaded again")
    tab.check("following")
    return tab


def replay(tab, console, store, run):
    """A failed shard is replayed by its button, by keyboard alone."""
    page, objects = tab.page, run["objects"]
    # A stopped shard with a recent lease counts as running.
    failed = [shard_of(key, "reports") for key, content in objects.items()
              if "/reports/" in key and content["state"] == "incomplete"]
    shown = page.locator("#failed-shards button").evaluate_all("buttons => buttons.map((button) => button.id)")
    expect(sorted(shown) == sorted(f"replay-{shard}" for shard in failed), "buttons", shown, "failed", failed)
    shard = failed[0]
    page.focus(f"#replay-{shard}")
    page.keyboard.press("Enter")
    expect(page.evaluate("document.activeElement.id") == "decline", "the dialog does not begin with the harmless button")
    page.keyboard.press("Escape")
    expect(not page.locator("#confirmation").is_visible(), "Escape does not close the dialog")
    expect(page.evaluate("document.activeElement.id") == f"replay-{shard}", "the focus does not return to the button")
    expect(console.events() == [], "a worker was invoked without a confirmation")
    page.keyboard.press("Enter")
    tab.check_axe("the dialog")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    tab.wait_for_text("#result", f"1 worker invoked, for shard {shard}.")
    tab.wait_for_text("#note", f"1 worker invoked, for shard {shard}.")
    events = console.events()
    expect(len(events) == 1, "events", events)
    expected = {"run": run["run"], "shard": shard, "replay": "missing", "workers": 2,
                "destination": {"bucket": BUCKET, "prefix": report_objects.PREFIX}}
    expect(events[-1] == expected, "the event is", events[-1], "instead of", expected)
    # The replay's worker finishes the shard.
    key = next(key for key in objects if key.endswith(f"/reports/T{shard}.json"))
    objects[key] = {**objects[key], "state": "complete", "failed": []}
    store.put({key: objects[key]})
    tab.wait_for_text(".state", f"{complete(objects, range(60))} of 60 shards complete")
    page.wait_for_selector(f"#replay-{shard}", state="detached")
    tab.check("replaying")


def cancel(browser, console, store, run):
    """A run is cancelled by its button."""
    tab = Tab(browser, console.base, viewport={"width": 1280, "height": 800})
    page = tab.page
    # Its leases have expired, as after workers that have stopped.
    store.put(run["objects"])
    page.goto(console.address)
    page.goto(f"{console.base}runs/{run['run']}")
    page.click("#cancel")
    page.click("#confirm")
    tab.wait_for_text("#result", f"Run {run['run']} is cancelled")
    tab.wait_for_text("#note", "its workers have stopped")
    tab.wait_for_text(".state", "cancelled")
    owner = store.read(next(key for key in run["objects"] if "/_days/" in key))
    expect(owner["run"] == run["run"] and owner.get("cancelledAt"), "the folder's owner is", owner)
    expect(console.events()[-1] == {"run": run["run"], "shard": 0, "destination": {
        "bucket": BUCKET, "prefix": report_objects.PREFIX}}, "the last event is", console.events()[-1])
    tab.wait_for_text("#actions", "Continue the run")
    tab.check("cancelling")
    tab.context.close()


def check_foreign_pages(browser, console, run):
    """A page of another site reaches nothing, not even with the token of a console that it does not have."""
    action = f"{console.base}runs/{run['run']}/replay"
    site = Server(lambda request: (200, "text/html", f"""<!DOCTYPE html><title>other</title>
      <iframe src="{console.base}"></iframe><script src="{console.base}console.js"></script>""".encode()))
    tab = Tab(browser, site.url)
    responses = []
    tab.page.on("response", lambda response: response.url.startswith(console.base) and responses.append(
        (response.request.method, response.url, response.status)))
    before = len(console.events())
    tab.page.goto(site.url)
    outcomes = tab.page.evaluate(
        """async ([action, base]) => {
          const attempt = (url, options) => fetch(url, options).then((response) => response.type, () => "refused");
          return [
            await attempt(action, { method: "POST", mode: "no-cors" }),
            await attempt(action, { method: "POST", headers: { "Elenco-Token": "0".repeat(32) } }),
            await attempt(base, {}),
            await attempt(base, { mode: "no-cors" }),
          ];
        }""", [action, console.base])
    expect(outcomes == ["refused"] * 4, "another site's page got", outcomes)
    expect(responses and all(status == 403 for _, _, status in responses), "responses to another site:", responses)
    expect(all("Elenco" not in frame.content() for frame in tab.page.frames[1:]), "the console is shown in a frame")
    expect(len(console.events()) == before, "another site's page invoked a worker")
    tab.context.close()
    # A page that was opened without the token has buttons, which do nothing.
    tab = Tab(browser, console.base)
    tab.page.goto(f"{console.base}runs/{run['run']}")
    tab.page.click("#replay")
    tab.page.click("#confirm")
    tab.wait_for_text("#result", "Open the address")
    expect(len(console.events()) == before, "a page without the token invoked a worker")
    tab.context.close()


def look(browser, console, runs, folder):
    """Both pages in both colour schemes and two widths."""
    for scheme in ("light", "dark"):
        for width in (1280, 400):
            tab = Tab(browser, console.base, viewport={"width": width, "height": 900}, color_scheme=scheme)
            for name, path in (("runs", ""), *((f"run-{run['run'][-1]}", f"runs/{run['run']}") for run in runs)):
                tab.page.goto(console.base + path)
                tab.wait_for_text("#connection", "Live")
                label = f"{name}, {scheme}, {width} px"
                tab.check_axe(label)
                tab.check_width(label)
                if folder:
                    tab.page.screenshot(path=str(folder / f"{name}-{scheme}-{width}.png"), full_page=name == "runs")
            tab.check(f"{scheme}, {width} px")
            tab.context.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("elenco")
    parser.add_argument("--screenshots", type=pathlib.Path)
    options = parser.parse_args()
    store, console = Store(), Console(options.elenco)
    try:
        with sync_playwright() as playwright:
            # Chromium's sandbox does not work for root.
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0, timeout=TIMEOUT)
            full, live = store.run("full", 1, 3400), store.run("running", 2, 3600)
            tab = follow(browser, console, store, full)
            replay(tab, console, store, full)
            check_foreign_pages(browser, console, full)
            look(browser, console, [full], options.screenshots)
            cancel(browser, console, store, live)
            look(browser, console, [live], options.screenshots)
            console.stop()
            tab.wait_for_text("#connection", "the console does not answer")
            browser.close()
    finally:
        console.stop()
    json.dump(faults, sys.stdout)


if __name__ == "__main__":
    main()
