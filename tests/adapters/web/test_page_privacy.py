"""Who sees what: one's own channels, as the platform says now; others are not even named."""

import pytest
from doubles.page import Browser, PageUnderTest, StartPage

from bot.domain.model import Author, Channel
from bot.gateway.teammate.rights import REMEMBERED, REMEMBERED_NO
from bot.testing import ANA, BOB, CARL, GENERAL
from bot.testing.fake_platform import FakePlatform

SECRET = Channel("fake", "team", "C2", "takeover-plans")
OF_BOB = Channel("fake", "team", "D2", "bob", direct=True)
AT_HOME = Channel("console", "local", "kitchen", "kitchen")
ADDRESSES = [
    "/channels/{id}",
    "/channels/{id}?before=2",
    "/channels/{id}/messages/1",
    "/channels/{id}/search?q=friday",
    "/channels/{id}/turns",
    "/channels/{id}/settings",
    "/channels/{id}/documents",
]
LISTS = [
    "/",
    "/?all=1",
    "/now?all=1",
    "/channels",
    "/turns",
    "/changes",
    "/you",
    "/team",
    "/models",
    "/tools",
    "/limits",
]


@pytest.fixture
async def asked(start_page: StartPage) -> PageUnderTest:
    """Bob talks in three channels, of which Ana reads one."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}, "C2": {BOB.id}, "D2": {BOB.id}}
    page = await start_page(platform=platform)
    await page.nellie.say(BOB, "the harbour opens at nine")
    await page.nellie.ask(BOB, "when does the harbour open?")
    for channel in (SECRET, OF_BOB):
        await page.nellie.say(BOB, "the falcon lands on friday", channel=channel)
        await page.nellie.ask(BOB, "when does the falcon land?", channel=channel)
    await page.nellie.say(Author("ana", "ana"), "the falcon is at home", channel=AT_HOME)
    return page


async def all_of(browser: Browser, page: PageUnderTest) -> str:
    """All that a browser gets to see of everything, by following what it may not know."""
    turns = await page.nellie.rows("SELECT id FROM turn")
    channels = await page.nellie.rows("SELECT id FROM channel")
    paths = [
        *LISTS,
        *(path.format(id=id_) for (id_,) in channels for path in ADDRESSES),
        *(f"/turns/{id_}" for (id_,) in turns),
    ]
    return "\n".join([(await browser.get(path)).text for path in paths])


async def test_members_see_their_channel(asked: PageUnderTest) -> None:
    browser = await asked.signed_in(ANA)
    id_ = await asked.nellie.channel_id()

    assert "#general" in (await browser.get("/channels")).text
    for path in ("/channels/{}", "/channels/{}/search?q=harbour", "/channels/{}/turns"):
        assert "harbour" in (await browser.get(path.format(id_))).text


async def test_of_others_channels_no_word_and_no_name_is_shown(asked: PageUnderTest) -> None:
    seen = await all_of(await asked.signed_in(ANA), asked)

    assert "harbour" in seen
    assert "falcon" not in seen
    assert "takeover-plans" not in seen
    assert "kitchen" not in seen


@pytest.mark.parametrize("path", ADDRESSES)
async def test_anothers_channel_is_as_unknown_as_none(asked: PageUnderTest, path: str) -> None:
    browser = await asked.signed_in(ANA)

    others = await browser.get(path.format(id=await asked.nellie.channel_id(SECRET)))
    none = await browser.get(path.format(id=999_999_999))

    assert others.status == none.status == 404
    ids = str(await asked.nellie.channel_id(SECRET)), "999999999"
    assert others.text.replace(f"/channels/{ids[0]}", "") == none.text.replace(
        f"/channels/{ids[1]}", ""
    )


async def test_an_admin_sees_numbers_of_everything_and_no_words(start_page: StartPage) -> None:
    platform = FakePlatform()
    platform.readers = {"C1": {BOB.id}}
    page = await start_page(platform=platform, admins=(CARL.id,))
    await page.nellie.say(BOB, "the falcon lands on friday")
    await page.nellie.ask(BOB, "when does the falcon land?")
    browser = await page.signed_in(CARL)

    overview = (await browser.get("/?all=1")).text
    seen = await all_of(browser, page)

    assert "<dt>Questions, 30 days</dt><dd>1</dd>" in overview
    assert "falcon" not in seen
    assert "general" not in seen


async def test_who_is_no_admin_sees_no_settings_and_only_their_numbers(
    asked: PageUnderTest,
) -> None:
    browser = await asked.signed_in(ANA)

    assert (await browser.get("/doctor")).status == 404
    for path in ("/", "/?all=1"):
        text = (await browser.get(path)).text
        assert "<dt>Questions, 30 days</dt><dd>1</dd>" in text
        assert "<dt>Channels</dt><dd>1</dd>" in text
    assert "<dt>Asked today (UTC)</dt><dd>1</dd>" in (await browser.get("/now?all=1")).text


async def test_who_left_a_channel_reads_it_no_more(
    asked: PageUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, id_ = await asked.signed_in(ANA), await asked.nellie.channel_id()
    assert (await browser.get(f"/channels/{id_}")).status == 200
    asked.nellie.platform.readers["C1"] = {BOB.id}

    asked.later(REMEMBERED)

    assert (await browser.get(f"/channels/{id_}")).status == 404
    assert "harbour" not in await all_of(browser, asked)
    assert REMEMBERED <= 300


async def test_a_channel_that_she_was_shown_out_of_is_not_shown(asked: PageUnderTest) -> None:
    browser, id_ = await asked.signed_in(ANA), await asked.nellie.channel_id()
    await asked.nellie.parts.inbox.removed(GENERAL)
    asked.later(60)

    assert (await browser.get(f"/channels/{id_}")).status == 404


async def test_a_private_question_is_its_askers_alone(asked: PageUnderTest) -> None:
    await asked.nellie.ask(BOB, "is the pelican secret?", private=True)
    id_ = await asked.nellie.channel_id()
    ana, bob = await asked.signed_in(ANA), await asked.signed_in(BOB)

    assert "for your eyes alone" not in (await ana.get(f"/channels/{id_}/turns")).text
    assert "pelican" not in await all_of(ana, asked)
    [(turn,)] = await asked.nellie.rows("SELECT id FROM turn WHERE private")
    assert (await ana.get(f"/turns/{turn}")).status == 404
    assert "pelican" not in await all_of(bob, asked)  # she remembers nothing of it herself


async def test_at_the_machine_its_channels_are_shown_and_no_platforms(
    asked: PageUnderTest,
) -> None:
    seen = await all_of(await asked.operator(), asked)

    assert "the falcon is at home" in seen
    assert "harbour" not in seen
    assert "lands on friday" not in seen
    assert "takeover-plans" not in seen


async def test_without_a_cookie_nothing_is_shown(asked: PageUnderTest) -> None:
    browser = await asked.browser()
    browser.session.cookie_jar.update_cookies({"nellie": "A" * 43, "__Host-nellie": "x"})

    seen = await all_of(browser, asked)

    assert "harbour" not in seen
    assert "Questions, 30 days" not in seen
    part = await browser.get("/now", HX_Request="true")
    assert (part.status, part.headers["HX-Redirect"]) == (204, "/sign-in")


@pytest.mark.parametrize("cookie", ["", "A" * 43, "A" * 5_000, "'; DROP TABLE x", "ü" * 43])
async def test_what_is_no_cookie_signs_nobody_in(page: PageUnderTest, cookie: str) -> None:
    browser = await page.browser()

    answer = await browser.get("/you", Cookie=f"nellie={cookie}")

    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")


async def test_what_was_forgotten_is_gone_from_the_page(asked: PageUnderTest) -> None:
    browser = await asked.signed_in(ANA)
    await asked.nellie.run_command("memory forget all yes-999", BOB, admin=True)
    first = await asked.nellie.run_command("memory forget all", BOB, admin=True)
    await asked.nellie.run_command(f"memory {first.confirm}", BOB, admin=True)

    assert "harbour opens at nine" not in await all_of(browser, asked)


async def add_rooms(page: PageUnderTest, count: int) -> None:
    """So many channels, named R0, R1 and so on by their platform."""
    await page.nellie.rows(
        "INSERT INTO channel (platform, workspace, external_id, name, direct)"
        " SELECT 'fake', 'team', 'R' || one, 'room ' || one, false"
        " FROM generate_series(0, CAST(:last AS int)) AS one",
        last=count - 1,
    )


async def test_a_list_of_thousands_of_channels_grows_until_all_are_known(
    start_page: StartPage,
) -> None:
    platform = FakePlatform()
    platform.readers = {f"R{number}": {ANA.id} for number in range(50)}
    page = await start_page(platform=platform)
    await add_rooms(page, 10_000)
    browser = await page.signed_in(ANA)

    for _ in range(20):
        text = (await browser.get("/channels")).text
        page.later(21)  # a no holds no longer than that where one channel is asked for
        if "still being asked" not in text:
            break

    assert "still being asked" not in text
    assert text.count('href="/channels/') == 50
    assert len({*platform.asked_of_readers}) == len(platform.asked_of_readers) == 10_000
    assert (await browser.get("/turns")).status == 200


async def test_of_thousands_of_channels_a_platform_may_say_it_at_once(
    start_page: StartPage,
) -> None:
    platform = FakePlatform()
    platform.knows_all_readers = True
    platform.readers = {f"R{number}": {ANA.id} for number in range(50)}
    page = await start_page(platform=platform)
    await add_rooms(page, 10_000)
    browser = await page.signed_in(ANA)

    listed = (await browser.get("/channels")).text
    for path in ("/", "/turns", "/channels"):
        await browser.get(path)
    platform.readers["R7"].clear()
    page.later(299)
    later = (await browser.get("/channels")).text

    assert "still being asked" not in listed
    assert [text.count('href="/channels/') for text in (listed, later)] == [50, 49]
    assert platform.asked_of_readers == []
    assert platform.asked_of_all == [ANA.id] * 2


async def test_where_a_platform_cannot_be_asked_of_thousands_none_is_shown(
    start_page: StartPage,
) -> None:
    platform = FakePlatform()
    platform.knows_all_readers = platform.away = True
    platform.readers = {f"R{number}": {ANA.id} for number in range(50)}
    page = await start_page(platform=platform)
    await add_rooms(page, 50)
    browser = await page.signed_in(ANA)

    away = (await browser.get("/channels")).text
    platform.away = False
    page.later(300)
    back = (await browser.get("/channels")).text

    assert 'href="/channels/' not in away
    assert back.count('href="/channels/') == 50


async def test_who_is_let_in_reads_soon(asked: PageUnderTest) -> None:
    browser, id_ = await asked.signed_in(ANA), await asked.nellie.channel_id(SECRET)
    assert (await browser.get(f"/channels/{id_}")).status == 404
    asked.nellie.platform.readers["C2"].add(ANA.id)

    asked.later(REMEMBERED_NO)

    assert (await browser.get(f"/channels/{id_}")).status == 200
