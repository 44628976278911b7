"""Where one talks at the page: private questions about channels, tools, commands, forgetting."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest
from doubles.consents import mailbox, send
from doubles.page import Browser, PageUnderTest, StartPage
from doubles.page_chat import Talk
from doubles.page_shape import Shape

from adapters.web.adapter import WebAdapter
from bot.domain.model import Channel
from bot.domain.page import adapter_of, asked_at_page, owner_of
from bot.gateway.teammate.rights import REMEMBERED
from bot.store.reminders import NewReminder
from bot.testing import ANA, BOB
from bot.testing.fake_platform import FakePlatform
from bot.testing.scripted_model import ScriptedModel, calls, says, stalls, waits

KITCHEN = Channel("console", "local", "kitchen", "kitchen", direct=True)


@pytest.fixture
def platform() -> FakePlatform:
    """A channel that Ana reads with Bob."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}}
    return platform


async def general(page: PageUnderTest, browser: Browser) -> Talk:
    return Talk(browser, f"/chat/{await page.nellie.channel_id()}")


async def test_a_question_about_a_channel_is_private(
    start_page: StartPage, platform: FakePlatform
) -> None:
    model = ScriptedModel(says("At nine."))
    page = await start_page(platform=platform, model=model)
    await page.nellie.say(BOB, "the harbour opens at nine")
    talk = await general(page, await page.signed_in(ANA))

    turn = await talk.ask("when does the harbour open?")

    assert "At nine." in await talk.answer(turn)
    assert platform.shown == {}
    assert platform.started == []
    assert await page.nellie.texts() == ["the harbour opens at nine"]
    prompt = "\n".join(one.text for one in model.prompts[-1].messages)
    assert "the harbour opens at nine" in prompt
    text = await talk.look()
    assert "when does the harbour open?" in text
    assert "At nine." in text
    assert "for your eyes alone" in text
    for trace in ("when does the harbour open?", "At nine."):
        assert await page.nellie.find_traces(trace) == []


async def test_a_private_answer_is_shown_to_its_asker_alone(
    start_page: StartPage, platform: FakePlatform
) -> None:
    gate = asyncio.Event()
    page = await start_page(platform=platform, model=ScriptedModel(waits(gate, says("At nine."))))
    await page.nellie.say(BOB, "the harbour opens at nine")
    talk = await general(page, await page.signed_in(ANA))
    turn = await talk.ask("when does the harbour open?")
    other = await general(page, await page.signed_in(BOB))

    async def looks() -> None:
        path = f"/chat/turns/{turn}"
        events = await other.browser.get(f"{path}/events", Sec_Fetch_Site="same-origin")
        assert events.status == 404
        for what in ("stop", "retry", "go-on", "rate"):
            assert (await other.press(turn, what)).status == 404
        text = await other.look()
        assert "when does the harbour open?" not in text
        assert f"turn-{turn}" not in text

    await looks()
    gate.set()
    await talk.answer(turn)
    await looks()


async def test_who_left_a_channel_asks_and_sees_nothing_there(
    start_page: StartPage, platform: FakePlatform
) -> None:
    page = await start_page(platform=platform)
    await page.nellie.say(BOB, "the harbour opens at nine")
    talk = await general(page, await page.signed_in(ANA))
    turn = await talk.ask("when?")
    await talk.answer(turn)

    platform.readers["C1"] = {BOB.id}
    page.later(REMEMBERED)

    assert (await talk.browser.get(talk.path)).status == 404
    assert (await talk.browser.post(talk.path, {"text": "and now?"})).status == 404
    assert (await talk.browser.post(talk.path, {"text": "/memory"})).status == 404
    events = await talk.browser.get(f"/chat/turns/{turn}/events", Sec_Fetch_Site="same-origin")
    assert events.status == 404


async def test_once_something_is_forgotten_a_private_answer_is_gone(
    start_page: StartPage, platform: FakePlatform
) -> None:
    page = await start_page(platform=platform, model=ScriptedModel(says("At nine.")))
    said = await page.nellie.say(BOB, "the harbour opens at nine")
    talk = await general(page, await page.signed_in(ANA))
    turn = await talk.ask("when?")
    await talk.answer(turn)

    channel_id = await page.nellie.channel_id()
    await page.nellie.parts.stores.message_edits.forget(channel_id, [said.seq])

    assert "At nine." not in await talk.look()
    events = await talk.browser.get(f"/chat/turns/{turn}/events", Sec_Fetch_Site="same-origin")
    assert events.status == 404


async def test_where_no_page_takes_over_the_platform_shows_it_to_the_asker(
    start_page: StartPage, platform: FakePlatform
) -> None:
    page = await start_page(platform=platform, model=ScriptedModel(stalls("At")))
    await page.nellie.say(BOB, "the harbour opens at nine")
    talk = await general(page, await page.signed_in(ANA))
    turn = await talk.ask("when?")
    found = await page.nellie.parts.turns.get(turn)
    assert found
    assert found.private
    assert asked_at_page(found)
    here = page.nellie.parts.adapters

    assert isinstance(adapter_of(found, here), WebAdapter)
    assert adapter_of(found, {"fake": platform}) is platform
    await talk.press(turn, "stop")


async def test_what_is_asked_on_the_platform_is_answered_there(
    start_page: StartPage, platform: FakePlatform
) -> None:
    page = await start_page(platform=platform)
    answer = await page.nellie.ask(BOB, "when?")
    talk = await general(page, await page.signed_in(ANA))

    assert answer == "You said: when?"
    [turn] = Talk.turns(await talk.look())
    assert "You said: when?" in await talk.answer(turn)
    await talk.press(turn, "rate", good="1")
    assert await page.nellie.rows("SELECT author_id, good FROM rating") == [(ANA.id, True)]
    for what in ("retry", "stop"):
        refused = await talk.press(turn, what)
        assert refused.status == 403
        assert "who asked" in refused.text


async def test_at_the_machine_the_console_is_answered_where_nobody_else_serves_it(
    start_page: StartPage,
) -> None:
    page = await start_page()

    received = await page.nellie.say(ANA, "when?", channel=KITCHEN, session="a-console")
    await page.nellie.parts.lanes.idle()

    assert received.turn
    assert await page.nellie.texts(KITCHEN) == ["when?", "You said: when?"]
    browser = await page.operator()
    text = await Talk(browser, f"/chat/{await page.nellie.channel_id(KITCHEN)}").look()
    assert "You said: when?" in text


@pytest.mark.parametrize("allows", ["1", "0"])
async def test_what_a_tool_may_change_is_decided_by_a_button(
    start_page: StartPage, allows: str
) -> None:
    box = mailbox()
    model = ScriptedModel(calls(send("rent")), says("That is that."))
    page = await start_page(model=model, toolbox=box)
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("send it")
    asked = await talk.answer(turn)
    assert "rent" in asked
    [question] = _questions(asked)
    assert _questions(await talk.look()) == [question]  # as after a reload

    answer = await talk.press(turn, "consent", question=question, allows=allows)

    later = int(answer.headers["Location"].rpartition("-")[2])
    assert later != turn
    assert "That is that." in await talk.answer(later)
    assert len(box.called) == int(allows)
    text = await talk.look()
    assert "That is that." in text
    assert _questions(text) == []
    again = await talk.press(turn, "consent", question=question, allows="1")
    assert again.status == 400
    assert "decided already" in again.text
    assert len(box.called) == int(allows)


async def test_a_private_question_has_its_tools_decided_at_the_page(
    start_page: StartPage, platform: FakePlatform
) -> None:
    box = mailbox()
    model = ScriptedModel(calls(send("rent")), says("It is sent."))
    page = await start_page(platform=platform, model=model, toolbox=box)
    await page.nellie.say(BOB, "the rent is due")
    talk = await general(page, await page.signed_in(ANA))
    turn = await talk.ask("send it")
    [question] = _questions(await talk.answer(turn))
    assert _questions(await talk.look()) == [question]
    other = await general(page, await page.signed_in(BOB))
    refused = await other.press(turn, "consent", question=question, allows="1")
    assert refused.status == 404

    answer = await talk.press(turn, "consent", question=question, allows="1")

    later = int(answer.headers["Location"].rpartition("-")[2])
    assert "It is sent." in await talk.answer(later)
    assert len(box.called) == 1
    assert platform.started == []
    assert "It is sent." in await talk.look()


async def test_a_question_of_another_turn_is_nobodys(start_page: StartPage) -> None:
    page = await start_page(model=ScriptedModel(calls(send("rent"))), toolbox=mailbox())
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("send it")
    [question] = _questions(await talk.answer(turn))

    for given in (("x", "1"), (question, "2"), ("999999", "1"), ("", "")):
        refused = await talk.press(turn, "consent", question=given[0], allows=given[1])
        assert refused.status == 404
    assert (await talk.press(turn + 1, "consent", question=question, allows="1")).status == 404


async def test_commands_are_answered_and_not_remembered(page: PageUnderTest) -> None:
    talk = await Talk.begin(await page.signed_in(ANA))

    answer = await talk.say("/help")

    assert answer.status == 200
    assert "/memory" in answer.text
    assert await page.nellie.rows("SELECT count(*) FROM turn") == [(0,)]
    wrong = await talk.say("/nonsense")
    assert wrong.status == 422
    assert "I do not know /nonsense" in wrong.text
    assert await page.nellie.rows("SELECT action FROM audit") == [("signed in",)]


async def test_a_command_that_asks_first_is_confirmed_by_a_button(page: PageUnderTest) -> None:
    talk = await Talk.begin(await page.signed_in(ANA))
    await talk.answer(await talk.ask("the harbour opens at nine"))

    asks = await talk.say("/memory forget all")
    shape = Shape(asks.text)
    [confirmed] = [
        one["value"] for one in shape.all("input") if (one.get("value") or "").startswith("/memory")
    ]
    assert "harbour" in await talk.look()
    assert confirmed
    done = await talk.say(confirmed)

    assert "orgotten" in done.text
    assert "forgot everything" in (await talk.browser.get("/changes")).text
    assert "harbour" not in await talk.look()


async def test_an_export_is_a_file(page: PageUnderTest) -> None:
    talk = await Talk.begin(await page.signed_in(ANA))
    await talk.answer(await talk.ask("the harbour opens at nine"))

    answer = await talk.say("/memory export")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "the harbour opens at nine" in answer.text


async def test_no_path_of_the_machine_is_read(page: PageUnderTest) -> None:
    talk = await Talk.begin(await page.operator(), "kitchen")

    answer = await talk.say("/docs add /etc/hostname")

    assert answer.status == 422
    assert "whole address" in answer.text


async def test_who_has_no_rights_changes_nothing_by_a_command(
    start_page: StartPage, platform: FakePlatform
) -> None:
    page = await start_page(platform=platform)
    await page.nellie.say(BOB, "the harbour opens at nine")
    talk = await general(page, await page.signed_in(ANA))

    answer = await talk.say("/memory forget all")

    assert answer.status == 422
    assert await page.nellie.texts() == ["the harbour opens at nine"]


async def test_who_is_forgotten_has_no_conversations(
    start_page: StartPage, platform: FakePlatform
) -> None:
    page = await start_page(platform=platform)
    talk = await Talk.begin(await page.signed_in(ANA), "my divorce")
    await talk.answer(await talk.ask("the falcon lands on friday"))
    others = await Talk.begin(await page.signed_in(BOB), "of bob")
    await others.answer(await others.ask("the harbour opens at nine"))

    reply = await page.nellie.run_command("memory forget me")
    await page.nellie.run_command(f"memory {reply.confirm}")

    for trace in ("falcon", "divorce"):
        assert await page.nellie.find_traces(trace) == []
    assert "of bob" in await others.look()
    assert "harbour" in await others.look()
    assert (await talk.browser.get(talk.path)).headers["Location"] == "/sign-in"


async def test_what_a_platform_has_forgotten_is_not_kept_by_a_stream(page: PageUnderTest) -> None:
    talk = await Talk.begin(await page.signed_in(ANA))
    turn = await talk.ask("the falcon lands on friday")
    await talk.answer(turn)

    channel = Channel("web", owner_of("fake", ANA.id), "", "")
    state = await page.nellie.parts.stores.channels.state(talk.channel_id)
    assert state.channel.workspace == channel.workspace
    await page.nellie.parts.stores.message_edits.forget(talk.channel_id, [1])

    assert "falcon" not in await talk.look()
    assert "falcon" not in await talk.answer(turn)


async def test_while_the_database_is_away_what_was_typed_is_kept(
    page: PageUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.domain.errors import DatabaseUnavailable

    talk = await Talk.begin(await page.signed_in(ANA))
    inbox = page.nellie.parts.inbox

    async def refuse(message: object) -> None:
        raise DatabaseUnavailable(reason="it is away")

    with monkeypatch.context() as patched:
        patched.setattr(type(inbox.acceptance), "receive", lambda self, message: refuse(message))
        answer = await talk.say("when?", "0" * 32)
    assert answer.status == 503
    assert "when?" in answer.text
    assert 'value="00000000000000000000000000000000"' in answer.text

    assert (await talk.say("when?", "0" * 32)).status == 303


async def test_while_the_database_is_away_the_stream_says_so_and_comes_back(
    start_page: StartPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.domain.errors import DatabaseUnavailable

    gate = asyncio.Event()
    answers = await start_page(model=ScriptedModel(waits(gate, says("At nine."))))
    looks = await start_page()
    talk = await Talk.begin(await answers.signed_in(ANA))
    turn = await talk.ask("when?")
    there = await looks.signed_in(ANA)
    store, away = looks.nellie.parts.stores.page_chat, [False]
    turn_of = type(store).turn

    async def look(self: object, *given: object) -> object:
        if self is store and away[0]:
            raise DatabaseUnavailable(reason="it is away")
        return await turn_of(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(type(store), "turn", look)
    async with aclosing(there.events(f"/chat/turns/{turn}/events")) as events:
        await anext(events)
        away[0] = True
        _, html = await anext(events)
        assert "The database does not answer" in html
        away[0] = False
        gate.set()
        last = [one async for one in events][-1]
    assert last[0] == "done"
    assert "At nine." in last[1]


def _questions(html: str) -> list[str]:
    """The questions that can be decided there."""
    return [one["value"] or "" for one in Shape(html).all("input") if one.get("name") == "question"]


async def test_a_reminder_stands_in_its_conversation_once_it_is_due(page: PageUnderTest) -> None:
    talk = await Talk.begin(await page.signed_in(ANA))
    parts, now = page.nellie.parts, datetime.now(UTC)
    channel = (await parts.stores.channels.state(talk.channel_id)).channel
    for text, at in (("feed the cat", now), ("pay the rent", now + timedelta(hours=1))):
        new = NewReminder(
            channel_id=talk.channel_id, channel=channel, person=ANA, text=text, at=at, zone="UTC"
        )
        await parts.stores.reminders.add(new)

    await parts.jobs.open_reminders()
    text = await talk.look()

    assert "feed the cat" in text
    assert "pay the rent" not in text
    [done] = [
        one["value"] or ""
        for one in Shape(text).all("input")
        if (one.get("value") or "").startswith("/remind")
    ]
    await talk.say(done)
    assert "feed the cat" not in await talk.look()
