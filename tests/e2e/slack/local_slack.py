"""local-slack: a Slack that others wrote (npm), started, and used through its control API."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from doubles.nellie_on_slack import free_port

HERE = Path(__file__).parent
BINARY = HERE / "node_modules/local-slack-linux-x64/bin/local-slack"
ALICE, BOB, BOT, GENERAL = "U01ALICE", "U02BOB", "U0BOT", "C01GEN"
STARTING = 60  # seconds in which it must be up
_APP = {
    "appId": "A01BOT",
    "botUserId": BOT,
    "botName": "nellie",
    "botToken": "xoxb-e2e",
    "appToken": "xapp-e2e",
    "signingSecret": "secret-of-e2e",
}


class Unavailable(Exception):  # a reason to skip
    """It cannot be had here, and why."""


def install() -> None:
    """Fetch what package-lock.json pins. Raises Unavailable."""
    if BINARY.exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("local-slack is not here, and npm, which fetches it, is not either")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603  # npm
    if done.returncode or not BINARY.exists():
        lines = (done.stderr or done.stdout).strip().splitlines()
        reason = lines[-1] if lines else "no reason"
        raise Unavailable(f"npm could not fetch local-slack: {reason}")
    BINARY.chmod(0o755)


@dataclass
class Server:
    """One process of it; the workspace is the same after every start."""

    folder: Path
    mode: str
    """How it delivers: "socket" or "events" (by HTTP)."""
    port: int
    nellie_port: int
    """Where Nellie listens in mode "events"."""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once it answers."""
        config, log = self.folder / "config.json", self.folder / "log"
        config.write_text(json.dumps(self._config()))
        options = {
            "--config": config,
            "--port": self.port,
            "--base-host": "127.0.0.1",
            "--files-dir": self.folder / "files",
        }
        command = [str(BINARY), *(str(part) for option in options.items() for part in option)]
        with log.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out)  # noqa: S603  # pinned by package-lock.json
        end = time.monotonic() + STARTING
        while b"is running" not in log.read_bytes():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"local-slack did not start: {log.read_text()[-500:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, at once."""
        if self.process:
            self.process.kill()
            self.process.wait()
            (self.folder / "log").unlink()

    def _config(self) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self.nellie_port}/slack/events"
        users = [{"id": ALICE, "name": "alice"}, {"id": BOB, "name": "bob"}]
        return {
            "workspace": {"name": "E2E", "domain": "e2e", "teamId": "T01E2E"},
            "apps": [{**_APP, "mode": self.mode, "requestUrl": address}],
            "users": users,
            "channels": [{"id": GENERAL, "name": "general", "members": [ALICE, BOB, BOT]}],
        }


@dataclass
class LocalSlack:
    """What people do in it and see of it."""

    server: Server
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def environ(self) -> dict[str, str]:
        """The settings by which the adapter finds it."""
        return {
            "SLACK_BOT_TOKEN": _APP["botToken"],
            "SLACK_APP_TOKEN": _APP["appToken"],
            "SLACK_SIGNING_SECRET": _APP["signingSecret"],
            "NELLIE_SLACK_MODE": "socket" if self.server.mode == "socket" else "http",
            "NELLIE_SLACK_HOST": "127.0.0.1",
            "NELLIE_SLACK_PORT": str(self.server.nellie_port),
            "NELLIE_SLACK_API_URL": f"{self.url}/api/",
        }

    async def act(self, action: str, /, **arguments: Any) -> dict[str, Any]:
        """Something that people do: message, command, interact, edit-message, open-home, ..."""
        async with self.session.post(f"{self.url}/_control/{action}", json=arguments) as response:
            found: dict[str, Any] = await response.json()
        assert found["ok"], found
        return found

    async def say(self, text: str, *, channel: str = GENERAL, thread: str = "") -> str:
        """Alice says this; returns its ts."""
        given = {"thread_ts": thread} if thread else {}
        done = await self.act("message", channel=channel, user=ALICE, text=text, **given)
        return str(done["message"]["ts"])

    async def share_file(self, name: str, content: bytes, text: str) -> str:
        """Alice shares a file, with these words; returns the message's ts."""
        form = aiohttp.FormData({"channel": GENERAL, "user": ALICE, "text": text})
        form.add_field("file", content, filename=name)
        async with self.session.post(f"{self.url}/_control/upload", data=form) as response:
            return str((await response.json())["message"]["ts"])

    async def messages(self, channel: str = GENERAL) -> list[dict[str, Any]]:
        """Everything in a channel."""
        async with self.session.get(f"{self.url}/_control/messages/{channel}") as response:
            return list((await response.json())["messages"])

    async def answers(self, thread: str, channel: str = GENERAL) -> list[dict[str, Any]]:
        """Nellie's messages in a thread."""
        return [
            one
            for one in await self.messages(channel)
            if one["user"] == BOT and one.get("thread_ts") == thread
        ]

    async def calls(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call that Nellie made of this method."""
        return [one["detail"] for one in await self._log() if one["summary"] == method]

    async def connections(self) -> int:
        """How many sockets were opened since the last reset."""
        return sum("hello" in one["summary"] for one in await self._log())

    async def direct_channel(self) -> str:
        """The channel in which Alice and Nellie talk alone."""
        async with self.session.get(f"{self.url}/_control/state") as response:
            rooms = (await response.json())["channels"]
        return str(next(room["id"] for room in rooms if room["is_im"] and ALICE in room["members"]))

    async def until(self, look: Callable[[], Any], seconds: float = 60) -> Any:
        """What it looks for, as soon as it is there."""
        end = time.monotonic() + seconds
        while not (found := await look()):
            assert time.monotonic() < end, f"never came: {(await self.messages())[-10:]}"
            await asyncio.sleep(0.05)
        return found

    async def _log(self) -> list[dict[str, Any]]:
        async with self.session.get(f"{self.url}/_control/log") as response:
            return list((await response.json())["log"])


@asynccontextmanager
async def open_local_slack(server: Server) -> AsyncIterator[LocalSlack]:
    """Its workspace, emptied."""
    async with aiohttp.ClientSession() as session:
        slack = LocalSlack(server, session)
        await slack.act("reset")
        yield slack


def new_server(folder: Path, mode: str) -> Server:
    """A server that was not started yet."""
    return Server(folder, mode, free_port(), free_port())
