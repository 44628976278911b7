"""Slack does not take what was streamed: the answer is shown as it is, whole and once."""

from collections.abc import Callable

import pytest
from doubles.nellie_on_slack import StartNellie
from doubles.slack_server import Slack, chat
from doubles.slack_server.api import Call
from doubles.slack_server.message_limits import _TABLE
from doubles.slack_server.shapes import Refused

from bot.testing import ScriptedModel, says

TABLES = "\n\nand\n\n".join(f"| key {n} | value {n} |\n|---|---|\n| {n} | yes |" for n in range(12))
ROWS = "\n".join(f"| row {n} of a table that goes on and on | {n} |" for n in range(90))
LONG = f"| a | b |\n|---|---|\n{ROWS}\n\nand\n\n| c | d |\n|---|---|\n{ROWS}\n\nand\n\n{TABLES}"

Refuse = Callable[[pytest.MonkeyPatch], None]


def pieces(text: str) -> list[str]:
    return [text[at : at + 37] for at in range(0, len(text), 37)]


def appending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack takes no piece that brings a second table."""
    append = chat._append_text

    def refuse(slack: Slack, room: object, stream: chat.Stream, piece: str) -> None:
        if len(_TABLE.findall(stream.message["text"] + piece)) > 1:
            raise Refused("invalid_blocks")
        append(slack, room, stream, piece)  # type: ignore[arg-type]

    monkeypatch.setattr(chat, "_append_text", refuse)


def ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack takes every piece, and ends no stream of two tables."""
    find = chat._open_stream

    def refuse(slack: Slack, call: Call) -> object:
        room, stream = find(slack, call)
        if call.method == "chat.stopStream" and len(_TABLE.findall(stream.message["text"])) > 1:
            raise Refused("invalid_blocks")
        return room, stream

    monkeypatch.setattr(chat, "_open_stream", refuse)


@pytest.mark.parametrize("refuse", [appending, ending])
@pytest.mark.parametrize("text", [TABLES, f"Here:\n\n{TABLES}\n\nThat is all.", LONG])
async def test_an_answer_of_many_tables_stands_there_whole_and_once(
    start_nellie: StartNellie, monkeypatch: pytest.MonkeyPatch, refuse: Refuse, text: str
) -> None:
    refuse(monkeypatch)
    nellie = await start_nellie(model=ScriptedModel(says(*pieces(text)), says("fine")))

    first = nellie.slack.say("U1", "C1", "@nellie tables, please")
    await nellie.wait_until_idle()
    second = nellie.slack.say("U1", "C1", "@nellie and none")
    await nellie.wait_until_idle()

    shown = "".join(nellie.slack.answers("C1", first))
    assert "".join(shown.split()) == "".join(text.split())
    assert nellie.slack.posts("C1", first)[-1]["blocks"][-1]["type"] == "context_actions"
    assert nellie.slack.answers("C1", second) == ["fine"]
    assert await nellie.count_turns() == {"done": 2}
