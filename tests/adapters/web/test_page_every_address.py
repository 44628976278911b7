"""Attacks on every address that there is, whichever are added: they are read off the router."""

import gzip
import re
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlencode

import pytest
from doubles.page import Answer, Browser, PageUnderTest, StartPage
from doubles.page_addresses import ADDRESSES, FORMS, OPEN, WITH_IDS, Address
from doubles.page_chat import Talk
from yarl import URL

from bot.domain.model import Channel
from bot.page.change_kinds import KINDS
from bot.testing import ANA, BOB, CARL
from bot.testing.fake_platform import FakePlatform

SECRET = Channel("fake", "team", "C2", "takeover-plans")
NEVER = 999_999_999
FORM, FILES = "application/x-www-form-urlencoded", "multipart/form-data"
STRANGE = [
    {"Origin": "https://evil.example.org"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Accept": "text/html"},
]
HOSTILE = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%FF%FE",
    "-1",
    "0",
    "9" * 18,
    "9" * 400,
    "-" + "9" * 30,
    "1e400",
    "NaN",
    "%E2%80%AEabc",
    "%0D%0ASet-Cookie:%20a=b",
    "{{7*7}}%25s%25n{0}",
    "'%3B--",
    "%EF%BF%BF%F4%8F%BF%BF",
    "x" * 60_000,
    "9d%20yes-1",
    "yes-" + "9" * 40,
]
FIELDS = (
    "text",
    "name",
    "token",
    "words",
    "unit",
    "confirmed",
    "once",
    "do",
    "back",
    "key",
    "session",
    "program",
    "models",
    "expires",
    "question",
    "allows",
    "good",
    "theme",
)
Combined = tuple[Address, str, str]
QUERIES = ("before", "page", "days", "channel", "q", "action", "all")


@dataclass(frozen=True, slots=True)
class World:
    """Bob's channel, conversation and questions; Ana reads neither."""

    page: PageUnderTest
    ana: Browser
    ids: list[dict[str, int]]
    mine: dict[str, int]


@pytest.fixture
async def world(start_page: StartPage) -> World:
    """Both of them are signed in; Carl is an admin."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}, "C2": {BOB.id}}
    platform.admins = {ANA.id, BOB.id}
    page = await start_page(platform=platform, admins=(CARL.id,))
    nellie = page.nellie
    await nellie.ask(ANA, "when does the harbour open?")
    await nellie.ask(BOB, "when does the falcon land?", channel=SECRET)
    bob = await page.signed_in(BOB)
    diary = await Talk.begin(bob, "my diary")
    await diary.answer(await diary.ask("the merger is near"))
    private = Talk(bob, f"/chat/{await nellie.channel_id()}")
    await private.answer(await private.ask("is the merger near?"))
    turns = await nellie.rows("SELECT id, channel_id FROM turn ORDER BY id")
    [own, *others] = [{"turn": turn, "channel": channel} for turn, channel in turns]
    assert len({one["channel"] for one in others}) == 3
    return World(page, await page.signed_in(ANA), others, own)


async def send(browser: Browser, address: Address, path: str, **form: str) -> Answer:
    """A request as our own page makes it."""
    if address.method != "GET":
        return await browser.post(path, form or {"text": "hello", "words": "2"})
    return await browser.get(path, **{"Sec-Fetch-Site": "same-origin"})


def test_there_are_as_many_as_one_knows_of() -> None:
    assert {(one.method, one.path) for one in ADDRESSES} > OPEN
    assert len(FORMS) >= 14
    assert len(WITH_IDS) >= 19


async def test_no_form_of_another_site_is_taken(world: World) -> None:
    before = await world.page.nellie.rows("SELECT count(*) FROM audit")
    for address, headers, coding in product(FORMS, STRANGE, (FORM, "text/plain", FILES)):
        given = {**headers, "Content-Type": coding, "HX-Request": "true"}
        answer = await world.ana.post(address.at(world.mine), **given)
        assert answer.status == 403, address
        assert re.search("Another site sent this|not said which page", answer.text)
    assert await world.page.nellie.rows("SELECT count(*) FROM audit") == before
    assert (await world.ana.get("/you")).status == 200


async def test_who_is_not_signed_in_is_led_there(world: World) -> None:
    for cookie in ("", "x" * 43, "%00", "a" * 5_000):
        browser = await world.page.browser()
        browser.session.headers["Cookie"] = f"nellie={cookie}"
        for address in ADDRESSES:
            if not address.is_open:
                answer = await send(browser, address, address.at(world.mine))
                assert (answer.status, answer.text) == (303, ""), address
                assert answer.headers["Location"] == "/sign-in"


async def test_no_answer_may_be_framed_guessed_at_or_kept(world: World) -> None:
    nobody = await world.page.browser()
    for address in ADDRESSES:
        if address.path == "/sign-out":
            continue
        for browser, ids in (
            (world.ana, world.ids[0]),
            (nobody, world.mine),
            (world.ana, world.mine),
        ):
            answer = await send(browser, address, address.at(ids))
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], address
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert answer.headers.get("Cache-Control") == "no-store", (address, answer.status)


async def test_what_is_anothers_is_as_unknown_as_what_never_was(world: World) -> None:
    never = {"turn": NEVER, "channel": NEVER}
    form = {"text": "hello", "words": "2", "do": "forget-message", "good": "1"}
    for address in WITH_IDS:
        unknown = await send(world.ana, address, address.at(never), **form)
        assert unknown.status == 404 or "import" in address.path, address
        for ids in world.ids:
            if "{channel}" in address.path and ids["channel"] == world.mine["channel"]:
                continue  # that one she reads
            answer = await send(world.ana, address, address.at(ids), **form)
            assert answer.status == unknown.status, address
            assert re.sub(r"/\d+", "/N", answer.text) == re.sub(r"/\d+", "/N", unknown.text)


def combined(addresses: list[Address], names: tuple[str, ...], every: int) -> list[Combined]:
    """One of so many of what can be sent where: each value by each name, each of both anywhere."""
    assert every == 1 or len(HOSTILE) % every
    return list(product(addresses, names, HOSTILE))[::every]


ONE_OF = pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.stress)])


@ONE_OF
async def test_hostile_values_in_addresses_break_nothing(world: World, every: int) -> None:
    read = [one for one in ADDRESSES if one.method == "GET" and "events" not in one.path]
    for address, name, value in combined(read, QUERIES, every):
        path = f"{address.at(world.mine)}?{name}={value[:8_000]}"
        answer = await raw(world.ana, "GET", path)
        assert answer.status in (200, 303, 403, 404, 429), (address, name, value[:20])


@ONE_OF
async def test_hostile_values_in_forms_break_nothing(world: World, every: int) -> None:
    forms = [one for one in FORMS if one.path not in ("/sign-out", "/sign-in")]
    for address, name, value in combined(forms, FIELDS, every):
        more = {"do": "persona"} if "settings" in address.path else {"do": "revoke"}
        body = urlencode({key: said for key, said in more.items() if key != name})
        answer = await raw(world.ana, "POST", address.at(world.mine), f"{name}={value}&{body}")
        assert answer.status < 500, (address, name, value[:20])
        assert "Set-Cookie" not in answer.headers


async def test_hostile_words_of_each_change_break_nothing(world: World) -> None:
    path = f"/channels/{world.mine['channel']}/settings"
    for kind, value in product(KINDS, HOSTILE):
        body = f"do={kind}&words={value}&confirmed="
        answer = await raw(world.ana, "POST", path, body)
        assert answer.status < 500, (kind, value[:20])


@pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader")
async def test_hostile_bodies_break_nothing(world: World) -> None:
    bombs = [gzip.compress(b"a=" + bytes(50_000_000)), gzip.compress(b"x")[:-3], b"\xff" * 100]
    for address in FORMS:
        if address.path == "/sign-out":
            continue
        path = address.at(world.mine)
        for bomb, coding in product(bombs, ("gzip", "deflate", "br", "nonsense")):
            answer = await raw(world.ana, "POST", path, bomb, **{"Content-Encoding": coding})
            assert answer.status < 500, (address, coding)
        for kind in (FILES, f"{FILES}; boundary=x", f"{FILES}; boundary={'x' * 200}"):
            for body in (b"", b"--x\r\n", b"--x\r\n\r\n--x--", b"--x\r\nContent-Disposition: \xff"):
                answer = await raw(world.ana, "POST", path, body, **{"Content-Type": kind})
                assert answer.status < 500, (address, kind, body)


async def raw(
    browser: Browser, method: str, path: str, body: str | bytes = b"", **headers: str
) -> Answer:
    """A request with an address and a body that no browser would write."""
    own = {"Origin": browser.url, "Sec-Fetch-Site": "same-origin", "Content-Type": FORM}
    async with browser.session.request(
        method,
        URL(f"{browser.url}{path}", encoded=True),
        data=body,
        headers={**own, **headers},
        allow_redirects=False,
    ) as answer:
        return Answer(status=answer.status, headers=answer.headers, text=await answer.text())
