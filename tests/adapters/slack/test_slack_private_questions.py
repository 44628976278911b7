"""A private question and its answer are for the asker alone, whatever happens between the two."""

import asyncio
from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack
from doubles.slack_server.faults import ALWAYS

from adapters.slack import ephemeral
from adapters.slack.ephemeral import NOTICE
from bot.domain.model import Chunk
from bot.store.turn_listing import TurnListing
from bot.testing import Script, ScriptedModel, says, stalls


class Nothing(dict[str, Any]):
    """Addresses for answers of which none is good."""

    def get(self, key: str, default: Any = None) -> None:
        return None


def says_after(event: asyncio.Event, text: str) -> Script:
    """Says this once the event is set."""
    return lambda prompt: (event, Chunk(text), Chunk("", "stop"))


def ask(slack: Slack, question: str) -> None:
    """Ana asks privately in #general."""
    slack.command("U1", "C1", f"ask {question}")


async def wait_for_turns(nellie: NellieOnSlack, **states: int) -> None:
    """Until there are so many turns in each state."""
    async with asyncio.timeout(60):
        while await nellie.count_turns() != states:  # noqa: ASYNC110  # a database has no event to wait for
            await asyncio.sleep(0.02)


async def ask_twice(nellie: NellieOnSlack) -> None:
    """Ana's second question waits in its lane while the first one is being answered."""
    ask(nellie.slack, "where is the disk?")
    await nellie.model.called.wait()
    ask(nellie.slack, "and the key?")
    await wait_for_turns(nellie, running=1, waiting=1)


def shown_to_others(slack: Slack) -> list[str]:
    """What anybody but Ana can see of the answers."""
    people = [person for person in slack.people if person != "U1"]
    private = [text for person in people for text in slack.private(person)]
    own = slack.direct("U1").id
    channels = [text for room in slack.rooms if room != own for text in slack.visible(room)]
    return [text for text in channels + private if "Hi, I am Nellie" not in text]


def direct(slack: Slack, person: str = "U1") -> list[str]:
    """What Nellie has written to one person's direct messages."""
    return slack.answers(slack.direct(person).id)


async def asked_and_shut_out(nellie: NellieOnSlack, go: asyncio.Event) -> Slack:
    """Ana asks, and before the answer comes neither her channel nor her command can show it."""
    slack = nellie.slack
    ask(slack, "where is the disk?")
    await nellie.model.called.wait()
    slack.response_urls.clear()
    slack.kick("C1", "U1")
    go.set()
    await nellie.wait_until_idle()
    return slack


@pytest.fixture
def notice_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ephemeral, "NOTICE_AFTER", 0.05)


async def stop(slack: Slack, person: str) -> None:
    """Somebody presses the newest Stop button that Ana sees."""
    await slack.until(lambda: NOTICE in str(slack.private("U1")))
    notices = [ts for ts, one in slack.ephemeral_messages.items() if "Stop" in str(one)]
    slack.press(person, "C1", notices[-1], "stop_answer")


async def test_the_second_of_two_quick_questions_is_answered_to_the_asker_alone(
    start_nellie: StartNellie,
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf."), says("Here.")))

    await ask_twice(nellie)
    go.set()
    await nellie.wait_until_idle()

    assert nellie.slack.private("U1") == ["On the shelf.", "Here."]
    assert shown_to_others(nellie.slack) == []


async def test_an_answer_is_posted_to_the_asker_alone_when_its_response_url_is_used_up(
    start_nellie: StartNellie,
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf."), says("Here.")))

    await ask_twice(nellie)
    nellie.slack.response_urls.clear()
    go.set()
    await nellie.wait_until_idle()

    posts = nellie.slack.called("chat.postEphemeral")
    assert [(post["channel"], post["user"]) for post in posts] == [("C1", "U1")] * 2
    assert nellie.slack.private("U1") == ["On the shelf.", "Here."]
    assert shown_to_others(nellie.slack) == []


async def test_a_question_that_another_replica_takes_over_is_answered_to_the_asker_alone(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        first = await start_nellie(slack, model=ScriptedModel(stalls()))
        await ask_twice(first)
        second = await start_nellie(slack, model=ScriptedModel(says("Here."), says("There.")))

        await first.crash()
        await wait_for_turns(second, done=2)

        posts = slack.called("chat.postEphemeral")
        assert [(post["channel"], post["user"]) for post in posts] == [("C1", "U1")] * 2
        assert slack.private("U1") == ["Here.", "There."]
        assert shown_to_others(slack) == []


async def test_a_question_that_met_a_restart_is_answered_to_the_asker_alone(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        before = await start_nellie(slack, model=ScriptedModel(stalls()))
        await ask_twice(before)
        await before.crash()

        after = await start_nellie(slack, model=ScriptedModel(says("Here."), says("There.")))
        await wait_for_turns(after, done=2)

        assert slack.private("U1") == ["Here.", "There."]
        assert shown_to_others(slack) == []


async def test_the_asker_can_stop_a_question_that_waited(
    start_nellie: StartNellie, notice_at_once: None
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "Here."), stalls("On the")))
    await ask_twice(nellie)
    go.set()
    await wait_for_turns(nellie, done=1, running=1)
    await nellie.slack.until(lambda: nellie.slack.private("U1")[-2:] == ["Here.", NOTICE])

    await stop(nellie.slack, "U1")
    await nellie.wait_until_idle()

    assert nellie.slack.private("U1")[-1] == "On the (stopped)"
    assert shown_to_others(nellie.slack) == []


async def test_the_asker_can_stop_a_question_that_another_replica_took_over(
    start_nellie: StartNellie, notice_at_once: None
) -> None:
    async with Slack() as slack:
        first = await start_nellie(slack, model=ScriptedModel(stalls()))
        ask(slack, "where is the disk?")
        await first.model.called.wait()
        second = await start_nellie(slack, model=ScriptedModel(stalls("On the")))
        await first.crash()
        await second.model.called.wait()
        await slack.until(lambda: slack.called("chat.postEphemeral"))

        await stop(slack, "U1")
        await wait_for_turns(second, done=1)

        assert slack.private("U1")[-1] == "On the (stopped)"
        assert shown_to_others(slack) == []


async def test_nobody_but_the_asker_can_stop_it_and_the_button_goes_with_the_press(
    start_nellie: StartNellie, notice_at_once: None
) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("On the")))
    slack = nellie.slack
    ask(slack, "where is the disk?")

    await stop(slack, "U2")
    await slack.until(lambda: slack.private("U2"))
    assert slack.private("U2") == ["Only who asked can do this. Nothing was changed."]
    assert (await nellie.count_turns())["running"] == 1  # an introduction may be done beside it

    await nellie.model.called.wait()
    await stop(slack, "U1")
    await nellie.wait_until_idle()
    assert slack.private("U1") == ["On the (stopped)"]


async def test_what_its_channel_can_show_no_more_goes_to_the_askers_direct_messages(
    start_nellie: StartNellie,
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf.")))

    slack = await asked_and_shut_out(nellie, go)

    assert direct(slack) == ["On the shelf."]
    assert "#general" in str(slack.posts(slack.direct("U1").id))
    assert slack.private("U1") == []
    assert shown_to_others(slack) == []
    assert await nellie.remembered() == []
    assert await nellie.count_turns() == {"done": 1}


@pytest.mark.parametrize("error", ["is_archived", "channel_not_found", "restricted_action"])
async def test_whatever_slack_says_against_the_channel_the_answer_is_for_the_asker(
    start_nellie: StartNellie, error: str
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf.")))
    nellie.slack.faults.refuse("chat.postEphemeral", error=error, times=ALWAYS)

    slack = await asked_and_shut_out(nellie, go)

    assert direct(slack) == ["On the shelf."]
    assert shown_to_others(slack) == []


async def test_what_reaches_its_asker_nowhere_is_dropped_with_a_line_for_operators(
    start_nellie: StartNellie, notice_at_once: None
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf.")))
    nellie.slack.faults.refuse("conversations.open", error="user_disabled", times=ALWAYS)

    slack = await asked_and_shut_out(nellie, go)

    assert direct(slack) == []
    assert shown_to_others(slack) == []
    [line] = await TurnListing(nellie.database).turns()
    assert (line.state, line.error, line.attempts) == ("failed", "PrivateAnswerDropped", 1)
    assert "shelf" not in repr(line)


async def test_an_answer_of_many_pages_outlasts_the_uses_of_its_address(
    start_nellie: StartNellie,
) -> None:
    pages = "\n\n".join(f"page {number}: {'word ' * 2_000}" for number in range(8))
    nellie = await start_nellie(model=ScriptedModel(says(pages)))

    ask(nellie.slack, "tell me everything")
    await nellie.wait_until_idle()

    shown = " ".join(nellie.slack.private("U1"))
    assert all(f"page {number}:" in shown for number in range(8))
    assert shown_to_others(nellie.slack) == []


@pytest.mark.parametrize("how", ["failed", "broken off", "failed, and then broken off"])
async def test_what_slack_does_not_confirm_is_shown_to_the_asker_again(
    start_nellie: StartNellie, how: str
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf.")))
    slack = nellie.slack
    if "failed" in how:
        slack.faults.fail("chat.postEphemeral", status=503, times=2)
    if "broken off" in how:
        slack.faults.break_off("chat.postEphemeral")

    ask(slack, "where is the disk?")
    await nellie.model.called.wait()
    slack.response_urls.clear()
    go.set()
    await nellie.wait_until_idle()

    assert set(slack.private("U1")) == {"On the shelf."}
    assert shown_to_others(slack) == []
    assert await nellie.count_turns() == {"done": 1}


async def test_a_private_answer_that_slack_never_confirms_is_not_called_done(
    start_nellie: StartNellie,
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf.")))
    slack = nellie.slack
    slack.faults.refuse("chat.postEphemeral", error="fatal_error", times=ALWAYS)

    ask(slack, "where is the disk?")
    await nellie.model.called.wait()
    slack.response_urls.clear()
    go.set()
    await wait_for_turns(nellie, failed=1)

    assert slack.private("U1") == []


@pytest.mark.parametrize(
    ("method", "status"),
    [("conversations.open", 500), ("conversations.open", 503), ("chat.postMessage", 500)],
)
async def test_direct_messages_that_fail_are_sent_again(
    start_nellie: StartNellie, method: str, status: int
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf.")))
    nellie.slack.faults.fail(method, status=status, times=2)

    slack = await asked_and_shut_out(nellie, go)

    assert direct(slack) == ["On the shelf."]
    assert await nellie.count_turns() == {"done": 1}


async def test_a_direct_message_whose_answer_is_lost_is_there_once(
    start_nellie: StartNellie,
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf.")))
    nellie.slack.faults.break_off("chat.postMessage")

    slack = await asked_and_shut_out(nellie, go)

    assert direct(slack) == ["On the shelf."]


async def test_direct_messages_that_cannot_be_searched_may_come_twice_but_come(
    start_nellie: StartNellie,
) -> None:
    go = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(says_after(go, "On the shelf.")))
    nellie.slack.scopes.discard("im:history")
    nellie.slack.faults.fail("chat.postMessage")

    slack = await asked_and_shut_out(nellie, go)

    assert direct(slack) == ["On the shelf."]


async def test_another_replica_completes_direct_messages_and_repeats_none(
    start_nellie: StartNellie,
) -> None:
    pages = "\n\n".join(f"page {number}: {'word ' * 2_000}" for number in range(3))
    async with Slack() as slack:
        first = await start_nellie(slack, model=ScriptedModel(says(pages)))
        slack.faults.refuse("chat.postEphemeral", error="restricted_action", times=ALWAYS)
        slack.faults.slow("chat.postMessage", seconds=30, times=1)
        slack.response_urls = Nothing()
        ask(slack, "tell me everything")
        await slack.until(lambda: direct(slack))
        second = await start_nellie(slack, model=ScriptedModel(says(pages)))

        await first.crash()
        await wait_for_turns(second, done=1)

        shown = direct(slack)
        assert [f"page {number}:" in shown[number] for number in range(len(shown))] == [True] * 3
        assert shown_to_others(slack) == []
