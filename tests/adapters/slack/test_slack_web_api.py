"""Requests to Slack: what they read of this machine, and what they leave alone."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from doubles.slack_server import Slack

from adapters.slack.settings import SlackSettings
from adapters.slack.web_api import WebApi


async def test_a_request_reads_no_passwords_of_this_machine_and_waits_for_no_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    passwords = tmp_path / "netrc"
    passwords.write_text("machine 127.0.0.1 login ana password secret\n")
    monkeypatch.setenv("NETRC", str(passwords))
    heard: list[str | None] = []

    async def respond(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Authorization"))
        return web.Response()

    app = web.Application()
    app.router.add_post("/answer", respond)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    async with Slack() as slack:
        settings = SlackSettings.read(slack.environ)
        assert settings
        api = WebApi(settings)
        async with api.session():
            await api.read("auth.test")
            assert await api.respond(f"http://{host}:{port}/answer", {"text": "done"})
    await runner.cleanup()

    assert heard == [None]
    assert asyncio.get_running_loop()._default_executor is None  # type: ignore[attr-defined]


async def test_a_reply_goes_through_the_proxy_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []

    async def pass_on(request: web.BaseRequest) -> web.Response:
        heard.append(str(request.url))
        return web.Response()

    runner = web.ServerRunner(web.Server(pass_on))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    async with Slack() as slack:
        settings = SlackSettings.read(slack.environ)
        assert settings
        api = WebApi(settings)
        monkeypatch.setenv("http_proxy", f"http://{host}:{port}")
        assert await api.respond("http://hooks.example.com/1", {"text": "done"})
    await runner.cleanup()

    assert heard == ["http://hooks.example.com/1"]
