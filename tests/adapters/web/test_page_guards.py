"""What is refused before anything is done: other hosts, origins, frames, paths, large bodies."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from doubles.page import PageUnderTest, StartPage, page_under_test

from adapters.web import forms, server
from adapters.web.forms import CODING
from adapters.web.guards import local_path
from adapters.web.settings import WebSettings
from bot.domain.errors import SettingsError
from bot.store import schema
from bot.store.database import Database
from bot.store.embedded_postgres import server as embedded
from bot.testing import ANA
from bot.testing.postgres import HASTY, temporary_folder

PAGES = ["/", "/sign-in", "/no-such-page", "/channels/1", "/static/x", "/healthz"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_lets_nothing_in_from_elsewhere(page: PageUnderTest, path: str) -> None:
    answer = await (await page.signed_in(ANA)).get(path)

    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_pages_are_kept_by_nobody(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)

    for path in ("/", "/channels", "/turns", "/you", "/changes", "/now", "/sign-in"):
        assert (await browser.get(path)).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("LocalHost", 200),
        ("192.0.2.7:{port}", 200),
        ("[::1]:{port}", 200),
        ("evil.example.org", 421),
        ("127.0.0.1.nip.io:{port}", 421),
        ("localhost.evil.example.org", 421),
        ("localhost@evil.example.org", 421),
        ("evil.example.org:{port}", 421),
        ("", 421),
        ("a/b", 421),
    ],
)
async def test_it_goes_by_no_other_name(page: PageUnderTest, host: str, status: int) -> None:
    browser = await page.browser()
    named = host.format(port=page.url.rpartition(":")[2])

    answer = await browser.get("/sign-in", Host=named)

    assert answer.status == status


async def test_it_goes_by_the_name_that_the_operator_gives(start_page: StartPage) -> None:
    page = await start_page(url="https://nellie.example.org")
    browser = await page.browser()

    assert (await browser.get("/sign-in", Host="nellie.example.org")).status == 200
    assert (await browser.get("/sign-in", Host="nellie.example.com")).status == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "{url}", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "{url}"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "https://evil.example.org"}, 403),
        ({"Origin": "https://evil.example.org", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example.org", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Origin": "{url}", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://localhost"}, 403),
        ({"Origin": ""}, 403),
        ({"Accept": "text/html"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/sign-out", "/sign-in", "/theme"])
async def test_what_changes_something_comes_from_our_own_page(
    page: PageUnderTest, path: str, headers: dict[str, str], status: int
) -> None:
    browser = await page.signed_in(ANA)
    form = {"secret": await page.link(ANA), "theme": "dark"}
    sent = {name: value.format(url=page.url) for name, value in headers.items()}

    answer = await browser.post(path, form, **sent)

    assert answer.status == status
    if status == 403:
        assert (await browser.get("/you")).status == 200
        assert await page.nellie.rows("SELECT count(*) FROM page_link") == [(1,)]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_other_methods_do_nothing(page: PageUnderTest, method: str) -> None:
    browser = await page.signed_in(ANA)
    own = {"Origin": page.url}

    async with browser.session.request(method, f"{page.url}/sign-out", headers=own) as answer:
        assert answer.status == 405
    assert (await browser.get("/sign-out")).status == 405
    assert (await browser.get("/you")).status == 200


@pytest.mark.parametrize(
    ("back", "path"),
    [
        ("/channels/7", "/channels/7"),
        ("/", "/"),
        *((evil, "/") for evil in ("//evil.example.org", "https://evil.example.org", "/\\evil")),
        *(
            (evil, "/")
            for evil in ("", "javascript:alert(1)", "/\t/evil", "/a\r\nX: 1", "\\\\evil")
        ),
        *((evil, "/") for evil in ("/ü", "///evil", "/a\\b", " /a", "/%0d%0aX" + "\n")),
    ],
)
async def test_the_way_back_leads_nowhere_else(page: PageUnderTest, back: str, path: str) -> None:
    answer = await (await page.browser()).post("/theme", {"theme": "dark", "back": back})

    assert answer.headers["Location"] == path == local_path(back)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/%2e%2e/server.py",
        "/static/..%2f..%2fserver.py",
        "/static//etc/passwd",
        "/static/app.css",
        "/static/0000000000000000/app.css",
        "/static/",
        "/static/%00",
        "/static/" + "a" * 8_000,
    ],
)
async def test_no_path_leads_out_of_the_static_files(page: PageUnderTest, path: str) -> None:
    host, port = page.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:  # a client would tidy the path
        raw.setblocking(False)  # the server runs in this very loop
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(raw, request.encode())
        said = await loop.sock_recv(raw, 100_000)

    assert said.split(b" ")[1] == b"404"
    assert b"import" not in said


async def test_static_files_are_kept_for_good_and_squeezed(page: PageUnderTest) -> None:
    browser = await page.browser()
    text = (await browser.get("/sign-in")).text

    for name in ("app.css", "app.js", "htmx.min.js", "icon.svg"):
        [address] = {part for part in text.split('"') if part.endswith(name)}
        answer = await browser.get(address)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        plain = await browser.get(address, Accept_Encoding="identity")
        assert "Content-Encoding" not in plain.headers
        assert plain.text == answer.text


async def test_nothing_is_squeezed_that_another_site_opened(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)

    own = await browser.get("/", Sec_Fetch_Site="same-origin")
    others = await browser.get("/", Sec_Fetch_Site="cross-site")

    assert own.headers["Content-Encoding"] in ("gzip", "deflate")
    assert "Content-Encoding" not in others.headers


async def test_the_first_page_is_light(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    whole = 0
    async with browser.session.get(page.url + "/") as answer:
        whole += int(answer.headers.get("Content-Length") or len(await answer.read()))
        text = await answer.text()
    for address in {part for part in text.split('"') if part.startswith("/static/")}:
        whole += int((await browser.get(address)).headers["Content-Length"])

    assert "://" not in text.replace("http-equiv", "")
    assert whole < 50_000


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        (CODING, b"secret=" + b"x" * 100_000, 413),
        (CODING, b"&".join(b"a=b" for _ in range(1_000)), 400),
        (CODING, b"theme=\xff\xfe", 400),
        (f"{CODING}; charset=no-such", b"theme=dark", 303),
        (CODING, b"", 303),
        (CODING, b"=&=&theme=dark&theme=%00", 303),
        ("multipart/form-data", b"theme=dark", 415),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n", 415),
        ("application/json", b"{}", 415),
        ("text/plain", b"theme=dark", 415),
    ],
)
async def test_a_form_is_a_form_of_ours(
    page: PageUnderTest, coding: str, body: bytes, status: int
) -> None:
    browser = await page.browser()
    sent = {"Origin": page.url, "Content-Type": coding}

    async with browser.session.post(
        page.url + "/theme", data=body, headers=sent, allow_redirects=False
    ) as answer:
        assert answer.status == status


async def test_a_form_that_does_not_come_is_not_waited_for(
    page: PageUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "PATIENCE", 0.05)
    never = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"theme="
        await never.wait()

    browser = await page.browser()
    sent = {"Origin": page.url, "Content-Type": CODING}

    async with browser.session.post(page.url + "/theme", data=slowly(), headers=sent) as answer:
        assert answer.status == 408


async def test_an_address_without_end_is_refused(page: PageUnderTest) -> None:
    assert (await (await page.browser()).get("/" + "a" * 20_000)).status == 400


@pytest.mark.parametrize(
    "url",
    [
        "nellie.example.org",
        "https://a.org/path",
        "ftp://a.org",
        "https://me@a.org",
        "https://",
        "https://a.org?x=1",
        "https://a.org:port",
    ],
)
def test_what_is_no_address_of_the_page_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match="NELLIE_WEB_URL: write how people reach the page"):
        WebSettings.read({"NELLIE_WEB": "8082", "NELLIE_WEB_URL": url})


async def test_a_database_that_is_away_is_told_and_comes_back() -> None:
    with temporary_folder(in_memory=True) as folder:
        server = embedded.start(folder / "home", settings=HASTY)
        database = Database(server.address("postgres"))
        await schema.migrate(database)
        async with page_under_test(database) as page:
            browser = await page.signed_in(ANA)
            await asyncio.to_thread(server.stop)

            away = [await browser.get(path) for path in ("/", "/channels", "/doctor", "/you")]
            part = await browser.get("/now", HX_Request="true")
            alive = await browser.get("/healthz")
            server = await asyncio.to_thread(embedded.start, folder / "home", settings=HASTY)

            assert [one.status for one in away] == [503] * 4
            assert "looks again by itself" in away[0].text
            assert 'http-equiv="refresh"' in away[0].text
            assert (part.status, part.text.count("looks again by itself")) == (503, 1)
            assert "<html" not in part.text
            assert alive.status == 200
            assert (await browser.get("/")).status == 200
            assert (await browser.get("/now", HX_Request="true")).status == 200
        await database.close()
        server.stop()


async def test_a_database_that_is_frozen_is_told_soon(
    page: PageUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What hangs on it is told before a connection is given up, which takes a minute."""
    monkeypatch.setattr(server, "PATIENCE", 0.5)
    browser = await page.signed_in(ANA)
    async with page.nellie.database.begin() as connection:
        await connection.execute(sa.text("LOCK TABLE page_session IN ACCESS EXCLUSIVE MODE"))
        frozen = await browser.get("/channels")

    assert (frozen.status, frozen.text.count("looks again by itself")) == (503, 1)
    assert (await browser.get("/channels")).status == 200
