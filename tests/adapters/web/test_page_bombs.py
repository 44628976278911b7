"""What is small as it comes and large as it is read: archives, and the heads of parts."""

import asyncio
import resource
import tempfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import aiohttp
import pytest
from doubles.page import PageUnderTest, StartPage
from doubles.page_files import send_files
from doubles.page_shape import Shape

from bot.testing import ANA
from bot.testing.fake_platform import FakePlatform

MB = 2**20
MOST = 250 * MB  # bytes more than before that it may have taken, however large what is read is


def taken() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def zipped(**files: bytes | int) -> bytes:
    """A zip; for a number, as many megabytes of one letter without an end of a line."""
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, what in files.items():
            with archive.open(name.replace("_", "."), "w", force_zip64=True) as file:
                if isinstance(what, bytes):
                    file.write(what)
                else:
                    for _ in range(what):
                        file.write(b"a" * MB)
    return whole.getvalue()


@pytest.fixture
async def page(
    start_page: StartPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PageUnderTest:
    """Ana has rights over a channel."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id}}
    platform.admins = {ANA.id}
    page = await start_page(platform=platform)
    await page.nellie.say(ANA, "the harbour opens at nine")
    return page


@pytest.mark.parametrize(
    "made",  # by the one test of it: one second for each of these, in every worker otherwise
    [
        lambda: zipped(messages_jsonl=1_500),
        lambda: zipped(channels_json=1_500),
        lambda: zipped(users_json=1_500, channels_json=b"[]"),
        lambda: zipped(**{f"a{number}_zip": zipped(b_jsonl=20) for number in range(30)}),
        lambda: zipped(**{f"a{number}_json": b"{}" for number in range(5_000)}),
        lambda: b"[" * 10_000_000,
        lambda: b'{"a":' * 10_000_000,
    ],
    ids=["lines", "channels", "users", "nested", "many", "deep", "deeper"],
)
async def test_a_bomb_takes_little_and_is_told(
    page: PageUnderTest, made: Callable[[], bytes]
) -> None:
    archive = made()
    browser, path = await page.signed_in(ANA), f"/channels/{await page.nellie.channel_id()}"
    before = taken()

    answer = await send_files(
        browser,
        f"{path}/import",
        [("export.zip" if archive[:2] == b"PK" else "export.json", archive)],
    )
    async with asyncio.timeout(60):
        while "http-equiv" in (await browser.get(f"{path}/archive")).text:  # noqa: ASYNC110  # a page tells nobody
            await asyncio.sleep(0.05)
    text = " ".join(Shape((await browser.get(f"{path}/archive")).text).text.split())

    assert answer.status in (303, 413, 422)
    assert taken() - before < MOST, text[-300:]
    assert await page.nellie.texts() == ["the harbour opens at nine"]
    assert (await browser.get("/")).status == 200


@pytest.mark.parametrize(
    "head",
    [
        b"X-A: b\r\n" * 2_000_000,
        b"X-A: " + b"b" * 20_000_000,
        b"Content-Disposition: form-data; name=" + b"x" * 7_000 + b"\r\n",
        b"Content-Disposition: form-data; name=\"file\"; filename*=utf-8''%ff%00%0d%0aa\r\n",
        b"Content-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: form-data; name=file; filename=a\r\n",
    ],
    ids=["lines", "line", "name", "file name", "coded"],
)
@pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionParam")
async def test_heads_of_parts_are_short(page: PageUnderTest, head: bytes) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    before = taken()
    body = b"--x\r\n" + head + b"\r\n\xff\xff\xff\r\n--x--\r\n"
    sent = {"Origin": page.url, "Content-Type": "multipart/form-data; boundary=x"}

    for path in (f"/channels/{id_}/import", f"/chat/{id_}"):
        with suppress(aiohttp.ClientError):  # also where it is let go in the middle
            async with browser.session.post(
                page.url + path, data=BytesIO(body), headers=sent, allow_redirects=False
            ) as answer:
                assert answer.status < 500

    assert taken() - before < MOST
    assert (await browser.get("/")).status == 200
