"""An answer for one person's eyes: no thread, no stream, and nothing to look up afterwards."""

from collections.abc import AsyncIterator
from typing import Any

from adapters.slack.api import SlackRefused, SlackUnsure
from adapters.slack.outgoing import PAGE, Page, blocks, fallback
from adapters.slack.workspace import Workspace
from bot.conversation import Turn
from bot.ports import Posts
from bot.text import split


async def whisper(workspace: Workspace, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
    """Show it once it is whole; sent again after a crash, it is there twice."""
    whole = "".join([piece async for piece in text])
    for piece in split(whole, PAGE):
        content: dict[str, Any] = {
            "text": fallback(piece),
            "blocks": blocks(Page(piece), turn.id, opinions=False),
        }
        posts.allow()
        if not await _respond(workspace, turn.trigger.id, content):
            await _post(workspace, turn, content, posts)


async def _respond(workspace: Workspace, question: str, content: dict[str, Any]) -> bool:
    """Whether the address that Slack gave with the question still takes it."""
    address = workspace.whispers.addresses.get(question, "")
    said = {**content, "response_type": "ephemeral", "replace_original": False}
    return await workspace.api.respond(address, said)


async def _post(workspace: Workspace, turn: Turn, content: dict[str, Any], posts: Posts) -> None:
    try:
        await workspace.api.write(
            "chat.postEphemeral", allow=posts.allow, channel=turn.channel.id,
            user=turn.trigger.author.id, **content,
        )  # fmt: skip
    except SlackUnsure:
        return  # it may be there; nobody can look
    except SlackRefused as error:
        workspace.api.lacks("chat.postEphemeral", "private answers", error)
        raise
