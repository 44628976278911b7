"""Fills .venv from the lock files, with uv where it is installed, else with pip; for infra/setup.

One line says what happens. What the installer said is shown when it fails, with a sentence on why.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {
    "run": ("requirements.lock", "infra/requirements-build.lock"),
    "dev": ("requirements-dev.lock",),
}
STAMPS = {"run": (".ready",), "dev": (".ready", ".ready-dev")}
SILENT = 10  # seconds without a line, at most, where it is not written over
NAMED = {"run": "what talking needs", "dev": "what working on her needs"}
PACKAGE = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([\w.-]+)")
REASONS = (
    (
        r"No space left on device",
        "the disk is full: make room, then run it again",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate",
        "the package index shows a certificate that this machine does not trust: behind a company's"
        " proxy, set SSL_CERT_FILE and PIP_CERT to its certificate",
    ),
    (
        r"ProxyError|Tunnel connection failed|407 Proxy|Cannot connect to proxy|proxy connect",
        "the proxy does not let it through: correct HTTPS_PROXY (http://user:password@host:port)",
    ),
    (
        r"name resolution|Name or service not known|nodename nor servname|dns error"
        r"|Network is unreachable|Failed to establish a new connection|Connection refused"
        r"|[Tt]imed out|error sending request|Could not connect",
        "the package index cannot be reached: connect to the network, or set HTTPS_PROXY where a"
        " proxy leads there",
    ),
    (
        r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
        "a package is not the one that the lock file names: empty the cache (pip cache purge, uv"
        " cache clean) and run it again",
    ),
    (
        r"No matching distribution found|no version of|no wheels with a matching",
        "a package does not exist for this machine: take CPython 3.11 to 3.14 on Linux (glibc) or"
        " macOS, or Docker",
    ),
    (r"Permission denied", "a folder may not be written: .venv belongs here, to you"),
)


class Failed(Exception):
    """Why it did not work, in a sentence, and what was said."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(reason)
        self.said = said


def why(said: str) -> str:
    """The sentence for what an installer said."""
    for pattern, reason in REASONS:
        if re.search(pattern, said):
            return reason
    return "the installer failed; it said the above"


class Line:
    """One line that is written over at a terminal; elsewhere a new one now and then."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._shown = time.monotonic()

    def show(self, text: str, *, last: bool = False) -> None:
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r\x1b[K{text[:width]}" + "\n" * last)
        elif last or time.monotonic() - self._shown > SILENT:
            sys.stderr.write(f"{text}\n")
            self._shown = time.monotonic()
        sys.stderr.flush()


def install(kind: str) -> None:
    """Make .venv if need be, fill it, and leave the stamps that make looks for. Raises Failed."""
    started, line = time.monotonic(), Line()
    for stamp in STAMPS[kind]:
        (VENV / stamp).unlink(missing_ok=True)
    tool = "uv" if _runs("uv", "--version") else "pip"
    version = ".".join(map(str, sys.version_info[:3]))
    what = f"Setting up .venv with Python {version} and {tool}: {NAMED[kind]}"
    line.show(f"{what} ...", last=not sys.stderr.isatty())
    _make_venv(tool)
    total = sum(_pinned(ROOT / name) for name in LOCKS[kind])
    _run(_command(tool, kind), lambda done, name: line.show(f"{what}: {done} of {total}, {name}"))
    line.show(f"{what}: Nellie herself")
    own = ["--no-deps", "--no-build-isolation", "--editable", "."]
    _run([*_installer(tool), *own], lambda done, name: None)
    for stamp in STAMPS[kind]:
        (VENV / stamp).touch()
    line.show(f"Ready, after {time.monotonic() - started:.0f} s.", last=True)


def _make_venv(tool: str) -> None:
    fits = "import sys; sys.exit(sys.version_info < (3, 11))"
    if _runs(PYTHON, "-c", fits) and (tool == "uv" or _runs(PYTHON, "-m", "pip", "--version")):
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    if tool == "uv":
        _run(["uv", "venv", "--quiet", "--python", sys.executable, str(VENV)])
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Failed(f"this Python comes without venv: sudo apt install {package} (or install uv)")
    _run([sys.executable, "-m", "venv", str(VENV)])


def _installer(tool: str) -> list[str]:
    if tool == "uv":
        return ["uv", "pip", "install", "--python", str(PYTHON)]
    # Python compiles what it imports, and most of this it never does.
    quiet = ["--no-compile", "--disable-pip-version-check", "--progress-bar=off"]
    return [str(PYTHON), "-m", "pip", "install", *quiet]


def _command(tool: str, kind: str) -> list[str]:
    locks = [part for name in LOCKS[kind] for part in ("--requirement", name)]
    return [*_installer(tool), "--require-hashes", "--no-deps", *locks]


def _pinned(lock: Path) -> int:
    return len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE))


def _runs(*command: str | Path) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # our own
        return done.returncode == 0
    except OSError:
        return False


def _run(
    command: Sequence[str], tell: Callable[[int, str], None] = lambda done, name: None
) -> None:
    """Run it, and tell of each package that it comes to. Raises Failed with all that it said."""
    said: list[str] = []
    done = 0
    kept = {**os.environ, "VIRTUAL_ENV": str(VENV), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603  # uv or pip
        command,
        cwd=ROOT,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for text in process.stdout or ():
            said.append(text)
            if package := PACKAGE.match(text):
                done += 1
                tell(done, package[1])
            elif text.startswith("Installing collected packages"):
                tell(done, "unpacking")
    if process.returncode:
        raise Failed(why("".join(said)), "".join(said))


def main() -> int:
    """Install; returns the exit code."""
    try:
        install(sys.argv[1])
    except Failed as error:
        sys.stderr.write(f"\n{error.said}\nmake: {error}.\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"\nmake: {why(str(error))}\n{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nmake: interrupted; run it again, and it goes on from here.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
