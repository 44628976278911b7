"""The gateway of the edge: sessions that can be resumed, before a twin that has none."""

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import ClientWebSocketResponse, WSMsgType
from doubles.discord_server.gateway import Gateway, GatewayConnection, Session
from doubles.discord_server.guild import JSON

if TYPE_CHECKING:
    from e2e.discord.edge import Edge


class TwinGateway(Gateway):
    """Each session has its own line to the twin, which stays when the bot's is cut."""

    def __init__(self, edge: "Edge") -> None:
        super().__init__(edge.twin["token"], welcome=list)
        self.compressed = True
        self.edge = edge
        self._upstream: list[ClientWebSocketResponse] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        await super().stop()
        for socket in self._upstream:
            await socket.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _identify(self, connection: GatewayConnection, asked: JSON) -> None:
        self.identified += 1
        if asked["token"] != self.token:
            connection.close(4004)
            return
        task = asyncio.create_task(self._open(Session(asked["intents"], connection), asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self, session: Session, asked: JSON) -> None:
        async with self.edge.client.ws_connect(self.edge.twin["gateway"], max_msg_size=0) as up:
            self._upstream.append(up)
            await up.receive()  # HELLO
            await up.send_json({"op": 2, "d": asked | {"compress": False}})
            async for message in up:
                if message.type is WSMsgType.TEXT:
                    self._pass_on(session, json.loads(message.data))

    def _pass_on(self, session: Session, event: JSON) -> None:
        if event["op"] != 0:
            return
        name, data = event["t"], self.edge.correct(event["d"])
        if name == "READY":
            data |= {"session_id": session.id, "resume_gateway_url": self.url}
            self.sessions.append(session)
        elif name == "INTERACTION_CREATE":
            data = _interaction(data)
        if session in self.sessions:
            session.dispatch(name, data)


def _interaction(data: JSON) -> JSON:
    owner = data.get("guild_id", "0")
    return {
        "channel": {"id": data["channel_id"], "type": 0},
        "entitlements": [],
        "context": 0,
        "app_permissions": "0",
        "attachment_size_limit": 10**7,
        "locale": "en-US",
        **data,
        "authorizing_integration_owners": {"0": owner},
    }
