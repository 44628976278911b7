"""A loopback stand-in for vLLM: it answers to the names of its model and its adapters alone."""

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web
from doubles.canned_responses import CannedResponse, ReceivedRequest
from doubles.openai_server import OpenAIServer

WINDOW = 8192  # tokens


class VLLMServer(OpenAIServer):
    """`base` is what it was started with; `adapters` are by name, each with what it always says."""

    def __init__(self, *, base: str = "llama", adapters: Mapping[str, str] | None = None) -> None:
        self.adapters = adapters or {}
        own = {"id": base, "object": "model", "root": base, "parent": None, "max_model_len": WINDOW}
        loras = [
            {"id": one, "object": "model", "root": f"/adapters/{one}", "parent": base}
            for one in self.adapters
        ]
        super().__init__(models=[own, *loras])

    def _refusal(self, received: ReceivedRequest) -> web.Response | None:
        name = received.body["model"]
        if name not in {one["id"] for one in self.models}:
            text = f"The model `{name}` does not exist."
            error = {"message": text, "type": "NotFoundError", "param": "model", "code": 404}
            return self.json(received.path, {"error": error}, 404)
        return super()._refusal(received)

    async def _stream(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        said = self.adapters.get(received.body["model"])
        canned = canned if said is None else replace(canned, text=said)
        return await super()._stream(request, received, canned)
