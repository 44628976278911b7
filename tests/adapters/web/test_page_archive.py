"""A channel's memory as a file: what goes out, what comes in, for whom, and what goes wrong."""

import asyncio
import json
import tempfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from doubles.page import Browser, PageUnderTest, StartPage
from doubles.page_files import Given, send_files
from doubles.page_shape import Shape

from adapters.web import multipart
from bot.cli.exporting import export_channel
from bot.core.acceptance import Acceptance
from bot.domain.model import Channel, Message
from bot.page import archiving
from bot.testing import ANA, BOB, CARL, GENERAL
from bot.testing.fake_platform import FakePlatform

LINES = b"".join(
    json.dumps(
        {
            "id": f"old{number}",
            "author": {"id": "U9", "name": "zoe"},
            "text": f"harbour note {number}",
            "at": f"2026-01-02T10:{number % 60:02}:00+00:00",
        }
    ).encode()
    + b"\n"
    for number in range(1_200)
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files stand meanwhile."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """Ana and Bob read a channel; Ana has rights over it, Carl is an admin elsewhere."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}}
    platform.admins = {ANA.id}
    page = await start_page(platform=platform, admins=(CARL.id,))
    await page.nellie.say(ANA, "the *harbour* opens at nine")
    return page


def left(folder: Path) -> list[Path]:
    """What stands there now."""
    return [*folder.iterdir()]


async def here(page: PageUnderTest) -> str:
    return f"/channels/{await page.nellie.channel_id()}"


async def bring(
    page: PageUnderTest, browser: Browser, *files: Given, **fields: str
) -> tuple[int, str]:
    """Bring files, and wait until what comes of them is told."""
    path = await here(page)
    answer = await send_files(browser, f"{path}/import", files, fields)
    if answer.status != 303:
        return answer.status, Shape(answer.text).text
    assert answer.headers["Location"] == f"{path}/archive"
    while True:
        text = (await browser.get(f"{path}/archive")).text
        if "http-equiv" not in text:
            return answer.status, " ".join(Shape(text).text.split())
        await asyncio.sleep(0.01)


async def test_an_export_is_what_the_command_writes(page: PageUnderTest, folder: Path) -> None:
    await page.nellie.add_history(*(f"note {number}" for number in range(1_100)))
    browser = await page.signed_in(ANA)

    answer = await browser.post(f"{await here(page)}/export")
    await export_channel(
        page.nellie.database, GENERAL, folder / "x.jsonl", progress=lambda done, total: None
    )

    assert answer.status == 200
    assert answer.text == (folder / "x.jsonl").read_text()
    assert answer.text.count("\n") == 1_101
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="nellie-')
    assert answer.headers["Cache-Control"] == "no-store"
    [audited] = await page.nellie.rows(
        "SELECT action, what, ended FROM audit WHERE action LIKE 'exp%'"
    )
    assert tuple(audited) == ("exported the memory", "1,101 messages", True)


async def test_an_archive_comes_in_once(page: PageUnderTest, folder: Path) -> None:
    browser = await page.signed_in(ANA)

    _, first = await bring(page, browser, ("old.jsonl", LINES))
    _, again = await bring(page, browser, ("old.jsonl", LINES))

    assert "old.jsonl: 1,200 imported." in first
    assert "old.jsonl: 0 imported, 1,200 known already." in again
    texts = await page.nellie.texts()
    assert len(texts) == 1_201
    assert "harbour note 7" in texts
    assert not left(folder)
    changes = Shape((await browser.get("/changes")).text).text
    assert "imported an archive: 1,200 imported" in changes
    assert "old.jsonl" not in changes  # admins see the list, and a name is somebody's words


async def test_what_was_forgotten_stays_forgotten_and_is_told(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    await bring(page, browser, ("old.jsonl", LINES))
    [[seq]] = await page.nellie.rows("SELECT seq FROM message WHERE external_id = 'old7'")

    await page.nellie.run_command(f"memory forget {seq} yes-1", ANA, admin=True)
    _, one = await bring(page, browser, ("old.jsonl", LINES))
    await page.nellie.run_command("memory forget all yes-1200", ANA, admin=True)
    _, everything = await bring(page, browser, ("old.jsonl", LINES))

    forgotten = "1,199 known already, 1 was forgotten here and stays forgotten."
    assert f"old.jsonl: 0 imported, {forgotten}" in one
    assert "old.jsonl: 0 imported, 1,200 were forgotten here and stay forgotten." in everything
    assert await page.nellie.texts() == []


async def test_an_export_comes_back_in_as_it_was(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    exported = (await browser.post(f"{await here(page)}/export")).text
    before = await page.nellie.texts()

    _, told = await bring(page, browser, ("nellie.jsonl", exported.encode()))

    assert "0 imported, 1 known already." in told
    assert await page.nellie.texts() == before


async def test_what_cannot_be_read_is_told_by_its_line(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    lines = LINES.splitlines()[:3]
    bad = b"\n".join([lines[0], b"{broken", lines[1], b'{"id": "x"}', lines[2]])

    _, told = await bring(page, browser, ("old.jsonl", bad))

    assert "3 imported, 2 not to be read" in told
    assert "2 that cannot be read" in told
    assert "old.jsonl, 2: " in told
    assert "old.jsonl, 4: " in told


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (b"hello there\n" * 10, "it is of no format that is known here"),
        (b"\0" * 10_000, "old.jsonl"),
        (b"PK\x03\x04 no zip", "old.jsonl"),
        (b"\x1f\x8b\x08\x00 no gzip", "old.jsonl"),
        (b"[" * 100_000, "old.jsonl"),
        (b'{"id":1,"author":2,"text":3,"at":4}\n', "it holds no message that can be read"),
    ],
)
async def test_what_is_no_archive_says_so_and_changes_nothing(
    page: PageUnderTest, folder: Path, data: bytes, says: str
) -> None:
    browser = await page.signed_in(ANA)

    _, told = await bring(page, browser, ("old.jsonl", data))

    assert says in told
    assert str(folder) not in told
    assert len(await page.nellie.texts()) == 1
    assert not left(folder)
    assert "imported an archive" not in (await browser.get("/changes")).text.partition("<tbody")[2]


async def test_of_several_channels_one_is_chosen(page: PageUnderTest) -> None:
    browser, packed = await page.signed_in(ANA), BytesIO()
    with ZipFile(packed, "w") as zip_:
        zip_.writestr("docks.jsonl", LINES.splitlines()[0])
        zip_.writestr("boats.jsonl", LINES.splitlines()[1])
    given = ("all.zip", packed.getvalue())

    _, asked = await bring(page, browser, given)
    _, wrong = await bring(page, browser, given, which="planes")
    _, told = await bring(page, browser, given, which="#Boats")

    for text in (asked, wrong):
        assert "it holds these channels:" in text
        assert "docks" in text
    assert "all.zip: 1 imported." in told
    assert await page.nellie.texts() == ["the *harbour* opens at nine", "harbour note 1"]


async def test_only_who_has_rights_takes_out_and_brings_in(page: PageUnderTest) -> None:
    bob, carl = await page.signed_in(BOB), await page.signed_in(CARL)
    path = await here(page)

    assert (await bob.post(f"{path}/export")).status == 403
    assert (await send_files(bob, f"{path}/import", [("a.jsonl", LINES)])).status == 403
    assert (
        "<form"
        not in (await bob.get(f"{path}/archive")).text.partition("<main")[2].partition("</main")[0]
    )
    for browser, status in ((carl, 404), (await page.browser(), 303)):
        assert (await browser.get(f"{path}/archive")).status == status
        assert (await browser.post(f"{path}/export")).status == status
        answer = await send_files(browser, f"{path}/import", [("a.jsonl", LINES)])
        assert answer.status == status
        assert answer.headers.get("Location") in (None, "/sign-in")
    assert len(await page.nellie.texts()) == 1


async def test_another_sites_form_brings_nothing(page: PageUnderTest) -> None:
    browser, path = await page.signed_in(ANA), await here(page)

    answer = await send_files(
        browser, f"{path}/import", [("a.jsonl", LINES)], Origin="https://evil.example.org"
    )

    assert answer.status == 403
    assert (await browser.post(f"{path}/export", Origin="https://evil.example.org")).status == 403


async def test_at_the_machine_one_has_rights(page: PageUnderTest) -> None:
    desk = Channel("console", "local", "desk", "desk", direct=True)
    path = f"/channels/{await page.nellie.channel_id(desk)}"
    browser = await page.operator()

    assert (await send_files(browser, f"{path}/import", [("a.jsonl", LINES)])).status == 303
    assert (await browser.post(f"{path}/export")).status == 200


async def test_too_large_is_refused_and_leaves_nothing(
    page: PageUnderTest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archiving, "MOST_BYTES", 2**20)
    browser = await page.signed_in(ANA)

    status, told = await bring(page, browser, ("a.jsonl", b"x" * (2**20 + 1)))

    assert status == 413
    assert "the file is larger than 1 MB" in told
    assert not left(folder)
    assert (await bring(page, browser, ("old.jsonl", LINES)))[0] == 303


async def test_no_file_and_no_form_say_so(page: PageUnderTest) -> None:
    browser, path = await page.signed_in(ANA), await here(page)

    assert (await bring(page, browser))[0] == 400
    assert (await bring(page, browser, ("", b"")))[0] == 400
    assert (await browser.post(f"{path}/import", {"file": "x"})).status == 415
    broken = {"Content-Type": "multipart/form-data", "Origin": browser.url}
    async with browser.session.post(
        f"{browser.url}{path}/import", data=b"--x\r\n", headers=broken
    ) as answer:
        assert answer.status == 400


async def test_a_file_that_stops_coming_is_let_go(
    page: PageUnderTest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multipart, "PATIENCE", 0.2)
    browser, path = await page.signed_in(ANA), await here(page)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    host = browser.url.removeprefix("http://")
    name, port = host.split(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(
        f"POST {path}/import HTTP/1.1\r\nHost: {host}\r\nOrigin: {browser.url}\r\n"
        f"Cookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Content-Length: 1000000\r\n\r\n--b\r\n"
        'Content-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n{"id'.encode()
    )

    status = await reader.readline()

    assert b"408" in status
    writer.close()
    assert not left(folder)
    assert (await bring(page, browser, ("old.jsonl", LINES)))[0] == 303


async def test_a_browser_that_goes_away_leaves_nothing(page: PageUnderTest, folder: Path) -> None:
    browser, path = await page.signed_in(ANA), await here(page)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    host = browser.url.removeprefix("http://")
    name, port = host.split(":")
    _, writer = await asyncio.open_connection(name, int(port))
    writer.write(
        f"POST {path}/import HTTP/1.1\r\nHost: {host}\r\nOrigin: {browser.url}\r\n"
        f"Cookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Content-Length: 1000000\r\n\r\n--b\r\n"
        'Content-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'.encode()
        + b"x" * 200_000
    )
    await writer.drain()
    while not left(folder):  # noqa: ASYNC110  # nobody else tells
        await asyncio.sleep(0.01)
    writer.close()

    while left(folder):  # noqa: ASYNC110  # as above
        await asyncio.sleep(0.01)
    assert (await bring(page, browser, ("old.jsonl", LINES)))[0] == 303


async def test_one_at_a_time_comes_into_a_channel(
    page: PageUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, path, go_on = await page.signed_in(ANA), await here(page), asyncio.Event()
    remember = Acceptance.remember

    async def slow(self: Acceptance, messages: Iterable[Message]) -> int:
        await go_on.wait()
        return await remember(self, messages)

    monkeypatch.setattr(Acceptance, "remember", slow)
    assert (await send_files(browser, f"{path}/import", [("a.jsonl", LINES)])).status == 303

    second = await send_files(browser, f"{path}/import", [("b.jsonl", LINES)])
    shown = (await browser.get(f"{path}/archive")).text
    go_on.set()

    assert second.status == 409
    assert "another import is under way" in second.text
    assert "a.jsonl comes in" in shown
    while "http-equiv" in (await browser.get(f"{path}/archive")).text:  # noqa: ASYNC110  # as above
        await asyncio.sleep(0.01)


async def test_names_stay_words(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)

    _, told = await bring(page, browser, ("<script>alert(1)</script>.jsonl", LINES))
    _, path = await bring(page, browser, ("../../../etc/passwd", LINES))
    _, long = await bring(page, browser, ("x" * 10_000, LINES))

    assert "script>.jsonl: 1,200 imported" in told
    assert "passwd: 0 imported" in path
    assert "xxx…: 0 imported" in long
