"""Usage: corrected_copies.py FOLDER TARGET

Runs the block of docs/queries.md that corrects lone surrogates on the JSON Lines files in FOLDER, and copies the result
to the new folder TARGET.
"""
import os
import pathlib
import re
import shutil
import sys
import tempfile

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/queries.md"
EXAMPLE_FOLDER = pathlib.Path("out/Raw/TMDB/JSON/Atores/2026/11/27")

folder, target = map(os.path.abspath, sys.argv[1:])
section = re.search(r"^## When a tool refuses a file$(.*?)^## ", PAGE.read_text(), re.M | re.S).group(1)
(block,) = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)
with tempfile.TemporaryDirectory() as directory:
    os.chdir(directory)
    EXAMPLE_FOLDER.parent.mkdir(parents=True)
    EXAMPLE_FOLDER.symlink_to(folder)
    exec(compile(block, "block", "exec"), {})
    shutil.copytree("corrected", target)
