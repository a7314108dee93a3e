"""Builds the programs that are neither Lambdas nor Python: C on the same libcurl, and loops over parts of Elenco."""
import os
import pathlib
import subprocess

from machine import OUT, PEERS, ROOT

_LIBRARIES = "curl nghttp2 idn2 psl unistring ssl crypto zstd brotlidec brotlicommon z".split()


def static_c(name: str) -> pathlib.Path:
    """Builds peers/{name}.c as one static executable, like the Lambdas, and returns its path."""
    program = OUT / name
    # The output is shown only on failure, because the linker warns about every getaddrinfo in a static executable.
    compiler = subprocess.run(
        ["cc", "-O2", "-static", "-s", "-o", program, PEERS / f"{name}.c", ROOT / ".build/package/curl-stubs.o"]
        + [f"-l{library}" for library in _LIBRARIES],
        capture_output=True, text=True)
    if compiler.returncode != 0:
        raise SystemExit(compiler.stderr)
    return program


def loop(part: str) -> pathlib.Path:
    """Builds the loop over a part of Elenco with Swift's static runtime, like the Lambdas, and returns its path."""
    scratch, name = OUT / "swift", f"{part}-bench"
    # -enable-testing, because the signer is not part of Shared's interface. The output is shown only on failure,
    # because the linker warns about mktemp.
    build = subprocess.run(
        ["swift", "build", "--quiet", "-c", "release", "--product", name, "--scratch-path", scratch,
         "--static-swift-stdlib", "-Xswiftc", "-enable-testing"],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "BENCH": "1"})
    if build.returncode != 0:
        raise SystemExit(build.stdout + build.stderr)
    return scratch / "release" / name
