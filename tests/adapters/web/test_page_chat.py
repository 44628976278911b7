"""Talking with her at the page: a conversation of one's own, as its answers come."""

import asyncio
import io
import re
import socket
import time
from contextlib import aclosing
from typing import Any

import pytest
from doubles.markup_injections import INJECTIONS
from doubles.page import OPERATOR, Browser, PageUnderTest, StartPage
from doubles.page_chat import Talk, token_in
from doubles.page_shape import Shape

from adapters.kit.listening import Place
from adapters.web.desk import Desk, Offered
from adapters.web.server import ENDING, serve
from adapters.web.settings import WebSettings
from adapters.web.streams import KEPT_FOR, READERS, Streams
from bot.core import supervision
from bot.domain.errors import ModelUnavailable
from bot.domain.model import Channel, Chunk
from bot.page.building import build_page
from bot.store.channels import ChannelState
from bot.testing import ANA, BOB
from bot.testing.scripted_model import ScriptedModel, SteppedModel, breaks, says, stalls, waits

BROKEN = ModelUnavailable(model="scripted", reason="it is away")
WITHIN = {
    *("p", "b", "span", "time", "div", "form", "button", "a", "br", "code", "pre", "em", "strong"),
    *("s", "ul", "ol", "li", "blockquote", "h3", "h4", "h5", "h6", "hr", "table", "thead", "tbody"),
    *("tr", "th", "td", "svg", "path"),
}
"""What an answer is written with."""
NAMES = [
    "plans",
    "Pläne für 東京",
    "خطط الميناء",
    "🚢 ship it",
    "a" * 100,
    "<b>bold</b>",
    "#kitchen",
]


@pytest.fixture
async def talk(page: PageUnderTest) -> Talk:
    """Ana's conversation."""
    return await Talk.begin(await page.signed_in(ANA))


async def state_of(page: PageUnderTest, talk: Talk) -> ChannelState:
    return await page.nellie.parts.stores.channels.state(talk.channel_id)


async def test_an_answer_is_shown_and_remembered(talk: Talk, page: PageUnderTest) -> None:
    turn = await talk.ask("When does the harbour open?")

    shown = await talk.answer(turn)

    assert "You said: When does the harbour open?" in shown
    assert f'href="/turns/{turn}"' in shown
    channel = (await state_of(page, talk)).channel
    assert (channel.platform, channel.direct, channel.name) == ("web", True, "plans")
    question, answer = await page.nellie.messages(channel)
    assert (question.author.id, question.text) == (ANA.id, "When does the harbour open?")
    assert answer.text == "You said: When does the harbour open?"
    assert "You said: When does" in await talk.look()
    assert page.nellie.platform.shown == {}


async def test_it_is_answered_from_what_was_said_there(start_page: StartPage) -> None:
    model = ScriptedModel()
    page = await start_page(model=model)
    talk = await Talk.begin(await page.signed_in(ANA))
    await talk.answer(await talk.ask("the harbour opens at nine"))

    await talk.answer(await talk.ask("when does it open?"))

    prompt = "\n".join(one.text for one in model.prompts_for("answer")[-1].messages)
    assert "the harbour opens at nine" in prompt


async def test_text_comes_as_it_is_written(start_page: StartPage) -> None:
    gate = asyncio.Event()
    script = waits(gate, says("and the rest"))
    page = await start_page(
        model=ScriptedModel(
            lambda prompt: (*says("The beginning ", finish=None)(prompt), *script(prompt))
        )
    )
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("tell me")

    async with aclosing(talk.browser.events(f"/chat/turns/{turn}/events")) as events:
        async for name, html in events:
            if name == "text" and "The beginning" in html:
                assert gate.is_set() or "and the rest" not in html
                gate.set()
            if name == "done":
                assert "The beginning and the rest" in html
                break


async def test_who_comes_back_in_the_middle_goes_on_reading(start_page: StartPage) -> None:
    gate = asyncio.Event()
    page = await start_page(model=ScriptedModel(waits(gate, says("At nine."))))
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("when?")
    async with aclosing(talk.browser.events(f"/chat/turns/{turn}/events")) as events:
        await anext(events)  # and the browser is gone

    text = await talk.look()
    assert f'data-events="/chat/turns/{turn}/events"' in text
    assert f'action="/chat/turns/{turn}/stop"' in text
    assert "<noscript>" in text
    gate.set()

    assert "At nine." in await talk.answer(turn)
    assert "data-events" not in await talk.look()


async def test_without_scripts_each_look_has_an_address_of_its_own(start_page: StartPage) -> None:
    gate = asyncio.Event()
    page = await start_page(model=ScriptedModel(waits(gate, says("At nine."))))
    talk = await Talk.begin(await page.signed_in(ANA))
    await talk.ask("when?")

    seen = [talk.path]
    for _ in range(3):
        text = (await talk.browser.get(seen[-1])).text
        [again] = set(re.findall(rf"({talk.path}\?look=\d+)#text", text))
        assert f'http-equiv="refresh" content="5;url={again}#text"' in text
        assert again not in seen
        seen.append(again)
    gate.set()
    await page.nellie.parts.lanes.idle()

    assert "At nine." in (await talk.browser.get(seen[-1])).text
    for wrong in ("-1", "x", "9" * 400, "\u0661"):
        assert (await talk.browser.get(f"{talk.path}?look={wrong}")).status == 200


async def test_a_question_that_waits_is_stopped(start_page: StartPage) -> None:
    gate = asyncio.Event()
    page = await start_page(model=ScriptedModel(waits(gate, says("At nine."))))
    talk = await Talk.begin(await page.signed_in(ANA))
    await talk.ask("when?")
    waiting = await talk.ask("where?")

    await talk.press(waiting, "stop")

    shown = await talk.answer(waiting)
    assert "It was stopped before there was an answer." in shown
    assert "Retry" in shown
    assert not gate.is_set()
    gate.set()


async def test_answers_stand_below_their_questions(start_page: StartPage) -> None:
    gate = asyncio.Event()
    script = [waits(gate, says(f"{name} is here.")) for name in ("Beta", "Gamma")]
    page = await start_page(model=ScriptedModel(*script))
    talk = await Talk.begin(await page.signed_in(ANA))
    await talk.ask("where is Beta?")
    await talk.ask("where is Gamma?")
    gate.set()
    await page.nellie.parts.lanes.idle()

    text = await talk.look()

    said = ("where is Beta?", "Beta is here.", "where is Gamma?", "Gamma is here.")
    assert sorted(said, key=text.index) == list(said)
    assert [text.count(one) for one in said] == [1, 1, 1, 1]


async def test_a_conversation_says_that_one_opted_out(talk: Talk) -> None:
    assert "You opted out" not in await talk.look()

    await talk.say("/memory optout")

    assert "You opted out: nothing that you say here is remembered." in await talk.look()


async def test_an_answer_is_made_also_where_nobody_looks_on(
    talk: Talk, page: PageUnderTest
) -> None:
    await talk.ask("when?")
    await page.nellie.parts.lanes.idle()

    assert "You said: when?" in await talk.look()


async def test_it_is_stopped_in_the_middle_and_had_again(start_page: StartPage) -> None:
    page = await start_page(model=ScriptedModel(stalls("Half of"), says("All of it.")))
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("tell me")
    async with aclosing(talk.browser.events(f"/chat/turns/{turn}/events")) as events:
        async for _, html in events:
            if "Half of" in html:
                break

    assert (await talk.press(turn, "stop")).status == 303
    shown = await talk.answer(turn)

    assert "stopped" in shown
    assert "Half of" in shown
    assert "Retry" in shown
    assert (await talk.press(turn, "retry")).status == 303
    assert "All of it." in await talk.answer(turn)
    text = await talk.look()
    assert "All of it." in text
    assert "Half of" not in text
    assert "Retry" not in text


async def test_what_failed_says_so_and_is_had_again(start_page: StartPage) -> None:
    page = await start_page(model=ScriptedModel(breaks(BROKEN), says("At nine.")))
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("when?")

    failed = await talk.answer(turn)
    assert "failed" in failed
    assert "I could not answer this." in failed
    assert "I could not answer this." in await talk.look()

    await talk.press(turn, "retry")
    assert "At nine." in await talk.answer(turn)


async def test_what_was_answered_is_not_had_again(talk: Talk, page: PageUnderTest) -> None:
    turn = await talk.ask("when?")
    await talk.answer(turn)

    await talk.press(turn, "retry")
    await talk.press(turn, "stop")
    await page.nellie.parts.lanes.idle()

    assert len(page.nellie.model.prompts_for("answer")) == 1


async def test_each_person_has_one_opinion(talk: Talk, page: PageUnderTest) -> None:
    turn = await talk.ask("when?")
    await talk.answer(turn)

    for good in ("1", "1", "0"):
        assert (await talk.press(turn, "rate", good=good)).status == 303

    [(author, good)] = await page.nellie.rows("SELECT author_id, good FROM rating")
    assert (author, good) == (ANA.id, False)
    shape = Shape(await talk.look())
    pressed = {
        one["value"]: one["aria-pressed"]
        for one in shape.all("button")
        if "aria-pressed" in one and one["name"] == "good"
    }
    assert pressed == {"1": "false", "0": "true"}


async def test_a_form_that_is_sent_twice_asks_once(talk: Talk, page: PageUnderTest) -> None:
    token = await token_in(talk.browser, talk.path)

    answers = await asyncio.gather(*(talk.say("when?", token) for _ in range(5)))
    await page.nellie.parts.lanes.idle()

    assert {one.status for one in answers} == {303}
    assert await page.nellie.rows("SELECT count(*) FROM turn") == [(1,)]


async def test_a_conversation_that_is_begun_twice_is_one(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    token = await token_in(browser, "/chat")

    first = await Talk.begin(browser, "plans", token)
    second = await Talk.begin(browser, "plans", token)

    assert first == second
    assert await Talk.begin(browser, "plans") != first


async def test_a_conversation_begins_with_a_question(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    token = await token_in(browser, "/chat")

    answer = await browser.post("/chat", {"text": "when?", "token": token, "name": ""})

    talk = Talk(browser, answer.headers["Location"].partition("#")[0])
    assert "when?" in await talk.look()
    assert "Conversation of" in (await browser.get("/chat")).text


@pytest.mark.parametrize("name", NAMES)
async def test_a_conversation_has_a_name_in_any_script(page: PageUnderTest, name: str) -> None:
    talk = await Talk.begin(await page.signed_in(ANA), name)

    shape = Shape(await talk.look())
    assert name.lstrip("#") in "".join(shape.text)
    listed = (await talk.browser.get("/chat")).text
    assert f'href="{talk.path}"' in listed


@pytest.mark.parametrize("name", ["a" * 101, "#", "\u200b"])
async def test_what_is_no_name_begins_nothing(page: PageUnderTest, name: str) -> None:
    browser = await page.signed_in(ANA)

    answer = await browser.post("/chat", {"name": name, "text": "my question"})

    assert answer.status == 422
    assert "my question" in answer.text
    assert await page.nellie.rows("SELECT count(*) FROM channel") == [(0,)]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\r\n"])
async def test_an_empty_message_is_no_question(talk: Talk, page: PageUnderTest, text: str) -> None:
    answer = await talk.say(text)

    assert answer.status == 422
    assert "It has no text" in answer.text or "it has no text" in answer.text
    assert await page.nellie.rows("SELECT count(*) FROM turn") == [(0,)]


async def test_a_message_of_a_megabyte_is_asked_and_shown_in_part(start_page: StartPage) -> None:
    page = await start_page(lease=120)  # on a busy machine it may compute for a while
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("word " * 199_999)
    await talk.answer(turn)

    text = await talk.look()
    assert len(text) < 100_000
    assert "characters more" in text
    assert "All of it" in text


async def test_what_is_longer_is_refused_with_its_reason(talk: Talk) -> None:
    answer = await talk.say("x" * 1_000_001)
    assert (answer.status, "1,000,000 are the most" in answer.text) == (422, True)

    body = io.BytesIO(b"text=" + b"x" * (5 * 2**20))
    own = {"Origin": talk.browser.url, "Content-Type": "application/x-www-form-urlencoded"}
    async with talk.browser.session.post(
        talk.browser.url + talk.path, data=body, headers=own
    ) as refused:
        assert refused.status == 413


async def test_ten_thousand_lines_and_control_characters_are_words(talk: Talk) -> None:
    turn = await talk.ask("\r\n".join(["a line", "\x1b[31m", "\u202e"] * 3_333))

    events = await talk.events(turn)

    assert events[-1][0] == "done"
    assert "\x1b" not in events[-1][1]


async def test_what_is_said_stays_words(start_page: StartPage) -> None:
    page = await start_page()
    talk = await Talk.begin(await page.signed_in(ANA))
    await talk.look()

    for words in INJECTIONS:
        answer = await talk.say(words)
        if answer.status == 200:  # a command
            continue
        turn = max(Talk.turns(await talk.look()))
        for _, html in await talk.events(turn):
            shape = Shape(html)
            assert {tag for tag, _ in shape.elements} <= WITHIN
            assert not any(name.startswith("on") for _, one in shape.elements for name in one)


async def test_what_is_too_early_is_reached_by_a_link(talk: Talk, page: PageUnderTest) -> None:
    channel = (await state_of(page, talk)).channel
    await page.nellie.add_history(*(f"line {number}" for number in range(100)), channel=channel)

    text = await talk.look()
    assert "line 99" in text
    assert "line 10<" not in text
    [before] = {one["href"] for one in Shape(text).all("a") if "before=" in (one.get("href") or "")}
    earlier = (await talk.browser.get(before)).text
    assert "line 59" in earlier
    assert "composer" not in earlier
    assert (await talk.browser.get(f"{talk.path}?before=999999")).status == 404


async def test_a_browser_looks_on_at_so_many_answers(start_page: StartPage) -> None:
    page = await start_page(model=ScriptedModel(stalls("Half of")))
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("when?")
    looking = [talk.browser.events(f"/chat/turns/{turn}/events") for _ in range(READERS)]
    for one in looking:
        await anext(one)

    refused = await talk.browser.get(f"/chat/turns/{turn}/events", Sec_Fetch_Site="same-origin")

    assert refused.status == 429
    for one in looking:
        await one.aclose()
    await talk.press(turn, "stop")
    assert "stopped" in await talk.answer(turn)


async def test_the_page_closes_while_browsers_look_on(
    start_page: StartPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "ENDING", 0.1)
    page = await start_page(model=ScriptedModel(stalls("Half of")))
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("when?")
    looking = asyncio.create_task(talk.events(turn))
    await asyncio.sleep(0.3)
    [adapter] = [one for one in page.nellie.parts.adapters.values() if one.name == "web"]

    adapter.streams.closing.set()  # as the server's end does

    async with asyncio.timeout(3):
        assert (await looking)[-1][0] == "text"


async def test_another_replica_answers(start_page: StartPage) -> None:
    gate = asyncio.Event()
    answers = await start_page(model=ScriptedModel(waits(gate, says("At nine."))))
    looks = await start_page()
    talk = await Talk.begin(await answers.signed_in(ANA))
    turn = await talk.ask("when?")
    there = Talk(await looks.signed_in(ANA), talk.path)
    assert f'data-events="/chat/turns/{turn}/events"' in await there.look()

    async with aclosing(there.browser.events(f"/chat/turns/{turn}/events")) as events:
        name, html = await anext(events)
        assert (name, "running" in html) == ("text", True)
        gate.set()
        async for name, html in events:
            if name == "done":
                assert "At nine." in html


async def test_after_a_crash_another_replica_delivers(start_page: StartPage) -> None:
    crashes = await start_page(model=ScriptedModel(stalls("Half of")))
    talk = await Talk.begin(await crashes.signed_in(ANA))
    turn = await talk.ask("when?")
    await crashes.nellie.model.called.wait()
    heirs = await start_page(model=ScriptedModel(says("All of it.")))
    there = Talk(await heirs.signed_in(ANA), talk.path)

    await crashes.nellie.crash()

    assert "All of it." in await there.answer(turn)
    assert "All of it." in await there.look()


async def test_what_is_kept_here_is_let_go(start_page: StartPage) -> None:
    page = await start_page(model=ScriptedModel(breaks(BROKEN)))
    talk = await Talk.begin(await page.signed_in(ANA))
    await talk.answer(await talk.ask("when?"))
    [adapter] = [one for one in page.nellie.parts.adapters.values() if one.name == "web"]
    adapter.streams._clock = page.clock
    assert "I could not answer this." in await talk.look()

    page.later(KEPT_FOR)

    text = await talk.look()
    assert "I could not answer this." not in text
    assert "There is no answer to this" in text
    assert "Retry" in text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Referer": "https://evil.example/"},
        {"Accept": "text/event-stream"},
    ],
)
async def test_another_site_does_not_look_on(talk: Talk, headers: dict[str, str]) -> None:
    turn = await talk.ask("when?")

    answer = await talk.browser.get(f"/chat/turns/{turn}/events", **headers)

    assert answer.status == 403
    assert "when?" not in answer.text


async def test_on_plain_http_the_page_that_asks_says_where_it_is(talk: Talk) -> None:
    turn = await talk.ask("when?")

    path, referer = f"/chat/turns/{turn}/events", f"{talk.browser.url}{talk.path}"
    events = [one async for one in talk.browser.events(path, Referer=referer)]

    assert events[-1][0] == "done"


async def test_anothers_conversation_is_as_unknown_as_none(talk: Talk, page: PageUnderTest) -> None:
    turn = await talk.ask("the falcon lands on friday")
    await talk.answer(turn)
    others = [await page.signed_in(BOB), await page.operator()]

    for browser in others:
        assert (await browser.get(talk.path)).status == 404
        assert (await browser.post(talk.path, {"text": "when?"})).status == 404
        assert (await browser.post(talk.path, {"text": "/memory"})).status == 404
        path = f"/chat/turns/{turn}"
        events = await browser.get(f"{path}/events", Sec_Fetch_Site="same-origin")
        none = await browser.get("/chat/turns/999999/events", Sec_Fetch_Site="same-origin")
        assert events.status == none.status == 404
        assert events.text.replace(f"{path}/", "") == none.text.replace("/chat/turns/999999/", "")
        for what in ("stop", "retry", "go-on", "rate", "consent"):
            answer = await browser.post(
                f"{path}/{what}", {"good": "1", "question": "1", "allows": "1"}
            )
            assert answer.status == 404, what
        for path in (
            "/chat",
            "/channels",
            "/turns",
            f"/channels/{talk.channel_id}",
            f"/turns/{turn}",
        ):
            assert "falcon" not in (await browser.get(path)).text
            assert "plans" not in (await browser.get(path)).text
    assert await page.nellie.rows("SELECT count(*) FROM rating") == [(0,)]


async def test_nobody_talks_who_is_not_signed_in(talk: Talk, page: PageUnderTest) -> None:
    turn = await talk.ask("when?")
    browser = await page.browser()

    for path in ("/chat", talk.path, f"/chat/turns/{turn}/events"):
        answer = await browser.get(path, Sec_Fetch_Site="same-origin")
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert (await browser.post(talk.path, {"text": "when?"})).headers["Location"] == "/sign-in"


async def test_ones_conversation_is_found_under_memory_too(talk: Talk, page: PageUnderTest) -> None:
    turn = await talk.ask("the harbour opens at nine")
    await talk.answer(turn)

    assert "plans" in (await talk.browser.get("/channels")).text
    assert "harbour" in (await talk.browser.get(f"/channels/{talk.channel_id}")).text
    assert "harbour" in (await talk.browser.get(f"/turns/{turn}")).text


async def test_at_the_machine_it_is_a_channel_of_the_console(page: PageUnderTest) -> None:
    talk = await Talk.begin(await page.operator(), "kitchen")
    turn = await talk.ask("when?")

    assert "You said: when?" in await talk.answer(turn)
    channel = Channel("console", "local", "kitchen")
    question, _ = await page.nellie.messages(channel)
    assert (question.author.id, question.author.name) == (OPERATOR.id, OPERATOR.name)
    assert talk.channel_id == await page.nellie.channel_id(channel)


async def test_who_begins_what_there_was_before_is_told_so(page: PageUnderTest) -> None:
    operator = await page.operator()
    form = {"name": "kitchen", "text": "when?"}
    first = await operator.post("/chat", {**form, "token": await token_in(operator, "/chat")})
    again = await operator.post("/chat", {**form, "token": await token_in(operator, "/chat")})

    told = "There was a conversation of this name already"
    assert told not in (await operator.get(first.headers["Location"])).text
    assert told in (await operator.get(again.headers["Location"])).text


async def test_who_looks_on_holds_up_no_shutdown(start_page: StartPage) -> None:
    page = await start_page(model=ScriptedModel(stalls("Half of")))
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("when?")
    parts = page.nellie.parts
    desk = Desk(parts.inbox, parts.turns, Streams())
    place = WebSettings(Place("127.0.0.1", 0))

    async with serve(place, build_page(parts), desk) as port:
        there = Browser(f"http://127.0.0.1:{port}", talk.browser.session)
        looking = there.events(f"/chat/turns/{turn}/events")
        await anext(looking)
        began = time.monotonic()

    assert time.monotonic() - began < ENDING
    assert [one async for one in looking] == []
    await talk.press(turn, "stop")


async def test_questions_to_try_are_offered_at_the_machine(page: PageUnderTest) -> None:
    parts = page.nellie.parts
    channel_id = await page.nellie.channel_id(Channel("console", "local", "try", "try"))
    offered = Offered(channel_id, ("Which terminal has tabs?",))
    desk = Desk(parts.inbox, parts.turns, Streams(), offered)

    async with serve(WebSettings(Place("127.0.0.1", 0)), build_page(parts), desk) as port:
        url = f"http://127.0.0.1:{port}"
        operator = Browser(url, (await page.operator()).session)
        ana = Browser(url, (await page.signed_in(ANA)).session)
        assert "Which terminal has tabs?" in (await operator.get("/chat")).text
        assert "Which terminal has tabs?" not in (await ana.get("/chat")).text
        token = await token_in(operator, "/chat")
        form = {"text": "Which terminal has tabs?", "token": token}
        assert (await operator.post(f"/chat/{channel_id}", form)).status == 303
    await parts.lanes.idle()
    assert "Which terminal has tabs?" in await page.nellie.texts(Channel("console", "local", "try"))


async def test_who_goes_away_while_asking_has_asked(talk: Talk, page: PageUnderTest) -> None:
    """Their question is stored once and answered at once, and no lane waits for its lease."""
    parts = page.nellie.parts
    receive, stored = type(parts.acceptance).store, asyncio.Event()

    async def slowly(*given: Any, **fields: Any) -> Any:
        stored.set()
        await asyncio.sleep(0.2)
        return await receive(*given, **fields)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(parts.acceptance), "store", slowly)
        asking = asyncio.create_task(talk.say("when?", "0" * 32))
        await stored.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await asyncio.sleep(0.4)
    await parts.lanes.idle()

    assert "You said: when?" in await talk.look()


async def test_who_reads_nothing_is_let_go(
    start_page: StartPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.web.events.PATIENCE", 0.3)
    monkeypatch.setattr("adapters.web.pages.turns.APART", 0.0)
    monkeypatch.setattr("adapters.web.pages.turns.AT_REST", 0.0)
    much = (Chunk("a word " * 500), *((Chunk("."), 0.001) * 90_000), Chunk(finish="stop"))
    page = await start_page(model=SteppedModel(much))
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("tell me")
    [adapter] = [one for one in page.nellie.parts.adapters.values() if one.name == "web"]
    cookies = "; ".join(f"{name}={value}" for name, value in talk.browser.cookies.items())
    head = (
        f"GET /chat/turns/{turn}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n"
        "Sec-Fetch-Site: same-origin\r\n\r\n"
    )
    with socket.socket() as sleeper:
        sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        sleeper.connect(("127.0.0.1", adapter.port))
        sleeper.sendall(head.encode())
        async with asyncio.timeout(60):
            while not adapter.streams._readers:  # noqa: ASYNC110  # nobody is told
                await asyncio.sleep(0.01)
            while adapter.streams._readers:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

        assert adapter.streams.find(turn).is_open
    await talk.press(turn, "stop")
