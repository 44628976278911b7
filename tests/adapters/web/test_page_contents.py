"""What the pages show: numbers, memory by time, what would be recalled, and why she answered so."""

import asyncio
import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
from doubles.page import PageUnderTest, StartPage
from doubles.page_shape import Shape
from doubles.start_nellie import SMALL_WINDOW, TALK

from bot.domain.findings import Finding
from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog
from bot.page.building import build_page
from bot.page.examining import Examining
from bot.testing import ANA, BOB, GENERAL
from bot.testing.fake_platform import FakePlatform
from bot.testing.scripted_model import says

FOR_ADMINS = ("/team", "/models", "/tools", "/limits")


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """A page whose channel Ana reads."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}}
    return await start_page(platform=platform, **SMALL_WINDOW)


async def here(page: PageUnderTest) -> str:
    return f"/channels/{await page.nellie.channel_id()}"


async def test_an_empty_memory_says_so(page: PageUnderTest) -> None:
    browser, operator = await page.signed_in(ANA), await page.operator()

    assert "Nothing is remembered of any channel" in (await browser.get("/channels")).text
    assert "nellie import" in (await operator.get("/channels")).text
    assert "Nothing was asked" in (await browser.get("/turns")).text
    assert "<dt>Questions, 30 days</dt><dd>0</dd>" in (await browser.get("/")).text


async def test_the_memory_of_a_channel_is_a_timeline_with_its_summaries(
    page: PageUnderTest,
) -> None:
    nellie = page.nellie
    await nellie.add_history(*TALK)
    await nellie.compact()
    browser, path = await page.signed_in(ANA), await here(page)

    text = unescape((await browser.get(path)).text)

    assert "<b>80</b> messages" in text
    assert "talk number 79" in text
    assert 'id="m1"' not in text
    [(first, last)] = await nellie.rows(
        "SELECT first_seq, last_seq FROM segment ORDER BY ended DESC LIMIT 1"
    )
    whole = text
    while "before=" in whole:
        older = whole.partition('href="' + path + "?before=")[2].partition('"')[0]
        whole = unescape((await browser.get(f"{path}?before={older}")).text)
        text += whole
    assert "Summary" in text
    assert all(text.count(f'id="m{seq}"') == 1 for seq in range(1, 81))
    assert f"/messages/{first}#m{first}" in text or f"/messages/{last}#m{last}" in text


async def test_a_stretch_around_a_message_holds_it_and_what_follows(page: PageUnderTest) -> None:
    await page.nellie.add_history(*TALK)
    browser, path = await page.signed_in(ANA), await here(page)

    text = (await browser.get(f"{path}/messages/30")).text

    assert 'id="m30"' in text
    assert 'id="m35"' in text
    assert 'id="m80"' not in text
    assert "to the newest" in text
    assert (await browser.get(f"{path}/messages/81")).status == 404
    assert (await browser.get(f"{path}?before=81")).status == 404
    for odd in ("-1", "x", "9" * 30, "1e3", "²", "0x1"):
        assert 'id="m80"' in (await browser.get(f"{path}?before={odd}")).text


async def test_summaries_that_are_made_again_are_not_shown(page: PageUnderTest) -> None:
    nellie = page.nellie
    await nellie.add_history(*TALK)
    await nellie.compact()
    await nellie.parts.stores.summaries.mark_all_dirty(await nellie.channel_id())
    browser, path = await page.signed_in(ANA), await here(page)

    text = (await browser.get(f"{path}?before=60")).text + (await browser.get(path)).text

    assert "being made again" in text
    assert 'aria-label="Summary"' not in text
    assert "In short" not in text


async def test_a_search_finds_what_an_answer_would_be_given(page: PageUnderTest) -> None:
    await page.nellie.add_history("the backup disk is in the red box", *TALK)
    browser, path = await page.signed_in(ANA), await here(page)

    found = (await browser.get(f"{path}/search?q=where+is+the+backup+disk%3F")).text
    nothing = (await browser.get(f"{path}/search?q=xyzzy")).text
    empty = (await browser.get(f"{path}/search?q=++")).text
    long = await browser.get(f"{path}/search?q={'word+' * 2_000}")

    assert "the backup disk is in the red box" in found
    assert 'value="where is the backup disk?"' in found
    assert "Nothing here matches “xyzzy”." in nothing
    assert "Say what to look for." in empty
    assert long.status == 200


async def test_a_search_goes_on_with_no_conversation_of_the_visitors(page: PageUnderTest) -> None:
    """An answer would: so what they said last is recalled, whatever they search for."""
    await page.nellie.say(ANA, "the falcon lands on friday")
    await page.nellie.say(ANA, "and the backup disk is in the red box")
    browser, path = await page.signed_in(ANA), await here(page)

    nothing = [(await browser.get(f"{path}/search?q={word}")).text for word in ("zzzz", "東京")]
    found = (await browser.get(f"{path}/search?q=falcon")).text

    for word, text in zip(("zzzz", "東京"), nothing, strict=True):
        assert f"Nothing here matches “{word}”." in text
        assert "falcon" not in text
    assert "the falcon lands on friday" in found


async def test_why_shows_what_an_answer_rests_on(page: PageUnderTest) -> None:
    nellie = page.nellie
    await nellie.add_history("the backup disk is in the red box", *TALK)
    nellie.model.follow("answer", says("In the red box."))
    await nellie.ask(ANA, "where is the backup disk?")
    browser, path = await page.signed_in(ANA), await here(page)

    listed = (await browser.get(f"{path}/turns")).text
    [why] = {
        attributes["href"]
        for attributes in Shape(listed).all("a")
        if (attributes["href"] or "").startswith("/turns/")
    }
    text = (await browser.get(str(why))).text

    assert "where is the backup disk?" in listed
    assert "In the red box." in listed
    assert "In the red box." in text
    assert "the backup disk is in the red box" in text
    assert "What was recalled" in text
    assert "<td>answer</td>" in text


async def test_an_answer_that_no_platform_has_an_id_for_is_found(start_page: StartPage) -> None:
    class Terminal(FakePlatform):
        async def deliver(
            self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
        ) -> None:
            async for _ in text:
                pass

    platform = Terminal()
    platform.readers = {"C1": {ANA.id}}
    page = await start_page(platform=platform, **SMALL_WINDOW)
    nellie = page.nellie
    await nellie.add_history("the backup disk is in the red box", *TALK)
    nellie.model.follow("answer", says("In the red box."))
    await nellie.ask(ANA, "where is the backup disk?")
    browser = await page.signed_in(ANA)

    listed = (await browser.get("/turns")).text
    turn = listed.partition('href="/turns/')[2].partition('"')[0]
    why = (await browser.get(f"/turns/{turn}")).text

    assert "In the red box." in listed
    assert "In the red box." in why
    assert "the backup disk is in the red box" in why


async def test_what_an_answer_rested_on_is_gone_with_it(page: PageUnderTest) -> None:
    nellie = page.nellie
    await nellie.add_history("the backup disk is in the red box", *TALK)
    nellie.model.follow("answer", says("In the red box."))
    await nellie.ask(ANA, "where is the backup disk?")
    await nellie.parts.inbox.deleted(GENERAL, (await nellie.messages())[0].id)
    browser, path = await page.signed_in(ANA), await here(page)

    text = (await browser.get(f"{path}/turns")).text
    turn = text.partition('href="/turns/')[2].partition('"')[0]
    why = (await browser.get(f"/turns/{turn}")).text

    assert "red box" not in text + why
    assert "no answer is remembered" in why


async def test_questions_are_listed_a_page_at_a_time(page: PageUnderTest) -> None:
    for number in range(33):
        await page.nellie.ask(ANA, f"question number {number}?")
    browser, path = await page.signed_in(ANA), f"{await here(page)}/turns"

    first = (await browser.get(path)).text
    older = first.partition(f'href="{path}?before=')[2].partition('"')[0]
    second = (await browser.get(f"{path}?before={older}")).text

    asked = [text.count("question number") >= 1 for text in (first, second)]
    assert asked == [True, True]
    assert "question number 32?" in first
    assert "question number 0?" in second
    assert "question number 32?" not in second
    assert "Older" not in second


async def test_a_part_of_a_page_is_a_part(page: PageUnderTest) -> None:
    text = (await (await page.signed_in(ANA)).get("/now", HX_Request="true")).text

    assert "<html" not in text
    assert "Asked today" in text


async def test_the_look_is_kept_in_a_cookie(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    assert "data-theme" not in (await browser.get("/")).text

    await browser.post("/theme", {"theme": "dark", "back": "/"})
    assert '<html lang="en" data-theme="dark">' in (await browser.get("/")).text
    await browser.post("/theme", {"theme": 'purple"><script>', "back": "/"})
    assert 'data-theme="dark"' in (await browser.get("/")).text


async def test_every_page_has_landmarks_a_title_and_labels(page: PageUnderTest) -> None:
    await page.nellie.ask(ANA, "where is it?")
    browser, path = await page.signed_in(ANA), await here(page)
    operator = await page.operator()
    ours = [f"{path}{rest}" for rest in ("", "/search?q=it", "/settings", "/documents")]
    for address in ("/", "/channels", *ours, "/turns", "/changes", "/you", *FOR_ADMINS):
        text = (await (operator if address in FOR_ADMINS else browser).get(address)).text
        shape = Shape(text)

        tags = [tag for tag, _ in shape.elements]
        assert [tags.count(tag) for tag in ("main", "h1", "nav", "header", "footer")] == [1] * 5
        assert shape.all("html")[0]["lang"] == "en"
        assert shape.all("a")[0] == {"class": "skip", "href": "#content"}
        unlabelled = Shape(re.sub(r"<label\b.*?</label>", "", text, flags=re.DOTALL))
        for one in (*unlabelled.all("input"), *unlabelled.all("select")):
            assert one.get("type") == "hidden" or one["aria-label"]
        assert unlabelled.all("textarea") == []
        for tag, attributes in shape.elements:
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes), tag
        assert all(one["src"].startswith("/static/") for one in shape.all("script"))  # type: ignore[union-attr]  # of ours each has one
        assert "style" not in tags


async def test_the_doctor_is_asked_at_most_twice_a_minute(page: PageUnderTest) -> None:
    asked = 0
    now = 0.0

    async def look() -> AsyncIterator[Finding]:
        nonlocal asked
        asked += 1
        yield Finding("clock", "wrong", "late <b>", "wind it up")

    examining = Examining(look, lambda: now)
    cookie = (await page.operator()).cookies["nellie"]
    visitor = await build_page(page.nellie.parts).signing.visitor(cookie)
    assert visitor

    first, second = await examining.examine(visitor), await examining.examine(visitor)
    now = 31.0
    third = await examining.examine(visitor)

    assert first is second
    assert third is not first
    assert asked == 2
    assert first.findings[0].mend == "wind it up"


async def test_nobody_waits_for_a_slow_doctor(page: PageUnderTest) -> None:
    go_on = asyncio.Event()
    now = 0.0

    async def look() -> AsyncIterator[Finding]:
        yield Finding("clock", "ok", "on time")
        await go_on.wait()
        yield Finding("bell", "wrong", "silent")

    examining = Examining(look, lambda: now)
    cookie = (await page.operator()).cookies["nellie"]
    visitor = await build_page(page.nellie.parts).signing.visitor(cookie)
    assert visitor

    first = await examining.examine(visitor)
    go_on.set()
    whole = await examining.examine(visitor)
    go_on.clear()
    now = 31.0
    meanwhile = await examining.examine(visitor)
    await examining.close()

    seen = [[one.name for one in told.findings] for told in (first, whole, meanwhile)]
    assert seen == [["clock"], ["clock", "bell"], ["clock", "bell"]]
    assert [told.under_way for told in (first, whole, meanwhile)] == [True, False, True]
    assert meanwhile.at == whole.at


async def test_the_operator_sees_what_the_doctor_finds(page: PageUnderTest) -> None:
    operator = await page.operator()
    text = (await operator.get("/doctor")).text
    while "Still looking" in text:
        assert 'http-equiv="refresh"' in text
        text = (await operator.get("/doctor")).text

    assert "state-ok" in text
    assert "settings" in text
