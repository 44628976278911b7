"""No link gets a preview in Slack: an answer could carry words out of a channel, unclicked."""

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack
from doubles.slack_server.api import METHODS

from adapters.slack.previews import NO_PREVIEWS, holds_link, linkless_length
from bot.domain.model import Chunk
from bot.testing import Script, ScriptedModel

LINK = "https://evil.example/?words=the+treasure"
WORDS = "word " * 60
SHOW_NO_TEXT = {"chat.delete", "chat.getPermalink"}
SHOW_TEXT = {name for name in METHODS if name.startswith("chat.")} - SHOW_NO_TEXT
"""The methods that show text in a channel."""


def says_slowly(*pieces: str) -> Script:
    """Says this in pieces, with enough time between two of them that each is shown."""
    steps = [step for piece in pieces for step in (Chunk(piece), 1.2)]
    return lambda prompt: (*steps, Chunk("", "stop"))


async def show_everything(nellie: NellieOnSlack) -> None:
    """Every way in which Nellie shows text in this Slack, each with a link in it."""
    slack = nellie.slack
    await nellie.ask(f"@nellie {LINK}")
    slack.command("U1", "C1", f"ask what is {LINK}?")
    await slack.until(lambda: slack.called("response_url"))
    slack.command("U1", "C1", f"memory search {LINK}")
    await slack.until(lambda: len(slack.called("response_url")) == 2)
    slack.command("U1", "C1", "memory export")
    await slack.until(lambda: slack.called("files.completeUploadExternal"))
    slack.command("U1", "C1", f"digest daily {LINK}")  # an error that repeats it
    await slack.settled()
    slack.response_urls.clear()
    for room in list(slack.rooms):
        slack.command("U1", room, f"ask and {LINK}?")
    await nellie.wait_until_idle()


@pytest.mark.parametrize("streaming", [True, False])
async def test_every_way_to_show_text_in_slack_leaves_its_links_alone(
    start_nellie: StartNellie, streaming: bool
) -> None:
    pieces = (WORDS, WORDS, f"see {LINK} ", WORDS, f"and [this]({LINK}).")
    async with Slack(streaming=streaming) as slack:
        nellie = await start_nellie(slack, model=ScriptedModel(says_slowly(*pieces)))

        await show_everything(nellie)

        answer = "".join(pieces)
        assert all(LINK in text for text in slack.private("U1") if WORDS in text)
        assert any(answer in text for text in slack.answers("C1"))
        assert slack.unfurled == []
        used = {call.method for call in slack.calls}
        streams = {name for name in SHOW_TEXT if name.endswith("Stream")}
        assert used >= {"response_url", *SHOW_TEXT} - (set() if streaming else streams)
        for call in slack.calls:
            if call.method in SHOW_TEXT | {"response_url"}:
                assert call.args.items() >= NO_PREVIEWS.items(), call.method


async def test_a_stream_ends_where_a_link_begins_and_the_answer_goes_on_in_the_same_message(
    start_nellie: StartNellie,
) -> None:
    halves = (f"{WORDS}so ht", "tps:", "//evil.exam", "ple/?a=b, and ", WORDS)
    nellie = await start_nellie(model=ScriptedModel(says_slowly(*halves)))
    slack = nellie.slack

    [answer] = await nellie.ask("@nellie tell me")

    streamed = [call.args for call in slack.calls if call.method.endswith("Stream")]
    assert answer == "".join(halves).strip()
    assert [one for one in streamed if "so" in (one.get("markdown_text") or "").split()]
    assert not any("ht" in str(one.get("markdown_text")) for one in streamed)
    assert len(slack.called("chat.startStream")) == len(slack.called("chat.stopStream")) == 1


async def test_what_cannot_be_a_link_is_streamed_to_its_end(start_nellie: StartNellie) -> None:
    pieces = (WORDS, "main.py:12 and a.b.c, e.g. node.js? ", "見て😀, and/or 1.5/2 ", WORDS)
    nellie = await start_nellie(model=ScriptedModel(says_slowly(*pieces)))

    [answer] = await nellie.ask("@nellie tell me")

    assert answer == "".join(pieces)
    assert nellie.slack.called("chat.update") == []


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        "HTTP://EVIL.EXAMPLE/x",
        "ftp://evil.example",
        "see www.evil.example",
        "evil.example/?words",
        "[here](evil.example)",
        "<https://evil.example|here>",
        "![](//evil.example/a.png)",
    ],
)
def test_a_link_is_known_and_held_back_at_whatever_place_it_is_cut(text: str) -> None:
    assert holds_link(text)
    for cut in range(len(text)):
        begun = f"so it is {text[:cut]}"
        streamed = "" if holds_link(begun) else begun[: linkless_length(begun)]
        assert streamed.removesuffix("see ") in ("", "so it is ")
