"""What a prompt is sent with is what OpenAI's library would send it with, byte for byte."""

import openai as sdk
import pytest
from aiohttp import web
from doubles.canned_responses import ReceivedRequest
from doubles.openai_server import OpenAIServer
from pydantic import SecretStr

from bot.llm.openai.client import OpenAIEndpoint
from bot.llm.providers.addresses import parse_url
from bot.llm.providers.provider import Provider

BODY = {"model": "tiny", "messages": [{"role": "user", "content": "Grüße 🍵"}], "stream": True}


class RawServer(OpenAIServer):
    """Keeps what came as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[tuple[str, dict[str, str], bytes]] = []
        self.cookie = ""
        self.status = 200
        self.refusal = b""

    async def receive(self, request: web.Request) -> ReceivedRequest:
        kept = {name: text for name, text in request.headers.items() if name != "Cookie"}
        self.raw.append((request.path_qs, kept, await request.read()))
        self.cookie = request.headers.get("Cookie", "")
        return await super().receive(request)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        await self.receive(request)
        return web.Response(
            body=self.refusal or b"data: [DONE]\n\n",
            status=self.status,
            headers={"Content-Type": "text/event-stream", "Set-Cookie": "lane=7; Path=/"},
        )


def endpoint_of(url: str, **given: object) -> OpenAIEndpoint:
    provider = Provider(name="any", url=parse_url("URL", url), **given)
    return OpenAIEndpoint("any/tiny", provider, read_timeout=5)


async def ask_both(endpoint: OpenAIEndpoint) -> None:
    stream = await endpoint.client.post(
        "/chat/completions",
        body=BODY,
        cast_to=object,
        stream=True,
        stream_cls=sdk.AsyncStream[object],
    )
    await stream.response.aread()
    for _ in range(2):
        response = await endpoint.posting.post("/chat/completions", BODY)
        await response.aread()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"key": SecretStr("secret"), "headers": {"X-Team": "crane"}},
        {"key": SecretStr("secret"), "key_header": "api-key"},
        {"key": SecretStr("secret"), "headers": {"authorization": "Basic abc"}},
    ],
    ids=["plain", "key", "key_header", "own_authorization"],
)
async def test_sends_what_the_library_would_send(given: dict[str, object]) -> None:
    async with RawServer() as server:
        endpoint = endpoint_of(f"{server.url}?api-version=2026-11-30&x=a%20b", **given)
        await ask_both(endpoint)
        await endpoint.client.close()

    theirs, first, second = server.raw
    assert theirs == first == second
    assert server.cookie == "lane=7"


@pytest.mark.parametrize(
    ("status", "said", "body"),
    [
        (400, b'{"error": {"message": "no"}}', {"message": "no"}),
        (422, b'{"detail": "no"}', {"detail": "no"}),
        (503, b" busy\n", "busy"),
        (500, b"[" * 50_000, "[" * 50_000),
        (302, b"elsewhere", "elsewhere"),
    ],
)
async def test_a_refusal_says_what_the_library_would_say(
    status: int, said: bytes, body: object
) -> None:
    path, found = "/chat/completions", []
    async with RawServer() as server:
        server.status, server.refusal = status, said
        endpoint = endpoint_of(server.url)
        for asked in (
            endpoint.client.post(path, body=BODY, cast_to=object),
            endpoint.posting.post(path, BODY),
        ):
            with pytest.raises(sdk.APIStatusError) as caught:
                await asked
            found.append((caught.value.status_code, caught.value.body))
        await endpoint.client.close()

    assert found == [(status, body)] * 2


async def test_what_cannot_be_reached_has_the_librarys_name() -> None:
    endpoint = endpoint_of("http://127.0.0.1:9/v1")

    with pytest.raises(sdk.APIConnectionError) as caught:
        await endpoint.posting.post("/chat/completions", BODY)

    assert type(caught.value.__cause__).__name__ == "ConnectError"
    await endpoint.client.close()
