"""What people do in Slack, and what they get: talk, commands, shortcuts, buttons, her home."""

import asyncio
import json

import pytest
from doubles.model import Actor, breaks, says, stalls
from doubles.office import Move, Office
from doubles.slack import BOT_ID, Slack

from bot.errors import ModelTimeout


async def test_a_mention_is_answered_in_its_thread_and_nothing_pings_or_unfurls(
    office: Office,
) -> None:
    slack = office.slack

    ts = slack.say("U1", "C1", "@nellie say <!channel> and https://a.example")
    await office.quiet()

    assert len(slack.answers("C1", ts)) == 1
    assert slack.pings == []
    assert slack.unfurled == []
    [post] = slack.posts("C1", ts)
    assert post["metadata"]["event_type"] == "nellie_answer"
    assert set(post["metadata"]["event_payload"]) == {"turn_id", "part"}


async def test_a_direct_message_is_answered(office: Office) -> None:
    ts = office.slack.dm("U2", "hello")
    await office.quiet()

    assert office.slack.answers(office.slack.direct("U2").id, ts) == ["You said: hello"]


async def test_who_was_answered_may_go_on_without_a_mention(office: Office) -> None:
    slack = office.slack
    ts = slack.say("U1", "C1", "@nellie hello")
    await office.quiet()

    slack.say("U1", "C1", "and now?", thread=ts)
    slack.say("U2", "C1", "I was not asked", thread=ts)
    slack.say("U1", "C1", "@bob what do you think?", thread=ts)
    await office.quiet()

    assert slack.answers("C1", ts) == ["You said: hello", "You said: and now?"]


async def test_other_bots_are_not_answered_unless_allowed(move_in: Move) -> None:
    async with Slack() as slack:
        office = await move_in(slack, environ={"NELLIE_SLACK_BOTS": "B3"})

        deaf = slack.bot_says("C1", "@nellie hello", bot="B2")
        heard = slack.bot_says("C1", "@nellie hello", bot="B3")
        await office.quiet()

        assert slack.answers("C1", deaf) == []
        assert len(slack.answers("C1", heard)) == 1


async def test_a_broadcast_reply_is_remembered_once(office: Office) -> None:
    slack = office.slack
    ts = slack.say("U1", "C1", "a root")

    slack.say("U2", "C1", "for all of you", thread=ts, broadcast=True)
    await office.quiet()

    assert (await office.remembered()).count("for all of you") == 1


async def test_edits_and_deletions_are_honoured_and_unfurls_are_not_edits(office: Office) -> None:
    slack = office.slack
    kept = slack.say("U1", "C1", "the key is here")
    gone = slack.say("U1", "C1", "never mind")
    await slack.settled()

    slack.edit("C1", kept, "the key is there")
    slack.unfurl("C1", kept)
    slack.delete("C1", gone)
    await slack.settled()

    texts = await office.remembered()
    assert "the key is there" in texts
    assert "the key is here" not in texts
    assert "never mind" not in texts


async def test_her_own_answers_are_not_rewritten_by_their_own_changes(office: Office) -> None:
    slack = office.slack
    ts = slack.say("U1", "C1", "@nellie hello")
    await office.quiet()

    [post] = slack.posts("C1", ts)
    slack.unfurl("C1", post["ts"])
    await slack.settled()

    assert "You said: hello" in await office.remembered()


async def test_text_files_are_read_and_others_named(office: Office) -> None:
    files = [("plan.txt", b"the harbour opens at nine"), ("cat.png", b"\x89PNG")]

    office.slack.say("U1", "C1", "look at these", files=files)
    await office.slack.settled()

    [text] = [one for one in await office.remembered() if one.startswith("look at these")]
    assert "[file: plan.txt]\nthe harbour opens at nine" in text
    assert "[file: cat.png, not read: " in text


@pytest.mark.parametrize("line", ["help", "", "memory show", "usage", "model show", "persona show"])
async def test_commands_are_answered_to_the_asker_alone(office: Office, line: str) -> None:
    slack = office.slack
    before = len(slack.visible("C1"))

    slack.command("U2", "C1", line)
    await slack.until(lambda: slack.private("U2"))

    assert len(slack.private("U2")) == 1
    assert len(slack.visible("C1")) == before


async def test_what_ask_is_answered_is_private_and_not_remembered(office: Office) -> None:
    slack = office.slack

    slack.command("U1", "C1", "ask where is the disk?")
    await slack.until(lambda: slack.private("U1"))
    await office.quiet()

    assert slack.private("U1") == ["You said: where is the disk?"]
    assert slack.answers("C1") == [one for one in slack.answers("C1") if "I am Nellie" in one]
    assert not [text for text in await office.remembered() if "disk" in text]


async def test_a_question_without_words_and_an_unknown_command_are_explained(
    office: Office,
) -> None:
    slack = office.slack

    slack.command("U1", "C1", "ask")
    slack.command("U1", "C1", "dance")
    await slack.until(lambda: len(slack.private("U1")) == 2)

    assert any("/nellie ask where" in one for one in slack.private("U1"))
    assert any("/nellie dance" in one or "/dance" in one for one in slack.private("U1"))


async def test_forgetting_asks_first(office: Office) -> None:
    slack = office.slack
    slack.say("U1", "C1", "a secret")
    await slack.settled()

    slack.command("U1", "C1", "memory forget me")
    await slack.until(lambda: slack.private("U1"))
    assert "a secret" in await office.remembered()
    [question] = slack.whispers
    slack.press("U1", "C1", question, "confirm")
    await slack.until(lambda: len(slack.private("U1")) > 1)

    assert "Forgotten" in slack.private("U1")[-1]
    assert "a secret" not in await office.remembered()


async def test_rights_are_slacks_own(office: Office) -> None:
    slack = office.slack

    slack.command("U2", "C1", "persona set a pirate")
    await slack.until(lambda: slack.private("U2"))
    slack.command("U1", "C1", "persona set a pirate")
    await slack.until(lambda: any("who I am" in one for one in slack.visible("C1")))

    assert "Nothing was changed" in slack.private("U2")[0]


async def test_an_export_goes_to_the_askers_own_messages(office: Office) -> None:
    slack = office.slack
    slack.say("U2", "C1", "something to keep")
    await slack.settled()

    slack.command("U1", "C1", "memory export")
    await slack.until(lambda: slack.private("U1"))

    assert "The file is in your messages" in slack.private("U1")[0]
    assert any(b"something to keep" in content for _, content in slack.files.values())


async def test_where_she_is_not_she_says_so(office: Office) -> None:
    slack = office.slack
    room = slack.channel("elsewhere", nellie=False)

    slack.command("U1", room, "memory show")
    await slack.until(lambda: slack.private("U1"))

    assert "/invite @Nellie" in slack.private("U1")[0]


async def test_asks_about_a_message_in_a_window(office: Office) -> None:
    slack = office.slack
    ts = slack.say("U2", "C1", "we sail at dawn")
    await slack.settled()

    slack.shortcut("U1", "C1", ts, "ask_about")
    await slack.until(lambda: slack.modals)

    assert "we sail at dawn" in json.dumps(list(slack.modals.values()))


async def test_summarizes_a_thread_for_the_asker(office: Office) -> None:
    slack = office.slack
    ts = slack.say("U2", "C1", "we sail at dawn")
    slack.say("U1", "C1", "aye", thread=ts)
    await slack.settled()

    slack.shortcut("U1", "C1", ts, "summarize_thread")
    await slack.until(lambda: slack.private("U1"))

    assert "we sail at dawn" in slack.private("U1")[0]
    assert "aye" in slack.private("U1")[0]


async def test_opinions_are_kept_with_the_turn(office: Office) -> None:
    slack = office.slack
    ts = slack.say("U1", "C1", "@nellie hello")
    await office.quiet()
    [post] = slack.posts("C1", ts)
    turn = post["metadata"]["event_payload"]["turn_id"]

    slack.press("U1", "C1", post["ts"], "rate_answer", f"good {turn}")
    await slack.settled()

    assert await office.rows("SELECT turn_id FROM rating") == [(turn,)]


async def test_her_home_shows_each_person_their_channels_only(office: Office) -> None:
    slack = office.slack
    slack.say("U1", "C1", "hello all")
    await slack.settled()

    slack.open_home("U1")
    await slack.until(lambda: "U1" in slack.homes)
    stranger = slack.person("dora").id
    slack.open_home(stranger)
    await slack.until(lambda: stranger in slack.homes)

    assert "#general" in json.dumps(slack.homes["U1"])
    assert "I remember" in json.dumps(slack.homes["U1"])
    assert "#general" not in json.dumps(slack.homes[stranger])


async def test_prompts_are_offered_when_her_messages_open(office: Office) -> None:
    office.slack.open_home("U1", "messages")
    await office.slack.until(lambda: office.slack.prompts)

    assert "Catch me up" in next(iter(office.slack.prompts.values()))


async def test_introduces_herself_once_where_she_is_invited(office: Office) -> None:
    slack = office.slack
    room = slack.channel("new", nellie=False)
    slack.say("U1", room, "before she came")

    slack.invite(room)
    await slack.until(lambda: slack.answers(room))
    slack.kick(room)
    slack.invite(room)
    await slack.settled()

    async with asyncio.timeout(60):
        while "before she came" not in await office.remembered():  # noqa: ASYNC110  # a database
            await asyncio.sleep(0.05)
    assert len(slack.answers(room)) == 1


async def test_catches_up_with_what_was_said_while_she_was_away(office: Office) -> None:
    slack = office.slack
    slack.quiet = True
    root = slack.say("U2", "C1", "said to nobody")
    asked = slack.say("U1", "C1", "@nellie are you there?")
    slack.say("U1", "C1", "in a thread", thread=root)
    slack.quiet = False

    await slack.sockets.disconnect("refresh_requested")
    await slack.until(lambda: slack.answers("C1", asked))
    await office.quiet()

    assert {"said to nobody", "in a thread"} <= set(await office.remembered())
    assert slack.answers("C1", asked) == ["You said: are you there?"]


async def test_says_once_that_she_was_taken_out(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.slack.uninstall()
    await office.slack.until(lambda: office.running.done())

    assert office.running.exception() is None


async def test_works_without_streams_and_agents(move_in: Move) -> None:
    async with Slack(streaming=False, agents=False) as slack:
        office = await move_in(slack)

        assert await office.ask("@nellie hello") == ["You said: hello"]
        assert all(one["bot_id"] == BOT_ID for one in slack.posts("C1"))


async def test_an_answer_that_failed_can_be_asked_for_again_in_its_place(move_in: Move) -> None:
    office = await move_in(model=Actor(breaks(ModelTimeout(model="m", seconds=1)), says("Here.")))
    slack = office.slack
    ts = slack.say("U1", "C1", "@nellie where is it?")
    await office.quiet()
    [failed] = slack.answers("C1", ts)
    assert failed.startswith("I could not answer this.")
    [post] = slack.posts("C1", ts)

    pressed = slack.press("U2", "C1", post["ts"], "answer_again")
    await slack.until(lambda: slack.answers("C1", ts) == ["Here."])
    await office.quiet()

    assert pressed.acknowledged
    [post] = slack.posts("C1", ts)
    assert "answer_again" not in json.dumps(post["blocks"])


async def test_who_waits_behind_others_is_told_how_many_are_before_them(move_in: Move) -> None:
    office = await move_in(model=Actor(stalls("first"), says("done")), concurrency=1)
    slack = office.slack
    slack.say("U1", "C1", "@nellie one")
    await office.model.begun.wait()

    second = slack.say("U2", "C1", "@nellie two")
    third = slack.say("U3", "C1", "@nellie three")
    told = "is waiting (1 before you)..."
    await slack.until(lambda: told in str(slack.statuses))

    for turn in list(office.engine.lanes._runs)[:1]:
        await office.engine.stop(turn)
    await office.quiet()
    assert slack.answers("C1", second) == slack.answers("C1", third) == ["done"]


async def test_health_checks_are_told_whether_she_hears_slack(office: Office) -> None:
    assert office.adapter.connected()

    office.running.cancel()
    await asyncio.gather(office.running, return_exceptions=True)

    assert not office.adapter.connected()
