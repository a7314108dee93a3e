"""Builds what is measured and is neither a Lambda nor Python: C on the same libcurl, and loops over parts of Elenco."""
import os
import pathlib
import subprocess

from machine import OUT, PEERS, ROOT

_LIBRARIES = "curl nghttp2 idn2 psl unistring ssl crypto zstd brotlidec brotlicommon z".split()


def static_c(name: str) -> pathlib.Path:
    """A peer in C, linked into one static file like the Lambdas."""
    program = OUT / name
    made = subprocess.run(
        ["cc", "-O2", "-static", "-s", "-o", program, PEERS / f"{name}.c", ROOT / ".build/package/curl-stubs.o"]
        + [f"-l{library}" for library in _LIBRARIES],
        capture_output=True, text=True)  # the linker warns of every static getaddrinfo
    if made.returncode != 0:
        raise SystemExit(made.stderr)
    return program


def loop(part: str) -> pathlib.Path:
    """A loop over a part of Elenco, on Swift's static runtime like the Lambdas; -enable-testing, because the signer is no part of Shared's interface."""
    scratch, name = OUT / "swift", f"{part}-bench"
    built = subprocess.run(
        ["swift", "build", "--quiet", "-c", "release", "--product", name, "--scratch-path", scratch,
         "--static-swift-stdlib", "-Xswiftc", "-enable-testing"],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "BENCH": "1"})  # the linker warns of mktemp
    if built.returncode != 0:
        raise SystemExit(built.stdout + built.stderr)
    return scratch / "release" / name
