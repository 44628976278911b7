"""The whole of docker-compose.yml, from a clean tree, with stand-ins for Slack and the GPU."""

import json
import os
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PROJECT = "nellie-compose-test"
PATIENCE = 120  # seconds for an answer


def clean_tree(to: Path) -> Path:
    """What is in git here, and what is about to be; above all no .env."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.split("\0"):
        if name and (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


@dataclass
class Stack:
    """Containers, and people who talk with Nellie in one of them."""

    folder: Path

    def __post_init__(self) -> None:
        """A place for the stand-in's history, whichever user it runs as."""
        history = self.folder / "slack-history"
        history.mkdir(exist_ok=True)
        history.chmod(0o777)

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "POSTGRES_PASSWORD": "for-this-test",
            "COMPOSE_PROJECT_NAME": PROJECT,
            "COMPOSE_FILE": "docker-compose.yml:tests/compose.override.yml",
            "NELLIE_IMAGE": "nellie-compose-test",
        }

    def run(self, *command: str, check: bool = True) -> str:
        """Run an operator's command; what it printed. Raises AssertionError with its output."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Run docker compose."""
        return self.run("docker", "compose", *arguments, check=check)

    def up(self, *arguments: str) -> None:
        """Start what is down, and wait until all is well."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "300", *arguments)

    def say(self, text: str) -> str:
        """Ana says it in #general; its ts."""
        ts: str = self._control("slack", "/say", text)
        return ts

    def answers(self, ts: str) -> list[str]:
        """What Nellie said in a thread."""
        found: list[str] = self._control("slack", f"/answers?ts={urllib.parse.quote(ts)}")
        return found

    def ask(self, text: str) -> list[str]:
        """A mention, and the answers once there is one."""
        ts = self.say(f"@nellie {text}")
        self.until(lambda: self.answers(ts))
        return self.answers(ts)

    def prompt(self) -> str:
        """What the model was asked last."""
        prompt: str = self._control("tgi", "/prompt")
        return prompt

    def until(self, true: Callable[[], Any]) -> None:
        """Return once it is true. Raises AssertionError with the logs."""
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                raise AssertionError(f"never came true\n{self.compose('logs', '--tail', '40')}")
            time.sleep(0.3)

    def replicas(self) -> list[str]:
        """The containers of nellie."""
        return self.compose("ps", "--quiet", "nellie").split()

    def inspect(self, container: str) -> dict[str, Any]:
        """All that Docker knows of a container."""
        found: dict[str, Any] = json.loads(self.run("docker", "inspect", container))[0]
        return found

    def kill(self, container: str) -> None:
        """kill -9 its process, from a container that sees the host's processes."""
        pid = self.inspect(container)["State"]["Pid"]
        image, script = self.environ["NELLIE_IMAGE"], f"import os; os.kill({pid}, 9)"
        seeing = ("--pid=host", "--user=0", "--cap-add=KILL", "--entrypoint=python")
        self.run("docker", "run", "--rm", *seeing, image, "-c", script)

    def _control(self, service: str, path: str, text: str | None = None) -> Any:
        address = self.compose("port", service, "9001").strip()
        data = None if text is None else text.encode()
        with urllib.request.urlopen(f"http://{address}{path}", data, timeout=10) as answer:
            return json.load(answer)
