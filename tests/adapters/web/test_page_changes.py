"""What is changed from the page: by whom, what stays, and what the list of changes says of it."""

import asyncio
import re

import pytest
from doubles.page import Answer, Browser, PageUnderTest, StartPage, page_under_test
from doubles.page_chat import Talk

from bot.domain.model import Author, Channel
from bot.gateway.teammate.rights import REMEMBERED
from bot.page.change_kinds import KINDS
from bot.page.changing import Changing
from bot.store import schema
from bot.store.audit import Audit
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embedded_postgres import server as embedded
from bot.testing import ANA, BOB, CARL
from bot.testing.fake_platform import FakePlatform
from bot.testing.postgres import HASTY, temporary_folder

SECRET = Channel("fake", "team", "C2", "takeover-plans")
KITCHEN = Channel("console", "local", "kitchen", "kitchen")
YOU = Author("you", "you")
NEEDS_RIGHTS = {
    *("forget-since", "forget-words", "forget-all", "retention", "rebuild", "persona"),
    *("persona-clear", "model", "model-clear", "tools-on", "tools-off", "digest"),
}
OWN = ("persona", "retention", "model", "tools-on", "digest", "opt-out", "opt-in", "forget-all")
WORDS = {
    "forget-message": "2",
    "forget-since": "9d",
    "forget-words": "harbour",
    "retention": "30",
    "persona": "a pirate",
    "model": "extractive",
    "tools-on": "now",
    "tools-off": "now",
    "digest": "daily 09:00 UTC",
    "reminder-cancel": "999",
    "docs-add": "https://example.org/a.pdf",
    "docs-forget": "terms.pdf",
}


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """Ana and Bob talk in a channel, and Bob in another one; Ana has rights, Carl is an admin."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}, "C2": {BOB.id}}
    platform.admins = {ANA.id}
    page = await start_page(platform=platform, admins=(CARL.id,))
    await page.nellie.say(ANA, "the harbour opens at nine")
    await page.nellie.say(BOB, "the falcon lands on friday")
    await page.nellie.say(BOB, "a merger is near", channel=SECRET)
    return page


async def change(browser: Browser, channel_id: int, kind: str, words: str = "") -> Answer:
    """Send a form, and press yes where that is asked."""
    path = f"/channels/{channel_id}/settings"
    answer = await browser.post(path, {"do": kind, "words": words})
    if confirm := re.search(r'name="confirmed" value="([^"]*)"', answer.text):
        answer = await browser.post(path, {"do": kind, "confirmed": confirm[1]})
    return answer


async def audited(page: PageUnderTest) -> list[tuple[str, str]]:
    """The list of changes, the newest first."""
    rows = await page.nellie.rows(
        "SELECT action, what FROM audit WHERE action NOT LIKE 'signed%' ORDER BY id DESC"
    )
    return [(action, what) for action, what in rows]


async def test_a_message_is_forgotten_after_a_yes(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(BOB), await page.nellie.channel_id()
    timeline = (await browser.get(f"/channels/{id_}")).text
    assert 'aria-label="forget… message 2"' in timeline
    path = f"/channels/{id_}/settings"

    asked = await browser.post(path, {"do": "forget-message", "words": "2"})
    assert "This forgets 1 message with the number 2" in asked.text
    assert await page.nellie.texts() == ["the harbour opens at nine", "the falcon lands on friday"]
    assert await audited(page) == []

    done = await change(browser, id_, "forget-message", "2")

    assert (done.status, "Forgotten: 1 message" in done.text) == (200, True)
    assert await page.nellie.texts() == ["the harbour opens at nine"]
    assert await audited(page) == [("forgot a message", "1 message")]
    listed = (await browser.get("/changes?action=forgot+a+message")).text
    assert "forgot a message: 1 message in <a" in listed
    assert "signed in</td>" not in listed


async def test_what_is_asked_at_the_page_is_no_question_in_the_channel(
    page: PageUnderTest,
) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    await browser.post(f"/channels/{id_}/settings", {"do": "forget-all"})
    await page.nellie.say(ANA, "yes", addressed=True)

    assert len(await page.nellie.texts()) >= 3


@pytest.mark.parametrize("kind", KINDS)
async def test_without_rights_one_changes_what_is_ones_own(page: PageUnderTest, kind: str) -> None:
    browser, id_ = await page.signed_in(BOB), await page.nellie.channel_id()
    before = await page.nellie.rows("SELECT persona, model, retention, uses_tools FROM channel")

    answer = await change(browser, id_, kind, WORDS.get(kind, ""))

    if kind in NEEDS_RIGHTS:
        assert answer.status == 403
        assert "Only people with rights over this channel" in answer.text
        assert len(await page.nellie.texts()) == 2
        assert await audited(page) == []
    else:
        assert answer.status in (200, 400)
    after = await page.nellie.rows("SELECT persona, model, retention, uses_tools FROM channel")
    assert after == before


@pytest.mark.parametrize("kind", sorted(NEEDS_RIGHTS))
async def test_with_rights_each_change_is_done_and_listed(page: PageUnderTest, kind: str) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    answer = await change(browser, id_, kind, WORDS.get(kind, ""))

    assert answer.status == 200, answer.text
    [(action, what)] = await audited(page)
    assert action == KINDS[kind].action
    for words in ("harbour", "falcon", "pirate"):
        assert words not in what
    shown = (await browser.get(f"/changes?action={action.replace(' ', '+')}")).text
    assert f"<td>{action}" in shown


async def test_rights_are_asked_of_the_platform_each_time(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    assert (await change(browser, id_, "persona", "a pirate")).status == 200

    page.nellie.platform.admins.clear()

    assert (await change(browser, id_, "persona", "a parrot")).status == 403
    assert "Who she is to be" not in (await browser.get(f"/channels/{id_}/settings")).text
    assert (await page.nellie.channel_state()).persona == "a pirate"


async def test_where_the_platform_does_not_say_nothing_is_changed(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    assert (await browser.get(f"/channels/{id_}/settings")).status == 200
    page.nellie.platform.away = True

    answer = await change(browser, id_, "persona", "a pirate")
    shown = await browser.get(f"/channels/{id_}/settings")

    assert (answer.status, "does not say just now" in answer.text) == (503, True)
    assert (await page.nellie.channel_state()).persona is None
    assert await audited(page) == []
    assert (shown.status, "people with rights over this channel" in shown.text) == (200, True)


@pytest.mark.parametrize("person", [ANA, CARL], ids=["no member", "an admin, and no member"])
@pytest.mark.parametrize("kind", KINDS)
async def test_who_does_not_read_a_channel_changes_nothing_there(
    page: PageUnderTest, person: Author, kind: str
) -> None:
    browser, id_ = await page.signed_in(person), await page.nellie.channel_id(SECRET)

    answers = [
        await change(browser, id_, kind, WORDS.get(kind, "")),
        await browser.get(f"/channels/{id_}/settings"),
        await browser.get(f"/channels/{id_}/documents"),
    ]

    assert [one.status for one in answers] == [404] * 3
    assert await page.nellie.texts(SECRET) == ["a merger is near"]
    assert await audited(page) == []


async def test_who_left_the_channel_changes_nothing_there(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    page.nellie.platform.readers["C1"].clear()
    page.later(REMEMBERED)

    assert (await change(browser, id_, "forget-all")).status == 404
    assert len(await page.nellie.texts()) == 2


async def test_of_another_platform_one_changes_nothing(page: PageUnderTest) -> None:
    operator, id_ = await page.operator(), await page.nellie.channel_id()

    assert (await change(operator, id_, "forget-all")).status == 404
    assert len(await page.nellie.texts()) == 2


async def test_at_the_machine_one_has_all_rights_over_its_channels(page: PageUnderTest) -> None:
    await page.nellie.say(YOU, "the kettle is new", channel=KITCHEN)
    operator, id_ = await page.operator(), await page.nellie.channel_id(KITCHEN)

    answers = [
        await change(operator, id_, "persona", "a cook"),
        await change(operator, id_, "docs-add", "/etc/passwd"),
    ]

    assert [one.status for one in answers] == [200, 400]
    assert "Write the whole address" in answers[1].text
    assert (await page.nellie.channel_state(KITCHEN)).persona == "a cook"


async def test_in_a_conversation_of_ones_own_one_has_all_rights(page: PageUnderTest) -> None:
    bob = await page.signed_in(BOB)
    talk = await Talk.begin(bob)
    await talk.answer(await talk.ask("When does the harbour open?"))

    own = [await change(bob, talk.channel_id, kind, WORDS.get(kind, "")) for kind in OWN]
    others = [
        await change(await page.signed_in(one), talk.channel_id, "forget-all")
        for one in (ANA, CARL)
    ]

    assert [one.status for one in own] == [200] * len(OWN)
    assert [one.status for one in others] == [404, 404]
    state = await page.nellie.parts.stores.channels.state(talk.channel_id)
    assert (state.persona, await page.nellie.texts(state.channel)) == ("a pirate", [])


async def test_opting_out_of_a_channel_leaves_one_signed_in_and_named(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(BOB), await page.nellie.channel_id()
    other = await page.signed_in(BOB)

    answer = await change(browser, id_, "opt-out")

    assert "I remember nothing that you say here" in answer.text
    assert [one.status for one in (await browser.get("/you"), await other.get("/you"))] == [200] * 2
    names = await page.nellie.rows("SELECT DISTINCT name FROM audit")
    assert names == [(BOB.name,)]


async def test_forgetting_oneself_signs_one_out_and_takes_the_name_away(
    page: PageUnderTest,
) -> None:
    browser, id_ = await page.signed_in(BOB), await page.nellie.channel_id()

    answer = await change(browser, id_, "forget-mine")

    assert "Forgotten: 1 message" in answer.text
    assert (await browser.get("/you")).headers["Location"] == "/sign-in"
    assert await page.nellie.rows("SELECT DISTINCT person_id, name FROM audit") == [("", "")]


@pytest.mark.parametrize("chosen", ["extractive", "ollama/llama3.2"])
async def test_only_what_can_be_done_in_a_place_is_offered_there(
    page: PageUnderTest, chosen: str
) -> None:
    talk = await Talk.begin(await page.signed_in(BOB))
    channels = page.nellie.parts.stores.channels
    channel_id = await page.nellie.channel_id()
    for one in (channel_id, talk.channel_id):
        await channels.set_model(one, chosen)
    quotes = chosen == "extractive"

    bob = await page.signed_in(BOB)
    channel = (await bob.get(f"/channels/{channel_id}/settings")).text
    own = (await bob.get(f"/channels/{talk.channel_id}/settings")).text
    listed = (await page.nellie.run_command("remind list", BOB)).text

    assert ('id="digest"' in channel, 'id="digest"' in own) == (True, False)
    for text in (channel, own, listed):
        assert ("Reminders need a language model" in text) == quotes
        assert ("remind me tomorrow at 9" in text) != quotes


async def test_who_was_signed_out_meanwhile_changes_nothing(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    other = await page.signed_in(ANA)
    await other.post("/sign-out", {"everywhere": "1"})

    answer = await change(browser, id_, "persona", "a pirate")

    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert (await page.nellie.channel_state()).persona is None


async def test_another_sites_form_changes_nothing(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    answer = await browser.post(
        f"/channels/{id_}/settings", {"do": "opt-out"}, Origin="https://evil.example"
    )

    assert answer.status == 403
    assert await page.nellie.rows("SELECT * FROM optout") == []


async def test_a_form_that_is_sent_twice_is_carried_out_once(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    form = {"do": "persona", "words": "a pirate", "once": "A" * 22}

    answers = await asyncio.gather(
        *(browser.post(f"/channels/{id_}/settings", form) for _ in range(5))
    )

    assert sorted(one.status for one in answers) == [200, 409, 409, 409, 409]
    assert len(await audited(page)) == 1


async def test_what_was_refused_may_be_sent_again(page: PageUnderTest) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    form = {"do": "model", "words": "no such model", "once": "A" * 22}
    path = f"/channels/{id_}/settings"

    refused = await browser.post(path, form)
    again = await browser.post(path, {**form, "words": "extractive"})

    assert [refused.status, again.status] == [400, 200]


async def test_two_people_may_change_the_same_at_once(page: PageUnderTest) -> None:
    id_ = await page.nellie.channel_id()
    page.nellie.platform.admins.add(BOB.id)
    browsers = [await page.signed_in(one) for one in (ANA, BOB)]

    answers = await asyncio.gather(
        *(change(one, id_, "persona", "a pirate") for one in browsers),
        *(change(one, id_, "forget-all") for one in browsers),
    )

    assert [one.status for one in answers] == [200] * 4
    assert await page.nellie.texts() == []


async def test_a_browser_that_goes_away_breaks_nothing_off(
    page: PageUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    begin, begun = Audit.begin, asyncio.Event()
    finish, finished = Audit.finish, asyncio.Event()

    async def slowly(self: Audit, *given: object, **more: object) -> object:
        begun.set()
        await asyncio.sleep(0.2)
        return await begin(self, *given, **more)  # type: ignore[arg-type]

    async def tell(self: Audit, entry: int, what: str) -> None:
        await finish(self, entry, what)
        finished.set()

    monkeypatch.setattr(Audit, "begin", slowly)
    monkeypatch.setattr(Audit, "finish", tell)
    sending = asyncio.create_task(change(browser, id_, "persona", "a pirate"))
    await begun.wait()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await asyncio.wait_for(finished.wait(), 20)
    assert (await page.nellie.channel_state()).persona == "a pirate"


async def test_where_the_end_is_not_known_the_list_says_so(
    page: PageUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    async def fail(self: Changing, *given: object) -> None:
        raise RuntimeError("the machine is gone")

    monkeypatch.setattr(Audit, "finish", fail)
    answer = await change(browser, id_, "persona", "a pirate")

    assert answer.status == 500
    assert "it is not known whether it was done" in (await browser.get("/changes")).text


async def test_an_admin_sees_what_others_change_and_not_where(page: PageUnderTest) -> None:
    bob, carl = await page.signed_in(BOB), await page.signed_in(CARL)
    page.nellie.platform.admins.add(BOB.id)
    await change(bob, await page.nellie.channel_id(SECRET), "persona", "a pirate")

    shown, own = (await carl.get("/changes")).text, (await bob.get("/changes")).text

    assert "set who she is: 8 characters" in shown
    assert "takeover-plans" not in shown
    assert "takeover-plans" in own
    assert "pirate" not in shown + own


async def test_who_had_themselves_forgotten_is_somebody_in_the_list(page: PageUnderTest) -> None:
    bob, carl = await page.signed_in(BOB), await page.signed_in(CARL)

    answer = await change(bob, await page.nellie.channel_id(), "forget-mine")

    assert answer.status == 200
    shown = (await carl.get("/changes")).text
    assert "forgot what they said: 1 message" in shown
    assert f"<td>{BOB.name}" not in shown
    assert (await bob.get("/you")).status == 303
    assert await page.nellie.texts() == ["the harbour opens at nine"]


@pytest.mark.parametrize(
    ("kind", "words", "says"),
    [
        ("forget-words", "", "Which words?"),
        ("forget-words", "   ", "Which words?"),
        ("forget-words", "harbour yes-1", "Leave out"),
        ("persona", "x" * 5_000, "longer than 4,000 characters"),
        ("persona", "x" * 3_000, "1 to 2,000 characters"),
        ("retention", "-5", "For how long?"),
        ("digest", "now and then", "daily"),
        ("tools-on", "no_such_tool", "There is no tool called"),
        ("reminder-cancel", "9" * 40, "Which one?"),
        ("docs-add", "javascript://x", ""),
        ("docs-add", "file:///etc/passwd", ""),
        ("docs-forget", "<script>alert(1)</script>", "I know no document called"),
    ],
)
async def test_what_cannot_be_done_is_told(
    page: PageUnderTest, kind: str, words: str, says: str
) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    answer = await change(browser, id_, kind, words)

    assert (answer.status, says in answer.text) == (400, True), answer.text
    assert "<script>alert" not in answer.text
    assert await audited(page) == []
    assert len(await page.nellie.texts()) == 2


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "key"},
        {"do": "forget"},
        {"do": "forget-mine", "confirmed": "retention 1 yes-1"},
        {"do": "forget-mine", "confirmed": "forget all"},
        {"do": "' OR 1=1 --"},
        {"do": "opt-out" * 1_000},
    ],
)
async def test_what_no_form_of_ours_sends_does_nothing(
    page: PageUnderTest, form: dict[str, str]
) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    assert (await browser.post(f"/channels/{id_}/settings", form)).status == 404
    assert await audited(page) == []


SCRIPTS = ["سجل القطط", "猫の日記", "🐈 \u202e cat", "<b>bold</b>", "a\x00b"]


@pytest.mark.parametrize("words", SCRIPTS)
async def test_words_of_every_script_come_as_they_are(page: PageUnderTest, words: str) -> None:
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    answer = await change(browser, id_, "persona", words)

    assert answer.status == 200
    shown = (await browser.get(f"/channels/{id_}/settings")).text
    assert "<b>bold" not in shown
    assert "\u202e" not in shown


async def test_a_database_that_goes_away_in_mid_change_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_persona = Channels.set_persona
    with temporary_folder(in_memory=True) as folder:
        server = embedded.start(folder / "home", settings=HASTY)
        database = Database(server.address("postgres"))
        await schema.migrate(database)
        async with page_under_test(database) as page:
            await page.nellie.say(YOU, "the kettle is new", channel=KITCHEN)
            browser, id_ = await page.operator(), await page.nellie.channel_id(KITCHEN)

            async def lose(self: Channels, channel_id: int, persona: str | None) -> None:
                await asyncio.to_thread(server.stop)
                await set_persona(self, channel_id, persona)

            monkeypatch.setattr(Channels, "set_persona", lose)
            lost = await change(browser, id_, "persona", "a cook")
            away = await change(browser, id_, "persona", "a cook")
            monkeypatch.setattr(Channels, "set_persona", set_persona)
            server = await asyncio.to_thread(embedded.start, folder / "home", settings=HASTY)
            state = await page.nellie.channel_state(KITCHEN)
            told = (await browser.get("/changes")).text
            again = await change(browser, id_, "persona", "a cook")

            assert [lost.status, away.status, again.status] == [503, 503, 200]
            assert "The database does not answer just now" in lost.text
            assert state.persona is None
            assert told.count("it is not known whether it was done") == 1
        await database.close()
        server.stop()
