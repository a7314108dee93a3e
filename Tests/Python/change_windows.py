"""Usage: change_windows.py <SPANS

Standard input is an array of objects with the days `first` and `last`. Prints for each the windows of at most 14 days in
which TMDB's list of changes is read: each begins with the last day of the one before.
"""
import datetime
import json
import sys


def windows(first, last):
    found = []
    while True:
        end = min(first + datetime.timedelta(days=13), last)
        found.append([first.isoformat(), end.isoformat()])
        if end == last:
            return found
        first = end


print(json.dumps([
    windows(datetime.date.fromisoformat(span["first"]), datetime.date.fromisoformat(span["last"]))
    for span in json.load(sys.stdin)
]))
