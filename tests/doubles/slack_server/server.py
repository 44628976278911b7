"""The servers of the double: the Web API, files, response addresses and sockets on one port."""

from collections.abc import Iterable
from typing import Self

from aiohttp import web
from doubles.loopback_server import AT_ONCE
from doubles.slack_server import agents_and_views, chat, conversations, users_and_files
from doubles.slack_server.api import APP_TOKEN, BOT_TOKEN, Call, answer
from doubles.slack_server.delivery import SECRET, Delivery, Envelope, Webhooks
from doubles.slack_server.downloads import download
from doubles.slack_server.faults import Faults
from doubles.slack_server.interactions import Interactions
from doubles.slack_server.shapes import Json, Room
from doubles.slack_server.socket import Sockets

API_MODULES = (agents_and_views, chat, conversations, users_and_files)
"""Importing one puts its methods into the table of the Web API."""
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
        super().__init__(None if events is None else frozenset(events))
        self.at = at
        self.scopes = set(scopes)
        self.stream_ttl, self.streaming, self.agents = stream_ttl, streaming, agents
        self.revoked = ""
        """The error that every call gets, once the token is void."""
        self.clock_ahead = 0.0
        """Seconds that its clock is ahead of ours."""
        self.faults = Faults()
        self.sockets = Sockets(ack_within, self.notify)
        self.webhooks = Webhooks(ack_within)
        self.delivery = Delivery(self._send, retries, self.notify)
        self._runner = web.AppRunner(self._routes(), shutdown_timeout=AT_ONCE)

    @property
    def environ(self) -> dict[str, str]:
        """The variables by which an adapter is told of this workspace."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "NELLIE_SLACK_API_URL": f"{self.url}/api/",
        }

    def link(self, room: Room, message: Json) -> str:
        """The permalink of a message."""
        path = f"{self.home}archives/{room.id}/p{message['ts'].replace('.', '')}"
        thread = message.get("thread_ts", message["ts"])
        return path if thread == message["ts"] else f"{path}?thread_ts={thread}&cid={room.id}"

    def post(self, room: Room, fields: Json) -> Json:
        """Nellie says something."""
        message = self.add_message(room, fields)
        self.set_status(room, fields.get("thread_ts", ""), "", known=True)
        self.record_visible(room, message)
        self.send_message_events(room, message)
        return message

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        host, port = (None, int(self.at.rpartition(":")[2])) if self.at else ("127.0.0.1", 0)
        await web.TCPSite(self._runner, host, port).start()
        self.url = f"http://{self.at or f'127.0.0.1:{self._runner.addresses[0][1]}'}"
        self.home = f"{self.url}/"
        self.sockets.url = self.url.replace("http", "ws", 1)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.delivery.close()
        await self.sockets.close()
        await self.webhooks.close()
        await self._runner.cleanup()

    def _routes(self) -> web.Application:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_get("/files/{file}/{name}", self._download)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_post("/response/{key}", self._respond)
        return app

    async def _send(self, envelope: Envelope, attempt: int, reason: str) -> str:
        by = self.webhooks if self.webhooks.url else self.sockets
        failure = await by.send(envelope, attempt, reason)
        if not failure and envelope.kind == "slash_commands" and envelope.answer:
            self._show_acknowledgement(envelope)
        return failure

    def _show_acknowledgement(self, envelope: Envelope) -> None:
        """A command's acknowledgement may hold its answer."""
        answer, payload = envelope.answer, envelope.payload
        fields = {"text": answer} if isinstance(answer, str) else answer
        self._show_response(self.room(payload["channel_id"]), payload["user_id"], fields)

    def _show_response(self, room: Room, person: str, response: Json, trigger_id: str = "") -> None:
        names = ("text", "blocks", "thread_ts")
        fields = {name: response[name] for name in names if response.get(name)}
        fields["blocks"] = chat.with_ids(response.get("blocks") or [])
        if response.get("response_type") == "in_channel":
            self.post(room, {**chat.author(), **fields})
        else:
            self.post_ephemeral(room, person, {**fields, "trigger_id": trigger_id})
        self.notify()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        return await answer(self, request)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        return await download(self, request)

    async def _upload(self, request: web.Request) -> web.Response:
        file, _ = self.files[request.match_info["file"]]
        content = await request.read()
        file["size"] = len(content)
        self.files[file["id"]] = (file, content)
        return web.Response(text=f"OK - {len(content)}")

    async def _respond(self, request: web.Request) -> web.Response:
        """An answer at a response_url."""
        url = self.response_urls.get(request.match_info["key"])
        if url is None or not url.uses_left:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        url.uses_left -= 1
        response = await request.json()
        self.calls.append(call := Call("response_url", "", response))
        chat.open_links(self, url.room, call)
        if response.get("delete_original"):
            self.ephemeral_messages.pop(url.message_ts, None)
        else:
            self._show_response(url.room, url.person, response, url.trigger_id)
        self.notify()
        return web.Response(text="ok")
