"""Slack is asked through the proxy of this machine, by the variables that hold for all."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.slack.settings import SlackSettings
from adapters.slack.web_api import WebApi
from bot.domain.errors import SettingsError

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class Proxy:
    """A proxy that notes what it is asked for, and lets nobody through."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.decode().split("\r\n")[0])
        writer.write(b"HTTP/1.1 502 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def proxy() -> AsyncIterator[tuple[Proxy, str]]:
    double = Proxy()
    async with await asyncio.start_server(double.serve, "127.0.0.1", 0) as server:
        yield double, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def ask(api: str = "https://slack.example/api/") -> None:
    web = WebApi(SlackSettings(bot_token="xoxb-1", api_url=api))
    async with web.session():
        with pytest.raises((aiohttp.ClientError, OSError)):
            await web.client.auth_test()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_it_is_asked_through_the_proxy(
    monkeypatch: pytest.MonkeyPatch, proxy: tuple[Proxy, str], name: str
) -> None:
    double, address = proxy
    monkeypatch.setenv(name, address)

    await ask()

    assert double.asked == ["CONNECT slack.example:443 HTTP/1.1"]


@pytest.mark.parametrize("excepted", ["slack.example", ".example", "*"])
async def test_what_is_excepted_is_asked_directly(
    monkeypatch: pytest.MonkeyPatch, proxy: tuple[Proxy, str], excepted: str
) -> None:
    double, address = proxy
    monkeypatch.setenv("HTTPS_PROXY", address)
    monkeypatch.setenv("NO_PROXY", excepted)

    await ask()

    assert double.asked == []


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:9", "socks4://127.0.0.1:9", "socks://x"])
def test_a_socks_proxy_is_named(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("ALL_PROXY", address)

    with pytest.raises(SettingsError, match=r"^ALL_PROXY: .* HTTP proxy"):
        WebApi(SlackSettings(bot_token="xoxb-1"))
