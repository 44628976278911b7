"""The picture in the README: a real conversation in a terminal, held while this runs.

`make picture` writes docs/conversation.svg. TYPED is typed; the rest is what Nellie answers.
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
IMPORT = f"import {LOG} --format irc --channel ubuntu".split()
CHAT = ["chat", "--channel", "ubuntu", "--as", "ana", "--group"]
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
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("NELLIE_")
        }
        environ = inherited | {"NELLIE_HOME": home, "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
        nellie = [sys.executable, "-m", "bot"]
        subprocess.run([*nellie, *IMPORT], cwd=home, env=environ, check=True)  # noqa: S603  # our own program
        output = record_chat([*nellie, *CHAT], home, environ)
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115  # open to the end
    console.print(Text.from_ansi(_CONTROL.sub("", output).replace("\r\n", "\n").rstrip()))
    svg = console.export_svg(title=f"nellie {' '.join(CHAT)}")
    # Without the font's address, a browser that shows the picture fetches nothing.
    (ROOT / "docs" / "conversation.svg").write_text(_FONT.sub("", svg))


def record_chat(command: list[str], home: str, environ: dict[str, str]) -> str:
    """Type TYPED into a terminal; returns all that the terminal shows."""
    master, slave = pty.openpty()
    process = subprocess.Popen(  # noqa: S603  # our own program
        command, cwd=home, env=environ, stdin=slave, stdout=slave, stderr=slave, close_fds=True
    )
    os.close(slave)
    output = read_until_prompt(master)
    for message in TYPED:
        os.write(master, f"{message}\n".encode())
        output += read_until_prompt(master)
    os.write(master, b"\x04")
    process.wait(PATIENCE)
    return output.decode().rpartition(PROMPT.decode())[0]


def read_until_prompt(master: int) -> bytes:
    """What the terminal shows until the next line can be typed. Raises TimeoutError."""
    output, deadline = b"", time.monotonic() + PATIENCE
    while PROMPT not in output:
        if time.monotonic() > deadline:
            raise TimeoutError(output.decode(errors="replace"))
        if select.select([master], [], [], 1)[0]:
            output += os.read(master, 65_536)
    return output


if __name__ == "__main__":
    main()
