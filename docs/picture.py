"""The picture in the README: a conversation that happens, in a terminal, while this runs.

`make picture` writes docs/conversation.svg. What is typed is below; what comes back is hers.
"""

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
LOG = ROOT / "tests" / "unit" / "archives" / "2005-06-27-ubuntu.log"
BRING_IN = f"import {LOG} --format irc --channel ubuntu".split()
TALK = ["chat", "--channel", "ubuntu", "--as", "ana", "--group"]
TYPED = (
    "The spare keys are with Marta now, in 4.12.",
    "@nellie can openoffice be removed without ubuntu-desktop?",
    "@nellie who has the spare keys?",
)
WIDTH = 92
PROMPT = b"ana> "
PATIENCE = 60  # seconds for an answer
_CONTROL = re.compile(r"\x1b\[\?[0-9;]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>]")
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    """Import a real log, talk about it, and draw what the terminal showed."""
    with tempfile.TemporaryDirectory(prefix="nellie-picture-") as home:
        os.chmod(home, 0o755)  # noqa: S103  # as root, its Postgres runs as another user
        kept = {name: one for name, one in os.environ.items() if not name.startswith("NELLIE_")}
        environ = {**kept, "NELLIE_HOME": home, "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
        program = [sys.executable, "-m", "bot"]
        subprocess.run([*program, *BRING_IN], cwd=home, env=environ, check=True)  # noqa: S603
        shown = conversation([*program, *TALK], home, environ)
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(Text.from_ansi(_CONTROL.sub("", shown).replace("\r\n", "\n").rstrip()))
    drawn = console.export_svg(title=f"nellie {' '.join(TALK)}")
    # Whoever looks at it fetches nothing: their own monospace will do.
    (ROOT / "docs" / "conversation.svg").write_text(_FONT.sub("", drawn))


def conversation(command: list[str], home: str, environ: dict[str, str]) -> str:
    """All that a terminal shows while this is typed into it."""
    master, slave = pty.openpty()
    process = subprocess.Popen(  # noqa: S603
        command, cwd=home, env=environ, stdin=slave, stdout=slave, stderr=slave, close_fds=True
    )
    os.close(slave)
    shown = until(master, 1)
    for line in TYPED:
        os.write(master, f"{line}\n".encode())
        shown += until(master, 1)
    os.write(master, b"\x04")
    process.wait(PATIENCE)
    return shown.decode().rpartition(PROMPT.decode())[0]


def until(master: int, prompts: int) -> bytes:
    """What comes until she listens again."""
    seen, end = b"", time.monotonic() + PATIENCE
    while seen.count(PROMPT) < prompts:
        if time.monotonic() > end:
            raise TimeoutError(seen.decode(errors="replace"))
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 65_536)
    return seen


if __name__ == "__main__":
    main()
