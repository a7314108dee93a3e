"""Runs a command on a pseudo-terminal, and says what a person sees there.

Standard input: {"command": words, "environment": variables, "sizes": [[columns, rows], …]}. The terminal has the first
size; after each drawing that ends with "erase below", it takes the next one.
Standard output: {"code": exit status, "screen": the lines of the screen at the end, without empty ones at its end,
"colors": the foreground colours of the signs of the screen}

With --has-terminals, prints whether this system has pseudo-terminals and the terminal emulator: yes or no.
"""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

ERASE_BELOW = b"\x1b[J"


def main() -> None:
    if sys.argv[1:] == ["--has-terminals"]:
        print("yes" if has_terminals() else "no")
        return
    import pyte

    request = json.load(sys.stdin)
    sizes = request["sizes"]
    screen = pyte.Screen(*sizes[0])
    stream = pyte.ByteStream(screen)
    process, terminal = pty.fork()
    if process == 0:
        resize(0, sizes[0])
        os.execve(request["command"][0], request["command"], request["environment"])
    resize(terminal, sizes[0])
    drawings = 0
    while output := read(terminal):
        for part in output.split(ERASE_BELOW)[:-1]:
            stream.feed(part + ERASE_BELOW)
            drawings += 1
            if drawings < len(sizes):
                screen.resize(sizes[drawings][1], sizes[drawings][0])
                resize(terminal, sizes[drawings])
        stream.feed(output.split(ERASE_BELOW)[-1])
    _, status = os.waitpid(process, 0)
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    colors = {cell.fg for row in screen.buffer.values() for cell in row.values()} - {"default"}
    json.dump({"code": os.waitstatus_to_exitcode(status), "screen": lines, "colors": sorted(colors)}, sys.stdout)


def read(terminal: int) -> bytes:
    ready, _, _ = select.select([terminal], [], [], 60)
    if not ready:
        sys.exit("the command printed nothing for a minute")
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the last process has closed the terminal
        return b""


def resize(terminal: int, size: list[int]) -> None:
    columns, rows = size
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def has_terminals() -> bool:
    try:
        import pyte  # noqa: F401

        for descriptor in pty.openpty():
            os.close(descriptor)
    except (ImportError, OSError):
        return False
    return True


main()
