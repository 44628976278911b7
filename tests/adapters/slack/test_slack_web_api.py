"""Requests to Slack: what they read of this machine, and what they leave alone."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from doubles.loopback_server import LoopbackServer
from doubles.slack_server import Slack

from adapters.slack.settings import SlackSettings
from adapters.slack.web_api import WebApi


class Listening(LoopbackServer):
    """Takes every request, and keeps where it was meant for and by whom it says that it is sent."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str | None]] = []

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/{path:.*}", self._take)

    async def _take(self, request: web.Request) -> web.Response:
        self.heard.append((str(request.url), request.headers.get("Authorization")))
        return web.Response()


@pytest.mark.asyncio(loop_scope="function")  # in which no thread was needed before
async def test_a_request_reads_no_passwords_of_this_machine_and_waits_for_no_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    passwords = tmp_path / "netrc"
    passwords.write_text("machine 127.0.0.1 login ana password secret\n")
    monkeypatch.setenv("NETRC", str(passwords))
    async with Slack() as slack, Listening() as server:
        settings = SlackSettings.read(slack.environ)
        assert settings
        api = WebApi(settings)
        async with api.session():
            await api.read("auth.test")
            assert await api.respond(f"{server.url}/answer", {"text": "done"})

    assert server.heard == [(f"{server.url}/answer", None)]
    assert asyncio.get_running_loop()._default_executor is None  # type: ignore[attr-defined]


async def test_a_reply_goes_through_the_proxy_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Slack() as slack, Listening() as proxy:
        settings = SlackSettings.read(slack.environ)
        assert settings
        api = WebApi(settings)
        monkeypatch.setenv("http_proxy", proxy.url)
        assert await api.respond("http://hooks.example.com/1", {"text": "done"})

    assert proxy.heard == [("http://hooks.example.com/1", None)]
