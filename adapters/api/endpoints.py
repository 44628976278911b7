"""The addresses under /v1, each a call of the gateway."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from adapters.api.answers import Frame, frame_chunk, frame_response_event, send
from adapters.api.requests import identify, read_body
from adapters.api.websocket import serve_websocket
from bot.domain.api import ApiAnswer, ApiError, Body, Caller, Gateway, OfferedModel

Ask = Callable[[Caller, Body], Awaitable[ApiAnswer]]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What is answered at which address."""

    gateway: Gateway

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.post("/v1/chat/completions", self.chat),
            web.post("/v1/responses", self.responses),
            web.get("/v1/responses", self.websocket),
            web.post("/v1/responses/compact", self.compact),
            web.post("/v1/embeddings", self.embeddings),
            web.get("/v1/models", self.models),
            web.get("/v1/models/{id:.+}", self.model),
            web.get("/healthz", self.healthz),
        ]

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Chat Completions."""
        return await self._call(request, self.gateway.chat, frame_chunk)

    async def responses(self, request: web.Request) -> web.StreamResponse:
        """Responses."""
        return await self._call(request, self.gateway.responses, frame_response_event)

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        """Responses, one after another over one connection."""
        if request.headers.get("Upgrade", "").casefold() != "websocket":
            raise ApiError("POST a request, or open a WebSocket.", status=405)
        return await serve_websocket(self.gateway, request)

    async def compact(self, request: web.Request) -> web.StreamResponse:
        """Items of Responses, summed up."""
        return await self._call(request, self.gateway.compact, frame_response_event)

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        """Embeddings."""
        return await self._call(request, self.gateway.embeddings, frame_chunk)

    async def models(self, request: web.Request) -> web.Response:
        """What the key's person may ask for."""
        caller = await identify(self.gateway, request)
        found = await self.gateway.models(caller)
        return web.json_response({"object": "list", "data": [_listed(one) for one in found]})

    async def model(self, request: web.Request) -> web.Response:
        """One of them; their ids have slashes."""
        caller = await identify(self.gateway, request)
        found = await self.gateway.model(caller, request.match_info["id"])
        return web.json_response(_listed(found))

    async def healthz(self, request: web.Request) -> web.Response:
        """That it runs; for whoever asks."""
        return web.json_response({"alive": True})

    async def _call(self, request: web.Request, ask: Ask, frame: Frame) -> web.StreamResponse:
        caller = await identify(self.gateway, request)
        body = await read_body(request)
        return await send(request, await ask(caller, body), frame)


def _listed(model: OfferedModel) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
    }
