"""A proxy before discord-digital-twin that corrects where the twin is known to differ from Discord.

It adds what the twin lacks (sessions that can be resumed, nonces, limits, faults to order) with the
help of our own double, and passes everything else on.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, TCPConnector, web
from doubles.discord_server.faults import Fault, Faults
from doubles.discord_server.guild import JSON, REPLY, mentions
from doubles.discord_server.messages import check
from doubles.discord_server.rest import ROOT, Buckets, Handler, Refusal, Request, Rest
from doubles.discord_server.spec import Spec, snowflakes
from doubles.loopback_server import AT_ONCE
from e2e.discord.twin_gateway import TwinGateway

_CODES = {401: 0, 403: 50001, 404: 10003}
_USER = {"discriminator": "0", "avatar": None, "public_flags": 0}


class Edge:
    """Serves Discord's addresses at `edge.environ`."""

    def __init__(self, twin: JSON, client: ClientSession) -> None:
        self.twin = twin
        self.client = client
        self.rest = _Rest(self)
        self.gateway = TwinGateway(self)
        self.messages: dict[str, JSON] = {}
        """Messages by their id, for replies to them."""
        self.authors: dict[str, JSON] = {}

    @property
    def environ(self) -> dict[str, str]:
        """The settings of an adapter that talks to the twin through this edge."""
        origin = self.gateway.url.removeprefix("ws://").removesuffix("/gateway")
        return {
            "DISCORD_TOKEN": self.twin["token"],
            "NELLIE_DISCORD_API": f"http://{origin}{ROOT}",
            "NELLIE_DISCORD_GATEWAY": self.gateway.url,
        }

    async def read_authors(self) -> None:
        """Everybody who may write there, as the twin describes them."""
        for id_ in (*self.twin["users"], self.twin["bot"]):
            self.authors[id_] = _USER | (await self._user(id_))

    @property
    def commands(self) -> list[JSON]:
        """The commands that the bot has registered."""
        return next(iter(self.rest.commands.values()), [])

    def fail(self, *faults: Fault) -> None:
        """Let the next requests go wrong like this."""
        self.rest.faults.add(faults)

    def violations(self) -> list[str]:
        """Where the requests so far break Discord's specification; empty where that is absent."""
        if not (spec := Spec.here()):
            return []
        found = (spec.violations(a.method, a.path, a.body, a.query) for a in self.rest.requests)
        return sorted({violation for each in found for violation in each})

    async def act(self, action: str, /, **arguments: Any) -> Any:
        """Something that people do, or see, through the twin's control server."""
        url = f"{self.twin['control']}/{action}"
        async with self.client.post(url, json=arguments) as response:
            if response.status != 200:
                raise AssertionError(await response.text())
            return await response.json()

    def correct(self, data: Any) -> Any:
        """The twin's JSON in Discord's shape."""
        if isinstance(data, list):
            return [self.correct(one) for one in data]
        if not isinstance(data, dict):
            return data
        data = {key: self.correct(one) for key, one in data.items()}
        if "username" in data:
            data = {**_USER, **{key: one for key, one in data.items() if one is not None}}
            data["public_flags"] = int(data["public_flags"])
        if "thread_metadata" not in data and "rate_limit_per_user" in data:
            data.setdefault("position", 0)
            data.setdefault("permission_overwrites", [])
        if "deaf" in data and "roles" in data:
            data["roles"] = [one for one in data["roles"] if one != self.twin["guild"]]
        return self._message(data) if {"channel_id", "content", "id"} <= data.keys() else data

    def _message(self, data: JSON) -> JSON:
        empty: JSON = {"components": [], "embeds": [], "attachments": [], "mention_everyone": False}
        data = {**empty, "tts": False, "pinned": False, "flags": 0, **data}
        if not data.get("guild_id"):
            data.pop("guild_id", None)
        known = self.messages.get(data["id"], {})
        if not (data.get("author") or {}).get("id"):
            data["author"] = known.get("author") or self.authors[self.twin["bot"]]
        named = [self.authors[id] for id in mentions(data["content"]) if id in self.authors]
        data["mentions"] = named
        if reference := data.get("message_reference"):
            data["message_reference"] = {"type": 0, **reference}
            to = self.messages.get(str(reference["message_id"]))
            data |= {"type": data["type"] or REPLY, "referenced_message": to}
            if to and data["author"]["id"] != self.twin["bot"] and to["author"] not in named:
                data["mentions"] = [*named, to["author"]]  # as people's replies do
        self.messages[data["id"]] = data
        return data

    async def _user(self, id: str) -> JSON:
        headers = {"Authorization": f"Bot {self.twin['token']}"}
        async with self.client.get(f"{self.twin['rest']}/users/{id}", headers=headers) as response:
            made: JSON = await response.json()
            return {key: one for key, one in made.items() if one is not None}


@asynccontextmanager
async def open_edge(twin: JSON) -> AsyncIterator[Edge]:
    """An edge before the twin, on a port of its own."""
    async with ClientSession(connector=TCPConnector(force_close=True)) as client:
        edge = Edge(twin, client)
        await edge.read_authors()
        app = web.Application(client_max_size=2**25)
        app.router.add_get("/gateway{slash:/?}", edge.gateway.serve)
        app.router.add_route("*", ROOT + "/{rest:.*}", edge.rest.serve)
        runner = web.AppRunner(app, shutdown_timeout=AT_ONCE)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        edge.gateway.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/gateway"
        try:
            yield edge
        finally:
            await edge.gateway.stop()
            await runner.cleanup()


class _Rest(Rest):
    """Faults, limits and nonces; the rest is the twin's."""

    def __init__(self, edge: Edge) -> None:
        super().__init__(edge.twin["token"], Faults([]), Buckets(1_000, 1.0))
        self.edge = edge
        self.commands: dict[str, list[JSON]] = {}
        self._nonces: dict[tuple[str, str], JSON] = {}

    def _find(self, asked: Request) -> tuple[Handler, dict[str, str]]:
        return self.forward, {}

    async def forward(self, asked: Request) -> Any:
        body = asked.body if isinstance(asked.body, dict) else {}
        if "content" in body:
            check(body | {"content": body["content"] or ""}, bool(asked.files))
        if asked.path.endswith("/commands"):
            return await self._commands(asked)
        if "/threads/archived/" in asked.path:  # it knows no such threads
            return {"threads": [], "members": [], "has_more": False}
        nonce = (asked.path, str(body.get("nonce")))
        if "nonce" in body and nonce in self._nonces:
            return self._nonces[nonce]
        done = await self._passed_on(asked)
        if "nonce" in body:
            self._nonces[nonce] = done
        if "after" in asked.query:
            return done[::-1]  # Discord's newest stands first, always
        if done is None and "with_response" in asked.query:
            return {"interaction": {"id": asked.path.split("/")[2], "type": 2}}
        return done

    async def _commands(self, asked: Request) -> list[JSON]:
        if asked.method == "PUT":
            asked.body = [{"description": "", **one} for one in asked.body]
            for one in asked.body:  # it takes these as text alone, in which Discord gives them
                needed = one.get("default_member_permissions")
                one["default_member_permissions"] = None if needed is None else str(needed)
            done = await self._passed_on(asked)
            kept = zip(asked.body, done, strict=True)  # Discord gives back all that it was given
            self.commands[asked.path] = [one | made for one, made in kept]
        return self.commands.get(asked.path, [])

    async def _passed_on(self, asked: Request) -> Any:
        path = asked.path.replace("/oauth2/applications", "/applications")
        headers = {"Content-Type": "application/json"}
        if token := asked.headers.get("Authorization"):
            headers["Authorization"] = token
        sent = None if asked.body is None else json.dumps(snowflakes(asked.body))
        async with self.edge.client.request(
            asked.method,
            self.edge.twin["rest"] + path,
            params=asked.query,
            data=sent,
            headers=headers,
        ) as response:
            raw, status = await response.read(), response.status
            is_json = response.content_type == "application/json"
        done = self.edge.correct(json.loads(raw)) if raw and is_json else None
        if status >= 400:
            code = done.get("code", 0) if isinstance(done, dict) else 0
            raise Refusal(status, _CODES.get(code, code), str(done)[:200])
        if path == "/applications/@me":
            done.setdefault("owner", self.edge.authors[self.edge.twin["users"][0]])
        return done
