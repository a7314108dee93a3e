"""Asks a shell what it completes.

Standard input: {"shell": "bash", "script": completion script, "lines": command lines up to the cursor}
Standard output: for each line, the words that the shell offers there, as a JSON array of arrays.

With --has-terminals, prints whether this system has the pseudo-terminals that zsh needs: yes or no.
"""
import json
import os
import pty
import select
import subprocess
import sys
import tempfile

MARK = "=end="
ASK_BASH = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_elenco
printf '%s\\n' "${COMPREPLY[@]}"
"""


def ask_bash(path: str, line: str) -> list[str]:
    # complete -F calls the function with the words of the line, of which the last one is being completed.
    return run(["bash", "-c", ASK_BASH, "bash", path, *line.split(" ")])


def ask_fish(path: str, line: str) -> list[str]:
    output = run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", path, line])
    return [each.split("\t")[0] for each in output]


def ask_zsh(path: str, line: str) -> list[str]:
    """Has zsh complete in a pseudo-terminal. A function in place of compadd writes the offered words to a file."""
    with tempfile.NamedTemporaryFile("r") as offered:
        setup = f"""
            autoload -Uz compinit && compinit -D
            compadd() {{
                local -a words
                builtin compadd -O words "$@"
                print -rl -- $words >>{offered.name}
                builtin compadd "$@"
            }}
            source {path}
            complete-and-tell() {{ zle complete-word; zle -I; print -r -- {MARK}; BUFFER='' }}
            zle -N complete-and-tell
            bindkey '^X' complete-and-tell
            PS1='{MARK}'
            """
        with tempfile.NamedTemporaryFile("w", suffix=".zsh") as startup:
            startup.write(setup)
            startup.flush()
            child, terminal = pty.fork()
            if child == 0:
                os.environ["TERM"] = "dumb"
                os.execvp("zsh", ["zsh", "-f", "-i"])
            try:
                os.write(terminal, f"source {startup.name}\n".encode())
                read_until(terminal, MARK.encode())
                os.write(terminal, line.encode() + b"\x18")
                read_until(terminal, MARK.encode())
            finally:
                os.close(terminal)
                os.kill(child, 9)
                os.waitpid(child, 0)
        return sorted(set(offered.read().split()))


def read_until(terminal: int, mark: bytes) -> None:
    output = b""
    while mark not in output:
        ready, _, _ = select.select([terminal], [], [], 20)
        if not ready:
            sys.exit(f"zsh did not respond; its output: {output.decode(errors='replace')}")
        output += os.read(terminal, 4096)


def run(command: list[str]) -> list[str]:
    return [line for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines() if line]


def has_terminals() -> bool:
    try:
        for descriptor in pty.openpty():
            os.close(descriptor)
    except OSError:
        return False
    return True


def main() -> None:
    if sys.argv[1:] == ["--has-terminals"]:
        print("yes" if has_terminals() else "no")
        return
    question = json.load(sys.stdin)
    ask = {"bash": ask_bash, "fish": ask_fish, "zsh": ask_zsh}[question["shell"]]
    with tempfile.NamedTemporaryFile("w") as script:
        script.write(question["script"] + "\n")
        script.flush()
        json.dump([ask(script.name, line) for line in question["lines"]], sys.stdout)


main()
