"""Usage: film_ages.py <FILMS

Standard input is an array of objects with an IMDb `id` and `maxAgeDays`. Prints the same objects with `ageMax`: the age
in days above which a film is fetched again. It is between half of maxAgeDays and the whole, by the 64-bit FNV-1a hash
of the id and the finalizer of SplitMix64.
"""
import json
import sys

MASK = 2**64 - 1


def digest(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


films = json.load(sys.stdin)
for film in films:
    half = film["maxAgeDays"] // 2
    film["ageMax"] = half + digest(film["id"]) % (film["maxAgeDays"] - half + 1)
print(json.dumps(films))
