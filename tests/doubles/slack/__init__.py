"""A loopback Slack: one workspace with one app in it, Nellie.

    async with Slack() as slack:
        ...start an adapter with `slack.environ`...
        await slack.until(lambda: slack.sockets.open)
        ts = slack.say("U1", "C1", "@nellie hi")        # `message` and `app_mention`
        await slack.until(lambda: slack.answers("C1", ts))
        assert slack.answers("C1", ts) == ["Hello!"]

Ana (U1, an admin), Bob (U2) and Carl (U3) are there, and a channel C1, "general". What people do
is in `people` and `interactions`, what goes wrong in `faults`, and what Slack kept of it below:
`thread`, `answers`, `visible`, `private`, `statuses`, `homes`, `calls`, `pings`, ...
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Self

from aiohttp import web
from doubles.slack import chat, rooms  # noqa: F401  # they put their methods into the table
from doubles.slack.api import APP_TOKEN, BOT_TOKEN, Call, answer
from doubles.slack.chat import Stream
from doubles.slack.delivery import SECRET, Delivery, Envelope, Webhooks
from doubles.slack.faults import Faults
from doubles.slack.interactions import Interactions
from doubles.slack.socket import Sockets
from doubles.slack.workspace import (
    APP,
    BOT_ID,
    NELLIE,
    TEAM,
    Json,
    Refused,
    Room,
    shown,
)  # fmt: skip

__all__ = ["APP", "BOT_ID", "NELLIE", "SECRET", "TEAM", "Call", "Envelope", "Refused", "Slack"]

SCOPES = {
    *("app_mentions:read", "assistant:write", "chat:write", "commands", "team:read", "users:read"),
    *("channels:history", "channels:join", "channels:read", "groups:history", "groups:read"),
    *("im:history", "im:read", "im:write", "mpim:history", "mpim:read", "mpim:write"),
    *("files:read", "files:write", "reactions:read", "reactions:write"),
}


class Slack(Interactions):
    """`async with Slack() as slack:` serves the Web API, files and sockets on one port."""

    def __init__(
        self,
        *,
        scopes: Iterable[str] = SCOPES,
        events: Iterable[str] | None = None,
        ack_within: float = 3,
        retries: tuple[float, ...] = (0, 0.5, 2),
        stream_ttl: float = 306,
        streaming: bool = True,
        agents: bool = True,
        at: str = "",
    ):
        """Scopes granted; events subscribed to (None: all); times in seconds.

        `at` is the host:port at which others reach it, where that is not this machine.

        `ack_within` and `stream_ttl` are Slack's own, `retries` (there: 0, 60, 300) are shorter.
        Without `streaming` or `agents` the workspace's plan does not have these features.
        """
        super().__init__()
        self.at = at
        self.scopes = set(scopes)
        self.events = None if events is None else frozenset(events)
        self.stream_ttl, self.streaming, self.agents = stream_ttl, streaming, agents
        self.revoked = ""
        """The error that every call gets, once the token is void."""
        self.ahead = 0.0
        """Seconds that its clock is ahead of ours."""
        self.quiet = False
        """While it is set, nothing that happens is told to the app: it is down."""
        self.faults = Faults()
        self.calls: list[Call] = []
        self.whispers: dict[str, Json] = {}
        """Ephemeral messages by ts; their `channel` and `to` say where and to whom."""
        self.streams: dict[tuple[str, str], Stream] = {}
        """By channel and ts."""
        self.statuses: dict[tuple[str, str], list[str]] = {}
        """By channel and thread: all there were, "" when cleared by the app or by an answer."""
        self.sessions: dict[tuple[str, str], str] = {}
        """The agent's sessions, by channel and thread."""
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[str, list[str]] = {}
        """The titles of suggested prompts, by channel."""
        self.homes: dict[str, Json] = {}
        """The home tab of each person."""
        self.modals: dict[str, Json] = {}
        self.reactions: dict[str, list[str]] = {}
        self.pings: list[tuple[str, str]] = []
        """What Nellie wrote that pinged somebody: channel and text."""
        self.unfurled: list[tuple[str, str]] = []
        """What Nellie posted with links and without forbidding their previews."""
        self.seen: list[tuple[float, str, str, str]] = []
        """Each moment when a text of Nellie's became visible: monotonic, channel, ts, the text."""
        self.triggers: dict[str, str] = {}
        self.responses: dict[str, tuple[Room, str, int]] = {}
        self._moved = asyncio.Event()
        self.sockets = Sockets(ack_within, self.touch)
        self.webhooks = Webhooks(ack_within)
        self.delivery = Delivery(self._send, retries, self.touch)

    @property
    def environ(self) -> dict[str, str]:
        """The variables by which an adapter is told of this workspace."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "NELLIE_SLACK_API_URL": f"{self.url}/api/",
        }

    async def until(self, condition: Callable[[], Any], seconds: float = 60) -> None:
        """Wait until this holds; AssertionError, with what is visible, when it never does."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"never came true; visible: {self._everything()}")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):  # what it looks at may lie outside of Slack
                    await self._moved.wait()

    def thread(self, channel: str, root: str) -> list[Json]:
        """The messages of a thread, its root first."""
        return self.room(channel).thread(root)

    def answers(self, channel: str, root: str = "") -> list[str]:
        """What Nellie said in a thread, or in the whole channel, as people read it."""
        return [shown(one) for one in self.posts(channel, root)]

    def posts(self, channel: str, root: str = "") -> list[Json]:
        """Nellie's messages in a thread, or in the whole channel."""
        room = self.room(channel)
        messages = room.thread(root) if root else list(room.messages.values())
        return [one for one in messages if one.get("bot_id") == BOT_ID]

    def visible(self, channel: str) -> list[str]:
        """All that is said in the channel and its threads, as people read it."""
        return [shown(one) for one in self.room(channel).messages.values()]

    def private(self, person: str) -> list[str]:
        """What only this person has seen: the ephemeral messages."""
        return [shown(one) for one in self.whispers.values() if one["to"] == person]

    def called(self, method: str) -> list[Json]:
        """The arguments of every call of this method."""
        return [call.args for call in self.calls if call.method == method]

    def link(self, room: Room, message: Json) -> str:
        """The permalink of a message."""
        path = f"{self.home}archives/{room.id}/p{message['ts'].replace('.', '')}"
        thread = message.get("thread_ts", message["ts"])
        return path if thread == message["ts"] else f"{path}?thread_ts={thread}&cid={room.id}"

    # What the Web API does to the workspace.

    def said(self, room: Room, said: Json) -> Json:
        """Nellie says something."""
        message = self.add(room, said)
        self.status(room, said.get("thread_ts", ""), "", known=True)
        self.shows(room, message)
        self.announce(room, message)
        return message

    def shows(self, room: Room, message: Json) -> None:
        """Something of Nellie's is visible now as it stands."""
        if message.get("bot_id") == BOT_ID:
            self.seen.append((time.monotonic(), room.id, message["ts"], shown(message)))
        self.touch()

    def whispered(self, room: Room, person: str, said: Json) -> Json:
        """Nellie says something that one person sees."""
        message = {**said, "ts": self.ts(), "channel": room.id, "to": person}
        self.whispers[message["ts"]] = message
        self.seen.append((time.monotonic(), room.id, message["ts"], shown(message)))
        return message

    def status(self, room: Room, thread: str, status: str, *, known: bool = False) -> None:
        """Nellie's status in a thread; `known`: only if she has one there."""
        former = self.statuses.get((room.id, thread), [])
        if not known or (former and former[-1]):
            self.statuses[room.id, thread] = [*former, status]

    def touch(self) -> None:
        """Something has changed: wake those who wait for it."""
        self._moved.set()
        self._moved = asyncio.Event()

    # The servers.

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_get("/files/{file}/{name}", self._download)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_post("/response/{key}", self._respond)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        place = (None, int(self.at.rpartition(":")[2])) if self.at else ("127.0.0.1", 0)
        await web.TCPSite(self._runner, *place).start()
        self.url = f"http://{self.at or f'127.0.0.1:{self._runner.addresses[0][1]}'}"
        self.home = f"{self.url}/"
        self.sockets.url = self.url.replace("http", "ws", 1)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.delivery.close()
        await self.sockets.close()
        await self.webhooks.close()
        await self._runner.cleanup()

    async def _send(self, envelope: Envelope, attempt: int, reason: str) -> str:
        by = self.webhooks if self.webhooks.url else self.sockets
        failure = await by.send(envelope, attempt, reason)
        if not failure and envelope.kind == "slash_commands" and envelope.answer:
            self._answered(envelope)
        return failure

    def _answered(self, envelope: Envelope) -> None:
        """A command's acknowledgement may hold its answer."""
        given, payload = envelope.answer, envelope.payload
        said = {"text": given} if isinstance(given, str) else given
        self._say(self.room(payload["channel_id"]), payload["user_id"], said)

    def _say(self, room: Room, person: str, said: Json) -> None:
        kept = {name: said[name] for name in ("text", "blocks", "thread_ts") if said.get(name)}
        if said.get("response_type") == "in_channel":
            self.said(room, {**chat.author(), **kept})
        else:
            self.whispered(room, person, kept)
        self.touch()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        return await answer(self, request)

    async def _download(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return web.Response(text="<html>Sign in to Slack</html>", content_type="text/html")
        file, content = self.files[request.match_info["file"]]
        return web.Response(body=content, content_type=file["mimetype"])

    async def _upload(self, request: web.Request) -> web.Response:
        file, _ = self.files[request.match_info["file"]]
        content = await request.read()
        file["size"] = len(content)
        self.files[file["id"]] = (file, content)
        return web.Response(text=f"OK - {len(content)}")

    async def _respond(self, request: web.Request) -> web.Response:
        room, person, left = self.responses.get(request.match_info["key"], (None, "", 0))
        if room is None or not left:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        self.responses[request.match_info["key"]] = (room, person, left - 1)
        said = await request.json()
        self.calls.append(Call("response_url", "", said))
        if not said.get("delete_original"):
            self._say(room, person, said)
        self.touch()
        return web.Response(text="ok")

    def _everything(self) -> dict[str, list[str]]:
        return {name: self.visible(name)[-20:] for name in self.rooms}
