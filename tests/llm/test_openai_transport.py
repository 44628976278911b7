"""The connections of OpenAI's library: what comes over them, and what breaks, as httpx2 has it."""

import asyncio
import gzip
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from aiohttp import web
from doubles.loopback_server import LoopbackServer
from doubles.openai_server import OpenAIServer

from bot.domain.ports import Model
from bot.llm.openai.chat import OpenAI
from bot.llm.openai.transport import AiohttpTransport, ssl_context
from bot.testing import collect, prompt_of

Build = Callable[..., Model]
Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

CERTIFICATE = Path(__file__).parents[1] / "web" / "crane.pem"
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = AiohttpTransport(limits=httpx2.Limits(keepalive_expiry=5), trust_env=True)
    timeout = httpx2.Timeout(5, read=0.5)
    async with httpx2.AsyncClient(transport=transport, timeout=timeout) as client:
        yield client


@asynccontextmanager
async def server_of(play: Play) -> AsyncIterator[str]:
    """The address of a server that has read a request's head, and then plays this."""

    playing = set[asyncio.Task[None]]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await play(reader, writer)
        finally:
            writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        playing.add(asyncio.create_task(answer(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)


def saying(*said: bytes, reset: bool = False, pause: float = 0) -> Play:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for one in said:
            writer.write(one)
            await writer.drain()
            await asyncio.sleep(0.05)
        await asyncio.sleep(pause)
        if reset:
            writer.transport.abort()

    return play


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (saying(), httpx2.RemoteProtocolError),
        (saying(b"SSH-2.0-OpenSSH_9.6\r\n"), httpx2.RemoteProtocolError),
        (saying(HEAD, b"5\r\nhello\r\n"), httpx2.RemoteProtocolError),
        (saying(HEAD, b"nonsense\r\n"), httpx2.ReadTimeout),  # aiohttp closes it and says nothing
        (saying(HEAD, b"5\r\nhello\r\n", pause=3), httpx2.ReadTimeout),
        (saying(pause=3), httpx2.ReadTimeout),
    ],
)
async def test_what_breaks_has_the_names_of_httpx2(
    client: httpx2.AsyncClient, play: Play, kind: type[Exception]
) -> None:
    async with server_of(play) as url:
        with pytest.raises(httpx2.TransportError) as caught:
            await client.get(url)

    assert type(caught.value) is kind


async def test_a_connection_that_cannot_be_made_is_named(client: httpx2.AsyncClient) -> None:
    with pytest.raises(httpx2.ConnectError):
        await client.get("http://127.0.0.1:1/v1")


@pytest.mark.parametrize("reset", [False, True])
async def test_what_came_before_a_break_is_read_though_the_reader_was_late(
    client: httpx2.AsyncClient, *, reset: bool
) -> None:
    read = list[bytes]()

    async def read_slowly(url: str) -> None:
        async with client.stream("GET", url) as response:
            async for some in response.aiter_bytes():
                read.append(some)
                await asyncio.sleep(0.3)

    async with server_of(saying(HEAD, b"5\r\nhello\r\n", b"4\r\n you\r\n", reset=reset)) as url:
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
            await read_slowly(url)

    assert b"".join(read) == b"hello you"


async def test_a_silence_is_counted_from_the_last_piece_while_somebody_reads(
    client: httpx2.AsyncClient,
) -> None:
    pieces = [b"1\r\n%d\r\n" % number for number in range(8)]

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in (HEAD, *pieces):
            writer.write(piece)
            await asyncio.sleep(0.15)
        await reader.read()

    read, at = list[float](), asyncio.get_running_loop().time

    async def read_all(url: str) -> None:
        async with client.stream("GET", url) as response:
            async for _ in response.aiter_bytes():
                read.append(at())
                if len(read) == 4:
                    await asyncio.sleep(1)  # longer than the server may be silent

    async with server_of(play) as url:
        with pytest.raises(httpx2.ReadTimeout):
            await read_all(url)
        ended = at()

    assert len(read) >= 5  # those that came meanwhile are one piece
    assert 0.45 < ended - read[-1] < 2


@pytest.mark.parametrize("behind", [b"", b"5\r\n: hi\n\r\n", b"nonsense\r\n"])
async def test_what_comes_behind_the_end_is_waited_for_but_a_moment(
    build: Build, behind: bytes
) -> None:
    said = b'data: {"choices": [{"index": 0, "delta": {"content": "Hello"}}]}\n\ndata: [DONE]\n\n'
    play = saying(HEAD, b"%x\r\n%b\r\n" % (len(said), said), *[behind] * bool(behind), pause=60)
    async with server_of(play) as url, asyncio.timeout(30):
        output = await collect(build(OpenAI, "tiny", OPENAI_BASE_URL=url), prompt_of())

    assert (output.text, output.error) == ("Hello", None)


async def test_an_answer_that_is_left_hangs_up_and_one_that_ends_keeps_its_connection(
    client: httpx2.AsyncClient,
) -> None:
    hung_up, connections = asyncio.Event(), 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for _ in range(2):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"5\r\nhello\r\n")
        await reader.read()
        hung_up.set()

    async with server_of(play) as url:
        assert [(await client.get(url)).text for _ in range(2)] == ["ok", "ok"]
        async with client.stream("GET", url) as response:
            assert await anext(response.aiter_bytes()) == b"hello"
        await asyncio.wait_for(hung_up.wait(), 5)

    assert connections == 1


class Echo(LoopbackServer):
    """Sends back what it was sent, packed, with a long field."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/{path:.*}", self._echo)

    async def _echo(self, request: web.Request) -> web.Response:
        if request.path == "/moved":
            raise web.HTTPTemporaryRedirect("/here%2Fa:b?c=d%20e")
        return web.Response(
            body=gzip.compress(await request.read()),
            headers={
                "Content-Encoding": "gzip",
                "X-Path": request.raw_path,
                "X-Long": "x" * 20_000,
                "Set-Cookie": "a=b",
            },
        )


async def test_a_large_body_a_packed_answer_a_redirect_and_an_address_as_it_is_written(
    client: httpx2.AsyncClient,
) -> None:
    body = b"picture " * 500_000
    async with Echo() as server:
        answer = await client.post(f"{server.url}/moved", content=body, follow_redirects=True)

    assert answer.content == body
    assert answer.headers["X-Path"] == "/here%2Fa:b?c=d%20e"
    assert len(answer.headers["X-Long"]) == 20_000


@pytest.mark.parametrize(("excepted", "is_asked"), [("", True), ("models.example", False)])
async def test_goes_through_the_proxy_of_this_machine(
    build: Build, monkeypatch: pytest.MonkeyPatch, excepted: str, *, is_asked: bool
) -> None:
    async with OpenAIServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", excepted)
        model = build(OpenAI, "tiny", OPENAI_BASE_URL="http://models.example:8080/v1")
        output = await collect(model, prompt_of())

    asked = [request.headers["Host"] for request in proxy.requests]
    assert set(asked) == ({"models.example:8080"} if is_asked else set())
    assert (output.error is None) is is_asked


@pytest.mark.parametrize("trusted", [True, False])
async def test_trusts_the_certificates_that_the_environment_names(
    build: Build, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    server = OpenAIServer()
    server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.tls.load_cert_chain(CERTIFICATE)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    ssl_context.cache_clear()
    try:
        async with server:
            here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
            url = f"https://crane.example:{server.port}/v1"
            output = await collect(build(OpenAI, "tiny", OPENAI_BASE_URL=url), prompt_of())
    finally:
        ssl_context.cache_clear()

    assert (output.error is None) is trusted


@pytest.mark.parametrize("name", ["", "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_are_loaded_once_more_only_where_others_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    for one in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(one, raising=False)
    if name:
        monkeypatch.setenv(name, str(tmp_path if name.endswith("DIR") else CERTIFICATE))
    usual = Path(ssl.get_default_verify_paths().openssl_cafile)
    ssl_context.cache_clear()
    try:
        found = ssl_context(True)
    finally:
        ssl_context.cache_clear()

    is_aiohttps_own = sys.platform == "linux" and usual.is_file() and not name
    assert isinstance(found, ssl.SSLContext) is not is_aiohttps_own
