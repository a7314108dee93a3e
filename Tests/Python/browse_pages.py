"""Usage: browse_pages.py <INPUT

Opens pages in Debian's Chromium, without a display, and checks what only a browser can tell. Standard input is a JSON
array of objects: `name`, `page` (HTML) and `shards` (their number). Prints a JSON array of what is wrong.
"""
import json
import os
import pathlib
import re
import sys
import tempfile

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
# In milliseconds. Long enough for the slowest machine: nothing takes as long unless something is wrong.
TIMEOUT = 120_000
# Name, color scheme, medium, width. A sheet of A4 is 794 pixels wide.
LOOKS = [("light", "light", "screen", 1280), ("dark", "dark", "screen", 1280), ("phone", "light", "screen", 400),
         ("narrow dark phone", "dark", "screen", 320), ("paper", "light", "print", 794)]
# axe-core takes minutes for a table with 1,000 rows.
ALIKE = {"exclude": [["#all-shards tbody tr:nth-child(n+10)"], ["ol.lanes > li:nth-child(n+70)"]]}
# The looks that axe-core judges. It takes seconds for each, and the others have the same colors and markup.
JUDGED = ("light", "dark")
GRAVE = ("serious", "critical")
FOCUSABLE = "a[href], button, input, select, summary, [tabindex='0']"
errors = []


def check(condition, message):
    if not condition:
        errors.append(message)


def shards_of(name):
    """The shards of a lane: `T3`, or `T3–7` for several."""
    ends = [int(end) for end in re.findall("[0-9]+", name)]
    return range(ends[0], ends[-1] + 1)


def check_shards(page, look, count):
    # A lane without height, without a picture or that covers another one would not be seen.
    lanes = page.evaluate("""() => [...document.querySelectorAll("ol.lanes > li")].map(lane => {
        const name = lane.querySelector(".name"), strip = lane.querySelector("svg.strip").getBoundingClientRect();
        const box = name.getBoundingClientRect();
        return {name: name.innerText, isVisible: name.checkVisibility() && box.width > 5 && box.right <= innerWidth,
                width: strip.width, height: strip.height, top: strip.top, bottom: strip.bottom};
    })""")
    shown = [shard for lane in lanes if lane["isVisible"] for shard in shards_of(lane["name"])]
    check(shown == list(range(count)), f"{look}: {len(shown)} of {count} shards have a lane that is seen")
    check(all(lane["width"] > 100 and lane["height"] > 8 for lane in lanes), f"{look}: a lane has no room")
    check(all(a["bottom"] <= b["top"] for a, b in zip(lanes, lanes[1:])), f"{look}: lanes overlap")
    rows = page.locator("#all-shards tbody tr").count()
    check(rows == count, f"{look}: {rows} rows of {count} shards")
    pictures = page.locator("figure svg[role=img]")
    for number in range(pictures.count()):
        box = pictures.nth(number).bounding_box()
        check(box and box["width"] > 200 and box["height"] > 100, f"{look}: picture {number} has no room")


def check_keyboard(page, look):
    """Tab reaches all that is interactive, in the page's order, and shows where it is."""
    expected = page.locator(FOCUSABLE).count()
    page.evaluate("scrollTo(0, 0)")
    reached = []
    for _ in range(expected):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"""() => [
            [...document.querySelectorAll({json.dumps(FOCUSABLE)})].indexOf(document.activeElement),
            getComputedStyle(document.activeElement).outlineStyle]"""))
    check([number for number, _ in reached] == list(range(expected)),
          f"{look}: Tab reaches {[number for number, _ in reached]} of {expected} elements")
    check(all(outline not in ("none", "") for _, outline in reached), f"{look}: the focus is not seen")


def open_page(browser, given, path, look, scheme, medium, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(TIMEOUT)
    page, where = context.new_page(), f"{given['name']}, {look}"
    page.emulate_media(media=medium, color_scheme=scheme)
    requests = []
    context.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: errors.append(f"{where}: the console has {message.text}"))
    page.on("pageerror", lambda error: errors.append(f"{where}: {error}"))
    page.goto(path.as_uri())
    page.wait_for_load_state("networkidle")
    check(requests == [path.as_uri()], f"{where}: requests to {requests}")
    wide = page.evaluate("document.documentElement.scrollWidth")
    check(wide <= width, f"{where}: the page is {wide} pixels wide")
    check_shards(page, where, given["shards"])
    if medium == "screen":
        check_keyboard(page, where)
    if look in JUDGED:
        for violation in Axe().run(page, ALIKE, {"resultTypes": ["violations"]}).response["violations"]:
            if violation["impact"] in GRAVE:
                nodes = [node["html"][:200] for node in violation["nodes"][:3]]
                errors.append(f"{where}: {violation['id']} ({violation['impact']}): {violation['help']}: {nodes}")
    context.close()


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        # Chromium's sandbox does not work for root.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0, timeout=TIMEOUT)
        for number, given in enumerate(json.load(sys.stdin)):
            path = pathlib.Path(folder, f"page-{number}.html")
            path.write_text(given["page"], encoding="utf-8")
            for look in LOOKS:
                open_page(browser, given, path, *look)
        browser.close()
    json.dump(errors, sys.stdout)


if __name__ == "__main__":
    main()
