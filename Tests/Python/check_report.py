"""Usage: check_report.py <INPUT

Standard input is a JSON object: `page` is a page that `elenco report` wrote, `run` what report_objects.py printed for the
same run. Checks that the page can load nothing, is accessible as far as markup shows, and that its numbers are those of
the objects. Prints a JSON array of what is wrong.
"""
import base64
import datetime
import hashlib
import html.parser
import json
import re
import sys
import xml.etree.ElementTree

VOID = {"meta", "link", "base", "br", "hr", "img", "input", "source"}
ALLOWED = set("""html head meta title style body header main footer nav section h1 h2 h3 p ul ol li a span strong code dl
    div dt dd table caption thead tbody tr th td figure figcaption svg path line text""".split())
COLUMNS = ["films", "written", "absent", "failed", "files", "bytes", "requests", "429", "retries", "sessions", "died"]
errors = []


def check(condition, message):
    if not condition:
        errors.append(message)


class Node:
    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children = tag, attributes, []

    def all(self, tag, **attributes):
        for child in self.children:
            if isinstance(child, Node):
                if child.tag == tag and all(child.attributes.get(k) == v for k, v in attributes.items()):
                    yield child
                yield from child.all(tag, **attributes)

    @property
    def text(self):
        return "".join(child.text if isinstance(child, Node) else child for child in self.children)


class Page(html.parser.HTMLParser):
    """A tree of the page's elements. An element that is not closed where it must be is an error."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Node("document", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        check(len(names) == len(set(names)), f"<{tag}> repeats an attribute")
        node = Node(tag, dict(attributes))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        check(self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>")
        if self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data):
        self.open[-1].children.append(data)

    def handle_comment(self, data):
        errors.append(f"a comment: {data}")


def elements(node):
    for child in node.children:
        if isinstance(child, Node):
            yield child
            yield from elements(child)


def check_security(page, root):
    for node in elements(root):
        check(node.tag in ALLOWED, f"<{node.tag}> is not expected")
        for name, value in node.attributes.items():
            check(not name.startswith("on"), f"attribute {name}")
            check(name not in ("style", "src", "srcset", "data", "action", "xlink:href", "ping", "background"),
                  f"attribute {name} of <{node.tag}>")
            check(name != "href" or value.startswith("#"), f"link to {value}")
            check("//" not in value or node.tag == "meta", f"attribute {name} of <{node.tag}> is {value}")
    head = next(root.all("head"))
    kinds = [(child.tag, child.attributes.get("http-equiv")) for child in head.children if isinstance(child, Node)]
    check(("meta", "Content-Security-Policy") in kinds[:2], "the policy is not among the first elements")
    styles = list(root.all("style"))
    check(len(styles) == 1, "there is not one style")
    style = styles[0].text
    check("url(" not in style and "@import" not in style and "http" not in style, "the style loads something")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(meta for meta in root.all("meta") if meta.attributes.get("http-equiv")).attributes["content"]
    check(policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
          f"the policy is {policy}, the style's hash {digest}")
    check(not re.search("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]", page),
          "the page has control characters")


def check_markup(page, root):
    check(page.startswith("<!DOCTYPE html>\n"), "no document type")
    check(next(root.all("html")).attributes.get("lang") == "en", "no language")
    for tag in ("h1", "main", "header", "footer", "nav"):
        check(len(list(root.all(tag))) == 1, f"there is not one <{tag}>")
    check(len(list(next(root.all("head")).all("title"))) == 1, "there is not one <title>")
    ids = [node.attributes["id"] for node in elements(root) if "id" in node.attributes]
    check(len(ids) == len(set(ids)), "an id is repeated")
    levels = [int(node.tag[1]) for node in elements(root) if re.fullmatch("h[1-6]", node.tag)]
    check(all(b <= a + 1 for a, b in zip(levels, levels[1:])), f"headings skip a level: {levels}")
    for node in elements(root):
        for name in ("aria-labelledby", "href"):
            if name in node.attributes:
                check(node.attributes[name].removeprefix("#") in ids, f"{name} is {node.attributes[name]}")
        check(node.tag != "th" or node.attributes.get("scope") in ("row", "col"), "a header cell without scope")
        check(node.tag != "section" or "aria-labelledby" in node.attributes, "a section without a name")
        check(not node.attributes.get("class", "").startswith("scroll")
              or node.attributes.get("tabindex") == "0" and node.attributes.get("aria-label"),
              "a region that scrolls cannot be reached by keyboard, or has no name")
    for table in root.all("table"):
        check(len(list(table.all("caption"))) == 1, "a table without a caption")
        widths = {sum(isinstance(cell, Node) for cell in row.children) for row in table.all("tr")}
        check(len(widths) == 1, f"rows of different lengths: {widths}")
    for figure in root.all("figure"):
        pictures = [svg for svg in figure.all("svg") if svg.attributes.get("role") == "img"]
        check(len(pictures) == 1 and pictures[0].attributes.get("aria-labelledby") in ids, "a picture without a text")
        check(len(next(figure.all("figcaption")).text) > 20, "a picture without a sentence")
    # Nothing in the body needs the leniency of HTML, so it is XML, too.
    xml.etree.ElementTree.fromstring(page[page.index("<body>"):page.index("</html>")])
    for node in elements(root):
        for value in (v for k, v in node.attributes.items() if k in ("d", "x", "y", "x1", "x2", "y1", "y2")):
            check("nan" not in value and "inf" not in value and re.fullmatch(r"[-0-9.MLHVhvZz% ]*", value),
                  f"coordinates {value[:60]}")


def contrast(a, b):
    def luminance(color):
        color = color.lstrip("#")
        color = "".join(c * 2 for c in color) if len(color) == 3 else color
        parts = [int(color[i:i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_colors(root):
    style = next(root.all("style")).text
    schemes = [dict(re.findall(r"--([a-z]+):(#[0-9a-f]+)", block)) for block in re.findall(r":root\{[^}]*\}", style)]
    check(len(schemes) == 3, "there are not three color schemes: light, dark, print")
    for colors in schemes:
        for back in ("back", "panel"):
            for name in ("text", "muted", "link"):
                check(contrast(colors[name], colors[back]) >= 4.5, f"{name} {colors[name]} on {colors[back]}")
            for name in ("refused", "paused", "curve", "activity", "work", "area", "good"):
                check(contrast(colors[name], colors[back]) >= 3, f"{name} {colors[name]} on {colors[back]}")


def column(series, name):
    return [int(number) for number in series.get(name, "").split()]


def grouped(number):
    return "–" if number is None else f"{number:,}"


def check_numbers(root, run):
    objects, folder = run["objects"], f"{run['prefix']}/_runs/{run['run']}/"
    plan = objects[folder + "shards/T0.json"]
    reports = {n: objects.get(folder + f"reports/T{n}.json") for n in range(plan["shards"])}
    leases = {n: objects.get(folder + f"leases/T{n}.json") for n in range(plan["shards"])}
    present = [report for report in reports.values() if report]
    series = {n: (reports[n] or leases[n] or {}).get("series") or {} for n in reports}

    def sent(n):
        return reports[n]["requests"]["sent"] if reports[n] else sum(column(series[n], "sent"))

    def refused(n):
        return reports[n]["requests"]["throttled"] if reports[n] else sum(column(series[n], "throttled"))

    def retried(n):
        return reports[n]["requests"]["retried"] if reports[n] else sum(column(series[n], "retried"))

    def sessions(n):
        return series[n].get("sessions", []) or ([{"count": 1}] if reports[n] else [])

    now = seconds_since_1970(run["now"])
    dead = {n for n in reports if isDead(n, reports, leases, now)}

    def died(n):
        return sum(session.get("end") == "died" for session in sessions(n)) + (n in dead)

    numbers = {node.children[0].text: node.children[1].text for node in next(root.all("dl", **{"class": "numbers"})).children}
    written = sum(file["films"] for report in present for file in report["files"])
    check(numbers["films written"] == f"{written:,} of {selected(objects, folder):,}", f"written: {numbers['films written']}")
    expected = {
        "absent from TMDB": sum(len(report["absent"]) for report in present),
        "failed": sum(len(report["failed"]) for report in present),
        "left to fetch": selected(objects, folder) - written
        - sum(len(report["absent"]) + len(report["failed"]) for report in present),
        "data files": sum(len(report["files"]) for report in present),
        "requests to TMDB": sum(map(sent, reports)), "refused with 429": sum(map(refused, reports)),
        "retries": sum(map(retried, reports)), "workers died": sum(map(died, reports))}
    for name, number in expected.items():
        check(numbers[name] == f"{number:,}", f"{name}: {numbers[name]} instead of {number:,}")

    rows = list(next(next(root.all("table", id="all-shards")).all("tbody")).all("tr"))
    check(len(rows) == plan["shards"], f"{len(rows)} rows of {plan['shards']} shards")
    for n, row in enumerate(rows):
        cells = [cell.text for cell in row.children if isinstance(cell, Node)]
        report, hasBegun = reports[n], bool(reports[n] or sessions(n))
        files = report and report["files"]
        values = [
            report and report["films"], report and sum(file["films"] for file in files), report and len(report["absent"]),
            report and len(report["failed"]), report and len(files), report and sum(file["bytes"] for file in files),
            sent(n) if hasBegun else None, refused(n) if hasBegun else None, retried(n) if hasBegun else None,
            sum(session["count"] for session in sessions(n)), died(n)]
        check(cells[0] == f"T{n}" and cells[2:2 + len(COLUMNS)] == [grouped(value) for value in values],
              f"row {cells} instead of {values}")

    lanes = [lane for lane in root.all("li") if lane.attributes.get("class", "").startswith("lane")]
    names = [next(lane.all("span", **{"class": "name"})).text for lane in lanes]
    shown = []
    for name in names:
        ends = [int(part.lstrip("T")) for part in name.split("–")]
        shown += range(ends[0], ends[-1] + 1)
    check(shown == list(range(plan["shards"])), "the lanes do not show each shard once")
    check(len(lanes) <= 200, f"{len(lanes)} lanes")
    marks = sum(text.text == "✕" for lane in lanes for text in lane.all("text"))
    check(marks == sum(map(died, reports)), f"{marks} deaths in the lanes")

    if any(column(s, "sent") for s in series.values()):
        facts = {name: next(root.all("p", id=f"{name}-facts")).text for name in ("rate", "films", "responses")}
        for name, numbers_of in (("rate", "sent"), ("films", "films"), ("responses", "responses")):
            total = sum(sum(column(s, numbers_of)) for s in series.values())
            check(facts[name].startswith(f"{total:,} "), f"{name}: {facts[name]} instead of {total:,}")
        slowest = max(max(column(s, "slowestMilliseconds"), default=0) for s in series.values())
        check(f"{slowest:,} ms at most" in facts["responses"], f"{facts['responses']} instead of {slowest}")
        throttled = sum(sum(column(s, "throttled")) for s in series.values())
        check((f"refused {throttled:,} request" in facts["rate"]) == (throttled > 0), facts["rate"])
    check_story(root, run, series, reports, dead)
    begun = {n for n in reports if reports[n] or leases[n]}
    check_failures(root, run, reports, dead, begun)


def seconds_since_1970(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def isDead(n, reports, leases, now):
    """Whether the shard's last worker stopped renewing its lease, and no other one has continued."""
    lease = leases[n]
    return bool(lease and not reports[n] and lease["state"] == "held" and "end" not in lease["series"]["sessions"][-1]
                and now > seconds_since_1970(lease["until"]) + 60)


def selected(objects, folder):
    return objects[folder + "films.csv"].count("\n") - 1


def seconds_of(text):
    """Seconds of `+1 min 5 s` or `2 h`, and by how much they may be rounded."""
    units = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    parts = re.findall(r"([0-9.,]+) (s|min|h|d)\b", text)
    total = sum(float(number.replace(",", "")) * units[unit] for number, unit in parts)
    return (-total if text.startswith("\u2212") else total), units[parts[-1][1]]


def check_story(root, run, series, reports, dead):
    events = list(next(root.all("ol", **{"class": "story"})).all("li"))
    times = [next(event.all("span", **{"class": "when"})).text for event in events]
    # All scenarios but the replayed one begin and end on one day.
    if run["run"] and not any("-" in time for time in times):
        check(times == sorted(times), f"the events are not in order: {times}")
    for end, word in (("died", "died"), ("stopped", "stopped")):
        moments = sorted(
            seconds_since_1970(session["startedAt"]) + session["seconds"]
            for n, s in series.items() for session in s.get("sessions", [])
            if session.get("end", "died" if n in dead else None) == end)
        clusters = [at for position, at in enumerate(moments) if position == 0 or at - moments[position - 1] >= 60]
        shown = [event for event in events if re.search(rf"\b{word}\b", event.text) and "notable" in event.attributes.get("class", "")]
        check(len(shown) == len(clusters), f"{len(shown)} events of {len(clusters)} with {word}")
        for event, at in zip(shown, clusters):
            clock = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%H:%M:%S")
            check(clock in event.text, f"{event.text} instead of {clock}")
    throttled = sum(sum(column(s, "throttled")) for s in series.values())
    told = sum(int(number.replace(",", "")) for event in events
               for number in re.findall(r"TMDB refused ([0-9,]+) request", event.text))
    # The numbers of a bucket are divided among the bins that it overlaps, and rounded for each event.
    check(abs(told - throttled) <= len(events), f"events tell of {told} refusals, there were {throttled}")
    balance = list(root.all("table", id="time"))
    ended = all(reports.values()) and all("series" in report for report in reports.values())
    check(bool(balance) == (ended and any(column(s, "sent") for s in series.values())), "the table of the time")
    for table in balance:
        rows = [[cell.text for cell in row.children if isinstance(cell, Node)] for row in next(table.all("tbody")).all("tr")]
        parts = [seconds_of(row[1]) for row in rows]
        difference = sum(part for part, _ in parts[:-1]) - parts[-1][0]
        check(abs(difference) <= sum(rounding for _, rounding in parts), f"the times do not add up: {rows}")


def check_failures(root, run, reports, dead, begun):
    isQuiet = seconds_since_1970(run["now"]) - max(map(seconds_since_1970, run["modified"].values())) > 120
    owner = next(content for key, content in run["objects"].items() if "/_days/" in key)
    isCancelled = "cancelledAt" in owner
    broken = [n for n, report in reports.items() if report and report["state"] != "complete"
              or not isCancelled and (n in dead or isQuiet and n not in begun)]
    tables = list(root.all("table", id="failed-shards"))
    check(bool(tables) == bool(broken), f"{len(tables)} tables of failed shards")
    if broken:
        commands = [code.text for code in tables[0].all("code")]
        check(commands == [f"elenco replay {run['run']} --shard {n} --bucket {run['bucket']} --prefix {run['prefix']} "
                           "--function elenco-worker" for n in broken[:200]], f"commands: {commands}")
    failed = [film for report in reports.values() if report for film in report["failed"]]
    shown = list(root.all("table", id="failed-films"))
    check(bool(shown) == bool(failed), "the table of failed films")
    if failed:
        check(next(shown[0].all("caption")).text.startswith(f"{len(failed):,} film"), "the number of failed films")
        rows = [[cell.text for cell in row.children if isinstance(cell, Node)]
                for row in next(shown[0].all("tbody")).all("tr")]
        check([row[0] for row in rows] == [film["id"] for film in failed][:200], "the failed films")
        for row, film in zip(rows, failed):
            wanted = film["reason"] if len(film["reason"]) <= 300 else film["reason"][:300] + "…"
            wanted = re.sub("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "\ufffd",
                            wanted).replace("\n", " ")
            check(row[2] == wanted, f"reason {row[2]!r} instead of {wanted!r}")


def check_refresh(root, run):
    reports = [content for key, content in run["objects"].items() if "/reports/" in key]
    counted = [report["refresh"] for report in reports if "refresh" in report]
    tables = list(root.all("table", id="refresh"))
    check(bool(tables) == bool(counted), "the table of the base's films")
    if counted:
        rows = {row.children[0].text.lower(): row.children[1].text for row in next(tables[0].all("tbody")).all("tr")}
        check(rows == {name: f"{sum(c[name] for c in counted):,}" for name in counted[0]}, f"{rows}")


def main():
    given = json.load(sys.stdin)
    page, run = given["page"], given["run"]
    parser = Page()
    parser.feed(page)
    parser.close()
    check(len(parser.open) == 1, "elements are not closed")
    for test in (lambda root: check_security(page, root), lambda root: check_markup(page, root), check_colors,
                 lambda root: check_numbers(root, run), lambda root: check_refresh(root, run)):
        test(parser.root)
    print(json.dumps(errors[:20]))


main()
