"""Private questions and their answers: for one person's eyes, in no thread, streamed nowhere."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from adapters.kit.stream_buffer import buffer_stream
from adapters.slack.answer_messages import INVALID_BLOCKS, TOO_LONG
from adapters.slack.api_errors import (
    INVALID_TOKEN,
    SlackRefused,
    SlackUnconfirmed,
    SlackUnreachable,
)
from adapters.slack.consent_blocks import MAY_I, consent_blocks
from adapters.slack.direct_answers import DirectAnswer, until_confirmed
from adapters.slack.outgoing import (
    GO_ON,
    PAGE,
    STOP,
    Page,
    blocks,
    button_block,
    escape,
    fallback_text,
)
from adapters.slack.views import text_blocks
from adapters.slack.workspace import Workspace
from bot.domain.model import Channel, Message, Turn
from bot.domain.ports import DeliveryLog, Inbox
from bot.domain.reminders import reminder_of
from bot.text.chunking import split
from bot.text.graphemes import UTF_16

NOTICE_AFTER = 5.0  # seconds without an answer, after which the asker is offered to stop it
OFFER = "The answer is longer than that."
NOTICE = "I am working on your question."
ABOUT_CONTENT = INVALID_BLOCKS | TOO_LONG | {"no_text", "invalid_arguments"}
"""Error codes that say nothing about who may be shown it."""


async def ask_privately(
    *,
    workspace: Workspace,
    inbox: Inbox,
    channel: Channel,
    person: str,
    text: str,
    question_id: str,
    response_url: str,
    about: str = "",
) -> None:
    """Ask a question whose answer is for the asker alone; it is never remembered.

    `about` is the ts of what it is about, to which it only refers. Raises Refused and
    DatabaseUnavailable.
    """
    if response_url:
        workspace.response_urls[question_id] = response_url
    await inbox.receive(
        Message(
            channel=channel,
            id=question_id,
            author=await workspace.directory.author(person),
            text=text,
            at=datetime.now(UTC),
            reply_to=about,
            addressed=True,
            private=True,
        )
    )


async def deliver_ephemeral(
    workspace: Workspace, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
) -> None:
    """Show the answer to its asker once it is whole; sent again after a crash, it is there twice.

    By the address that came with the question, else as an ephemeral message, else in the asker's
    direct messages. Raises PrivateAnswerDropped where none of these reaches them, SlackUnconfirmed
    and SlackUnreachable where nobody knows whether one has, and Fenced.
    """
    async with buffer_stream(text) as buffer:
        if not await buffer.wait_for_end(NOTICE_AFTER):
            with suppress(SlackRefused, SlackUnconfirmed, SlackUnreachable):  # it can be missed
                await _show_in_channel(workspace, turn, _notice(turn), delivery_log)
        answer = await buffer.read_all()
    contents = [
        {"text": fallback_text(piece), "blocks": blocks(Page(piece), turn.id, rateable=False)}
        for piece in split(answer, PAGE, UTF_16)
    ]
    if delivery_log.can_go_on:  # in a message of its own: of one of these, nothing can be replaced
        contents.append(_offer(turn))
    if delivery_log.consents:
        below = consent_blocks(delivery_log.consents)
        contents.append({"text": escape(MAY_I), "blocks": [*text_blocks(MAY_I), *below]})
    for part, content in enumerate(contents):
        await _show(workspace, turn, part, content, delivery_log)


def _offer(turn: Turn) -> dict[str, Any]:
    return {
        "text": escape(OFFER),
        "blocks": [*text_blocks(OFFER), button_block("Go on", GO_ON, turn.id)],
    }


def _notice(turn: Turn) -> dict[str, Any]:
    return {
        "text": escape(NOTICE),
        "blocks": [*text_blocks(NOTICE), button_block("Stop", STOP, turn.id)],
    }


async def _show(
    workspace: Workspace, turn: Turn, part: int, content: dict[str, Any], delivery_log: DeliveryLog
) -> None:
    direct = DirectAnswer(workspace=workspace, turn=turn, delivery_log=delivery_log)
    if reminder_of(turn.trigger) is not None:  # who is away would never see it in the channel
        await direct.show(part, content)
        return
    try:
        # Nobody can look whether it is there: rather twice than never.
        await until_confirmed(lambda: _show_in_channel(workspace, turn, content, delivery_log))
    except SlackRefused as error:
        if error.error in ABOUT_CONTENT | INVALID_TOKEN:
            raise
        await direct.show(part, content)


async def _show_in_channel(
    workspace: Workspace, turn: Turn, content: dict[str, Any], delivery_log: DeliveryLog
) -> None:
    """Where it was asked, for the asker's eyes."""
    delivery_log.require_lease()
    if not await _respond(workspace, turn, content):
        await _post_ephemeral(workspace, turn, content, delivery_log)


async def _respond(workspace: Workspace, turn: Turn, content: dict[str, Any]) -> bool:
    """Whether the address that Slack gave with the question still accepts it."""
    url = workspace.response_urls.get(turn.trigger.id, "")
    response = {**content, "response_type": "ephemeral", "replace_original": False}
    return await workspace.api.respond(url, response)


def _thread_of(turn: Turn) -> dict[str, Any]:
    """The thread in which it was asked; what would only begin one stands in the channel."""
    asked = turn.trigger
    return {"thread_ts": asked.thread} if asked.thread not in ("", asked.id) else {}


async def _post_ephemeral(
    workspace: Workspace, turn: Turn, content: dict[str, Any], delivery_log: DeliveryLog
) -> None:
    try:
        await workspace.api.write(
            "chat.postEphemeral",
            lease=delivery_log,
            channel=turn.channel.id,
            user=turn.asker.id,
            **_thread_of(turn),
            **content,
        )
    except SlackRefused as error:
        workspace.api.note_refusal("chat.postEphemeral", error, feature="private answers")
        raise
