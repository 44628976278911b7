"""Delivering an answer: streamed where it is long, posted where it is short, never twice."""

from collections.abc import AsyncIterator

import structlog

from adapters.kit.late_duplicates import delete_late_doubles
from adapters.kit.stream_buffer import StreamBuffer, buffer_stream
from adapters.slack.answer_messages import AnswerMessages
from adapters.slack.answer_stream import AnswerStream, HoldsLink, may_stream, recipient_of
from adapters.slack.api_errors import SlackRefused, SlackUnconfirmed, SlackUnreachable
from adapters.slack.command_syntax import add_prefix
from adapters.slack.ephemeral import deliver_ephemeral
from adapters.slack.outgoing import Pages
from adapters.slack.own_posts import thread_of
from adapters.slack.status import Status
from adapters.slack.workspace import Workspace
from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog

UPDATE_EVERY = 1.0  # seconds between two updates of a message

log = structlog.get_logger(__name__, platform="slack")


async def deliver(
    workspace: Workspace, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
) -> None:
    """Show an answer: a private one to its asker alone, any other in its thread.

    Raises what Slack refuses, and Fenced.
    """
    if workspace.removed.is_set():
        raise SlackUnreachable(method="chat.postMessage", reason="the app was taken out")
    if turn.private:
        await deliver_ephemeral(workspace, turn, text, delivery_log)
        return
    if turn.trigger.reply:
        text = _as_typed_here(text)
    status = Status(
        api=workspace.api,
        rate_limits=workspace.rate_limits,
        channel=turn.channel.id,
        thread=thread_of(turn),
        person=recipient_of(turn, workspace.identity),
        delivery_log=delivery_log,
    )
    messages = AnswerMessages(
        workspace=workspace, turn=turn, delivery_log=delivery_log, watcher=status
    )
    workspace.background.start(workspace.offers.withdraw(turn), "offers")
    await _deliver_with_status(workspace, messages, text, status)
    if delivery_log.can_go_on:
        workspace.offers.add(turn, messages.withdraw_offer)
    if turn.attempts > 1 or messages.uncertain:
        await _delete_late_doubles(messages)


async def find_posted(workspace: Workspace, turn: Turn) -> tuple[str, ...]:
    """The messages of an answer, also those whose ids were never stored.

    Raises SlackRefused and SlackUnreachable.
    """
    if turn.private:
        return ()  # nobody can look for what was shown to one person
    found = await workspace.own_posts.find(turn)
    return tuple(sorted({*turn.posted, *(post.ts for post in found)}, key=float))


async def _as_typed_here(text: AsyncIterator[str]) -> AsyncIterator[str]:
    """A fixed text, with its commands as people type them in Slack."""
    async for piece in text:
        yield add_prefix(piece)


async def _deliver_with_status(
    workspace: Workspace, messages: AnswerMessages, text: AsyncIterator[str], status: Status
) -> None:
    turn = messages.turn
    thread = thread_of(turn)
    if thread:
        workspace.background.start(status.show(), "status")
    try:
        with workspace.running_turns.track(turn.channel.id, thread, turn.id):
            async with buffer_stream(text) as buffer:
                await _show(workspace, messages, buffer)
    finally:
        status.end()


async def _show(workspace: Workspace, messages: AnswerMessages, buffer: StreamBuffer) -> None:
    pages = Pages()
    await buffer.wait_for_words()
    await buffer.wait_for_first_text()
    if not (buffer.complete or messages.parts) and may_stream(workspace, messages.turn):
        stream = AnswerStream(workspace=workspace, messages=messages, pages=pages)
        try:
            await stream.run(buffer)
        except HoldsLink:
            await stream.abandon()
        except (SlackRefused, SlackUnconfirmed, SlackUnreachable) as error:
            log.info("stream_broke_off", turn=messages.turn.id, reason=str(error))
            await stream.abandon()
        else:
            return
    await _post_and_update(workspace, messages, pages, buffer)


async def _post_and_update(
    workspace: Workspace, messages: AnswerMessages, pages: Pages, buffer: StreamBuffer
) -> None:
    while True:
        complete = buffer.complete
        pages.current += buffer.take()
        if complete or not messages.parts or workspace.rate_limits.updates.take(reserve=5):
            await messages.show(pages, complete=complete)
        if complete:
            return
        await buffer.wait_for_end(UPDATE_EVERY)


async def _delete_late_doubles(messages: AnswerMessages) -> None:
    """Delete what is there a second time, once everything that was on its way has arrived.

    The turn has not ended before that: if this replica dies meanwhile, the next one looks.
    """
    turn = messages.turn
    kept = {part.ts for part in messages.parts}
    try:
        for _ in await delete_late_doubles(messages, kept):
            log.info("late_double_deleted", turn=turn.id)
    except (SlackRefused, SlackUnreachable) as error:
        log.warning("late_doubles_not_looked_for", turn=turn.id, reason=str(error))
