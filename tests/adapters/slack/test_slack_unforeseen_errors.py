"""What goes wrong with a command, a shortcut, a view or a button is told to the person alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack
from structlog.testing import capture_logs

from adapters.slack.responses import SORRY
from bot.core.inbox import Inbox
from bot.core.turn_control import TurnControl
from bot.domain.errors import DatabaseUnavailable, ModelTimeout, NellieError
from bot.domain.model import Message


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


async def fail(*arguments: object, **more: object) -> None:
    raise KeyError("a fault of ours")


def break_commands(nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    async def broken(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(type(nellie.parts.commands), "run", broken)


def break_private_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    receive = Inbox.receive

    async def broken(inbox: Inbox, message: Message) -> Any:
        if message.private:
            await fail()
        return await receive(inbox, message)

    monkeypatch.setattr(Inbox, "receive", broken)


def errors(lines: list[Any]) -> list[str]:
    return [line["event"] for line in lines if line["log_level"] == "error"]


async def test_a_command_that_fails_is_told_to_the_person(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    before = nellie.slack.visible("C1")
    break_commands(nellie, monkeypatch, KeyError("a fault of ours"))

    command = nellie.slack.command("U1", "C1", "help")
    await nellie.slack.until(lambda: nellie.slack.private("U1"))
    await nellie.slack.settled()

    assert nellie.slack.private("U1") == [SORRY]
    assert nellie.slack.visible("C1") == before
    assert command.acknowledged
    assert errors(logged) == ["interaction_failed"]


async def test_it_is_told_also_when_the_response_url_is_used_up(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*arguments: object) -> None:
        nellie.slack.response_urls.clear()
        await fail()

    monkeypatch.setattr(type(nellie.parts.commands), "run", broken)

    nellie.slack.command("U1", "C1", "help")
    await nellie.slack.until(lambda: nellie.slack.private("U1"))

    assert nellie.slack.private("U1") == [SORRY]


async def test_a_button_that_fails_is_told_to_the_person(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    slack = nellie.slack
    ts = slack.say("U1", "C1", "@nellie hello")
    await nellie.wait_until_idle()
    [post] = slack.posts("C1", ts)
    monkeypatch.setattr(TurnControl, "rate", fail)

    slack.press("U2", "C1", post["ts"], "rate_answer", "good 1")
    await slack.until(lambda: slack.private("U2"))

    assert slack.private("U2") == [SORRY]
    assert errors(logged) == ["interaction_failed"]


async def test_a_shortcut_that_fails_is_told_to_the_person(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    slack = nellie.slack
    ts = slack.say("U2", "C1", "we sail at dawn")
    await slack.settled()
    break_private_questions(monkeypatch)

    slack.shortcut("U1", "C1", ts, "summarize_thread")
    await slack.until(lambda: slack.private("U1"))

    assert slack.private("U1") == [SORRY]
    assert errors(logged) == ["interaction_failed"]


async def test_a_view_that_fails_is_told_to_the_person(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    slack = nellie.slack
    ts = slack.say("U2", "C1", "we sail at dawn")
    await slack.settled()
    slack.shortcut("U1", "C1", ts, "ask_about")
    await slack.until(lambda: slack.opened_views)
    break_private_questions(monkeypatch)

    slack.submit("U1", "when exactly?")
    await slack.until(lambda: slack.private("U1"))

    assert slack.private("U1") == [SORRY]
    assert errors(logged) == ["interaction_failed"]


async def test_a_button_of_the_home_tab_that_fails_opens_a_view_that_says_so(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = nellie.slack
    slack.open_home("U1")
    await slack.until(lambda: slack.home_tabs)
    break_commands(nellie, monkeypatch, KeyError("a fault of ours"))

    slack.press_home("U1", "home_help")
    await slack.until(lambda: slack.opened_views)

    assert SORRY in str(slack.opened_views["U1"])


@pytest.mark.parametrize(
    "error", [DatabaseUnavailable(reason="it restarts"), ModelTimeout(model="m", seconds=1)]
)
async def test_our_own_errors_are_told_in_their_own_words(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, logged: list[Any], error: NellieError
) -> None:
    break_commands(nellie, monkeypatch, error)

    nellie.slack.command("U1", "C1", "help")
    await nellie.slack.until(lambda: nellie.slack.private("U1"))

    assert nellie.slack.private("U1") == [str(error)]
    assert errors(logged) == []
