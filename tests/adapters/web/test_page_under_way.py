"""Who may not look any more while an answer comes, and what a browser sends that is none."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
from doubles.page import Browser, PageUnderTest, StartPage
from doubles.page_chat import Talk

from adapters.web.pages import turns
from adapters.web.streams import READERS
from bot.core import supervision
from bot.domain.model import Chunk
from bot.gateway.teammate.rights import REMEMBERED
from bot.testing import ANA, BOB
from bot.testing.fake_platform import FakePlatform
from bot.testing.scripted_model import ScriptedModel, stalls

WITHOUT_END = ScriptedModel(lambda prompt: (Chunk("word "), 0.02) * 10_000)
Ends = Callable[[PageUnderTest, Browser], Awaitable[None]]


async def sign_out(page: PageUnderTest, browser: Browser) -> None:
    other = await page.signed_in(ANA)
    assert (await other.post("/sign-out", {"everywhere": "1"})).status == 303


async def leave(page: PageUnderTest, browser: Browser) -> None:
    assert isinstance(page.nellie.platform, FakePlatform)
    page.nellie.platform.readers["C1"] = {BOB.id}
    page.later(REMEMBERED)


@pytest.mark.parametrize("ends", [sign_out, leave])
async def test_a_stream_ends_for_who_may_not_look_any_more(
    start_page: StartPage, monkeypatch: pytest.MonkeyPatch, ends: Ends
) -> None:
    monkeypatch.setattr(turns, "HEARTBEAT", 0.3)
    monkeypatch.setattr(supervision, "ENDING", 0.1)
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}}
    page = await start_page(platform=platform, model=WITHOUT_END)
    await page.nellie.say(BOB, "the harbour opens at nine")
    talk = Talk(await page.signed_in(ANA), f"/chat/{await page.nellie.channel_id()}")
    turn = await talk.ask("when does it open?")
    looking = talk.browser.events(f"/chat/turns/{turn}/events")
    assert "word" in [await anext(looking) for _ in range(3)][-1][1]

    await ends(page, talk.browser)

    async with asyncio.timeout(5):
        assert "done" not in [name async for name, _ in looking]


async def test_a_thousand_streams_of_one_session_leave_room_for_others(
    start_page: StartPage,
) -> None:
    page = await start_page(model=ScriptedModel(stalls("Half of")))
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("when?")
    path, own = f"/chat/turns/{turn}/events", {"Sec-Fetch-Site": "same-origin"}
    refused = 0

    async def look() -> None:
        nonlocal refused
        async with talk.browser.session.get(f"{page.url}{path}", headers=own) as answer:
            refused += answer.status == 429
            await answer.content.read()

    looking = [asyncio.create_task(look()) for _ in range(1_000)]
    other = await page.signed_in(BOB)
    while refused < 1_000 - READERS:
        assert (await other.get("/you")).status == 200
    for one in looking:
        one.cancel()
    await asyncio.gather(*looking, return_exceptions=True)

    assert refused == 1_000 - READERS
    await talk.press(turn, "stop")
    assert "stopped" in await talk.answer(turn)


RAW = [
    b"GET /channels?q=\xff\xfe HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n",
    b"GET /\xed\xa0\x80 HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n",
    b"GET /sign-in/\xff\x00 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET /sign-in/\xff HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET /no/\xff HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET /sign-in/%ED%A0%80 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET /you HTTP/1.1\r\nHost: {host}\r\nCookie: nellie=\xff\xfe\xed\xa0\x80; theme=\xff\r\n\r\n",
    b"GET /you HTTP/1.1\r\nHost: {host}\r\nCookie: " + b"a=b;" * 3_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n{cookie}\r\n",
    b"GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example.org\r\n{cookie}\r\n",
    b"GET http://evil.example.org/ HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n",
    b"POST /theme HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    b"Transfer-Encoding: chunked\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nzz\r\nbroken\r\n",
    b"POST /theme HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: -1\r\n\r\n",
    b"POST /theme HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /you HTTP/1.1\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: nellie=\xff\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\nsecret={secret}",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]


@pytest.mark.parametrize("request_", RAW, ids=range(len(RAW)))
async def test_bytes_that_no_browser_sends_break_nothing(
    page: PageUnderTest, request_: bytes
) -> None:
    browser = await page.signed_in(ANA)
    host = page.url.removeprefix("http://")
    cookie = f"Cookie: nellie={browser.cookies['nellie']}\r\n"
    given = {"host": host, "cookie": cookie, "secret": await page.link(ANA)}
    for name, value in given.items():
        request_ = request_.replace(f"{{{name}}}".encode(), value.encode())
    with socket.create_connection(page.url.removeprefix("http://").split(":")) as raw:
        raw.setblocking(False)  # the server runs in this very loop
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(raw, request_)
        async with asyncio.timeout(5):
            said = await loop.sock_recv(raw, 1_000)

    assert said.split(b" ")[1][:1] in (b"2", b"3", b"4"), said
    assert (await browser.get("/you")).status in (200, 303)
