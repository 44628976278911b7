"""One answer as it is streamed, over as many messages as it takes."""

import time

from adapters.kit.stream_buffer import StreamBuffer
from adapters.slack.answer_messages import AnswerMessages, Part
from adapters.slack.api_errors import SlackRefused, SlackUnconfirmed, SlackUnreachable
from adapters.slack.incoming import BotIdentity
from adapters.slack.outgoing import Page, Pages, buttons, metadata
from adapters.slack.own_posts import thread_of
from adapters.slack.workspace import Workspace
from bot.domain.model import Turn

LONGEST_STREAM = (
    225.0  # seconds that a stream is written to; Slack ends it after 300, with an error
)
APPEND_EVERY = 0.35  # seconds between two pieces of a stream


def may_stream(workspace: Workspace, turn: Turn) -> bool:
    """Whether a stream may be started now; if so, the start is counted."""
    can_stream = thread_of(turn) and workspace.api.is_available("chat.startStream")
    return bool(can_stream) and workspace.rate_limits.stream_starts.take()


def recipient_of(turn: Turn, identity: BotIdentity) -> str:
    """Whom a stream is for; Slack wants a person, and a bot that asks is none."""
    return turn.asker.id if turn.asker.id.startswith(("U", "W")) else identity.user_id


class HoldsLink(Exception):
    """The answer goes on with a link, which may not be streamed: see previews.py."""


class AnswerStream:
    """Streams one answer. `may_stream` was asked for its first message already."""

    def __init__(self, *, workspace: Workspace, messages: AnswerMessages, pages: Pages) -> None:
        self._workspace = workspace
        self._messages = messages
        self._pages = pages
        self._start_counted = True
        self._started_at: float | None = None
        """When the open stream was started; None while none is open."""

    async def run(self, buffer: StreamBuffer) -> None:
        """Stream the text to its end. Raises HoldsLink, what Slack refuses, and Fenced."""
        while True:
            complete = buffer.complete
            self._pages.current += buffer.take()
            if self._pages.holds_link:
                raise HoldsLink
            await self._advance(complete=complete)
            if complete and self._started_at is not None:
                rest = self._pages.unstreamed(complete=True)
                await self._stop(rest, Page(self._pages.current, last=True))
                return
            if complete:
                await self._messages.show(self._pages, complete=True)
                return
            await buffer.wait_for_end(APPEND_EVERY)
            await buffer.wait_for_more(LONGEST_STREAM / 10)

    async def abandon(self) -> None:
        """End the open stream after a failure, so that its message can be updated."""
        if self._started_at is not None:
            self._started_at = None
            await self._messages.stop_stream(self._messages.parts[-1].ts)

    async def _advance(self, *, complete: bool) -> None:
        """Stream what is ready; the last message stays open."""
        while self._started_at is not None or not (complete or self._pages.is_blank):
            if self._started_at is None:
                if not self._pages.unstreamed(complete=False).strip():
                    return
                await self._start()
            if self._pages.overflows or self._is_old():
                rest = self._pages.finish_page()
                await self._stop(rest, Page(self._pages.finished[-1]))
                continue
            if not complete:
                await self._append()
            return

    def _is_old(self) -> bool:
        started_at = self._started_at
        return started_at is not None and time.monotonic() - started_at > LONGEST_STREAM

    async def _start(self) -> None:
        turn, identity = self._messages.turn, self._workspace.identity
        if not self._start_counted and not may_stream(self._workspace, turn):
            raise SlackUnreachable(method="chat.startStream", reason="its rate limit is used up")
        self._start_counted = False
        text = self._pages.unstreamed(complete=False)
        try:
            answer = await self._messages.write(
                "chat.startStream",
                thread_ts=thread_of(turn),
                markdown_text=text,
                recipient_user_id=recipient_of(turn, identity),
                recipient_team_id=identity.team_id,
            )
        except SlackRefused as error:
            feature = "streamed answers; they are posted instead"
            self._workspace.api.note_refusal("chat.startStream", error, feature=feature)
            raise
        except SlackUnconfirmed:
            if ts := await self._messages.find_part(None):
                await self._messages.add(Part(ts))
                self._started_at = time.monotonic()
            raise
        self._started_at = time.monotonic()
        await self._messages.add(Part(str(answer["ts"])))
        self._pages.streamed += len(text)

    async def _append(self) -> None:
        text = self._pages.unstreamed(complete=False)
        if text and self._workspace.rate_limits.stream_appends.take(reserve=2):
            ts = self._messages.parts[-1].ts
            await self._messages.write("chat.appendStream", ts=ts, markdown_text=text)
            self._pages.streamed += len(text)

    async def _stop(self, text: str, page: Page) -> None:
        """End the open stream; its message is then found and updated like any other."""
        part, number = self._messages.parts[-1], len(self._messages.parts) - 1
        turn_id = self._messages.turn.id
        below = buttons(turn_id, **self._messages.button_choice()) if page.last else []
        await self._messages.write(
            "chat.stopStream",
            ts=part.ts,
            markdown_text=text or None,
            blocks=below or None,
            metadata=metadata(turn_id, number),
        )
        self._started_at = None
        part.page = page
