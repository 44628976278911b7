"""A stand-in for a chat server whose model calls the first tool that it is given."""

from typing import Any

from aiohttp import web
from doubles.canned_responses import CannedResponse, EventStream, ReceivedRequest
from doubles.openai_server import OpenAIServer

ARGUMENTS = ('{"location"', ':"Kiel"}')


class ToolCallingServer(OpenAIServer):
    """With tools it calls one, streamed or not; without, it answers as any other."""

    arguments = ARGUMENTS
    """In the pieces in which they are streamed."""
    calls = ""
    """The tool that it calls; the first, where it has no name."""

    async def _stream(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        tools = received.body.get("tools")
        answered = received.body["messages"][-1]["role"] == "tool"
        if not tools or answered or received.body.get("tool_choice") == "none":
            return await super()._stream(request, received, canned)
        name = self.calls or tools[0]["function"]["name"]
        if not received.body.get("stream"):
            return self.json(received.path, self._called(name))
        stream = await EventStream.open(request, received.path, self.answers)
        await stream.send(self.chunk({"role": "assistant", "content": None}))
        await stream.send(self.chunk({"tool_calls": [_call(name, "")]}))
        for piece in self.arguments:
            await stream.send(
                self.chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
            )
        await stream.send(self.chunk({}, finish="tool_calls"))
        if received.body.get("stream_options", {}).get("include_usage"):
            await stream.send(self.usage_chunk(10, canned))
        await stream.send_raw(b"data: [DONE]\n\n")
        return await stream.close()

    def _called(self, name: str) -> dict[str, Any]:
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [_call(name, self.arguments)],
        }
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        return self.envelope([choice]) | {"object": "chat.completion"}


def _call(name: str, arguments: str | tuple[str, ...]) -> dict[str, Any]:
    function = {"name": name, "arguments": "".join(arguments)}
    return {"index": 0, "id": "call_double", "type": "function", "function": function}
