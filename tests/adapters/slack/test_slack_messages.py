"""Messages in channels, threads and direct messages, and what Nellie answers."""

from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack

from bot.testing import ScriptedModel, says, stalls


async def test_a_mention_is_answered_in_its_thread_and_nothing_pings_or_unfurls(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack

    ts = slack.say("U1", "C1", "@nellie say <!channel> and https://a.example")
    await nellie.wait_until_idle()

    assert len(slack.answers("C1", ts)) == 1
    assert slack.pings == []
    assert slack.unfurled == []
    [post] = slack.posts("C1", ts)
    assert post["metadata"]["event_type"] == "nellie_answer"
    assert set(post["metadata"]["event_payload"]) == {"turn_id", "part"}


async def test_a_direct_message_is_answered(nellie: NellieOnSlack) -> None:
    ts = nellie.slack.dm("U2", "hello")
    await nellie.wait_until_idle()

    assert nellie.slack.answers(nellie.slack.direct("U2").id, ts) == ["You said: hello"]


async def test_a_person_who_was_answered_may_follow_up_without_a_mention(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    ts = slack.say("U1", "C1", "@nellie hello")
    await nellie.wait_until_idle()

    slack.say("U1", "C1", "and now?", thread=ts)
    slack.say("U2", "C1", "I was not asked", thread=ts)
    slack.say("U1", "C1", "@bob what do you think?", thread=ts)
    await nellie.wait_until_idle()

    assert slack.answers("C1", ts) == ["You said: hello", "You said: and now?"]


async def test_other_bots_are_not_answered_unless_allowed(start_nellie: StartNellie) -> None:
    async with Slack() as slack:
        nellie = await start_nellie(slack, environ={"NELLIE_SLACK_BOTS": "B3"})

        deaf = slack.bot_says("C1", "@nellie hello", bot="B2")
        heard = slack.bot_says("C1", "@nellie hello", bot="B3")
        await nellie.wait_until_idle()

        assert slack.answers("C1", deaf) == []
        assert len(slack.answers("C1", heard)) == 1


async def test_a_broadcast_reply_is_remembered_once(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    ts = slack.say("U1", "C1", "a root")

    slack.say("U2", "C1", "for all of you", thread=ts, broadcast=True)
    await nellie.wait_until_idle()

    assert (await nellie.remembered()).count("for all of you") == 1


async def test_edits_and_deletions_are_honoured_and_unfurls_are_not_edits(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    kept = slack.say("U1", "C1", "the key is here")
    gone = slack.say("U1", "C1", "never mind")
    await slack.settled()

    slack.edit("C1", kept, "the key is there")
    slack.unfurl("C1", kept)
    slack.delete("C1", gone)
    await slack.settled()

    texts = await nellie.remembered()
    assert "the key is there" in texts
    assert "the key is here" not in texts
    assert "never mind" not in texts


async def test_an_unfurl_of_an_own_answer_does_not_rewrite_it(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    ts = slack.say("U1", "C1", "@nellie hello")
    await nellie.wait_until_idle()

    [post] = slack.posts("C1", ts)
    slack.unfurl("C1", post["ts"])
    await slack.settled()

    assert "You said: hello" in await nellie.remembered()


async def test_a_waiting_question_shows_how_many_are_before_it(
    start_nellie: StartNellie,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("first"), says("done")), concurrency=1)
    slack = nellie.slack
    slack.say("U1", "C1", "@nellie one")
    await nellie.model.called.wait()

    second = slack.say("U2", "C1", "@nellie two")
    third = slack.say("U3", "C1", "@nellie three")
    status = "is waiting (1 before you)..."
    await slack.until(lambda: status in str(slack.statuses))

    for turn in list(nellie.parts.lanes._worker.runs)[:1]:
        await nellie.parts.turns.stop(turn)
    await nellie.wait_until_idle()
    assert slack.answers("C1", second) == slack.answers("C1", third) == ["done"]
