"""One answer on its way: streamed where it is long, posted where it is short, never twice."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from adapters.slack.api import Api, SlackAway, SlackRefused, SlackUnsure
from adapters.slack.arriving import Arriving, arriving
from adapters.slack.incoming import Me
from adapters.slack.limits import Rates
from adapters.slack.outgoing import Page, Pages, blocks, buttons, fallback, metadata
from adapters.slack.posts import Finder, thread
from bot.conversation import Turn
from bot.ports import Posts

OLD = 225.0  # seconds that a stream is written to; Slack ends it after 300, with an error
PACE = 1.0  # seconds between two updates of a message
FLOW = 0.35  # seconds between two pieces of a stream
ATTEMPTS = 4
GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
TOO_LONG = {"msg_too_long", "msg_blocks_too_long"}

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Standing:
    """A message of this answer in Slack, and what it shows; None when that is not known."""

    ts: str
    page: Page | None = None


@dataclass
class Delivery:
    """Shows one answer in its thread."""

    api: Api
    rates: Rates
    finder: Finder
    me: Me
    turn: Turn
    posts: Posts
    visible: Callable[[], None]
    """Called when anything of the answer can be seen."""
    pages: Pages = field(default_factory=Pages)
    standing: list[Standing] = field(default_factory=list)
    doubtful: bool = False
    """A message was sent again, though the first may still arrive."""
    _since: float | None = None
    """When the open stream began."""
    _granted: bool = False
    """The right to begin one stream was asked for already."""

    async def deliver(self, text: AsyncIterator[str]) -> None:
        """Show the text as it comes. Raises what Slack refuses, and Fenced."""
        self.standing = [Standing(ts) for ts in sorted(self.turn.posted, key=float)]
        for one in self.standing:
            self.finder.keep(one.ts, self.turn)
        async with arriving(text) as answer:
            await answer.enough()
            if answer.whole or self.standing or not self._may_stream():
                await self._edit(answer)
                return
            self._granted = True
            try:
                await self._stream(answer)
            except (SlackRefused, SlackUnsure, SlackAway) as error:
                log.info("slack: stream broke off", turn=self.turn.id, reason=str(error))
                await self._end_stream()
                await self._edit(answer)

    # Posting, and editing what was posted

    async def _edit(self, answer: Arriving) -> None:
        while True:
            whole = answer.whole
            self.pages.open += answer.take()
            if whole or not self.standing or self.rates.updates.take(reserve=5):
                await self._show(whole=whole)
            if whole:
                return
            await answer.ended(PACE)

    async def _show(self, *, whole: bool) -> None:
        """Make Slack show the pages as they are now; at the end also nothing else."""
        pages = self.pages.now(whole=whole)
        try:
            for number, page in enumerate(pages):
                if number == len(self.standing):
                    await self._post(page)
                elif self.standing[number].page != page:
                    await self._update(self.standing[number], page)
        except SlackRefused as error:
            if error.error not in TOO_LONG or self.pages.limit < 1_000:
                raise
            self.pages.limit //= 2
            await self._show(whole=whole)
            return
        while whole and len(self.standing) > len(pages):
            await delete(self.api, self.posts, self.turn.channel.id, self.standing.pop().ts)

    async def _post(self, page: Page) -> None:
        part = len(self.standing)
        for _ in range(ATTEMPTS):
            try:
                answer = await self._write(
                    "chat.postMessage", thread_ts=thread(self.turn) or None,
                    unfurl_links=False, unfurl_media=False, **self._content(page, part),
                )  # fmt: skip
                ts = str(answer["ts"])
            except SlackUnsure:
                self.doubtful = True
                found = await self.finder.part(self.turn, self.me, part)
                if found is None:
                    continue
                ts = found
            except SlackRefused as error:
                if not self._simpler(error):
                    raise
                continue
            await self._stands(Standing(ts, page))
            return
        raise SlackUnsure(method="chat.postMessage", reason="again and again")

    async def _update(self, standing: Standing, page: Page) -> None:
        part = self.standing.index(standing)
        for _ in range(ATTEMPTS):
            try:
                content = self._content(page, part)
                await self._write("chat.update", ts=standing.ts, **content)
            except SlackUnsure:
                continue  # a second time changes nothing
            except SlackRefused as error:
                if error.error == "streaming_state_conflict":
                    await self._stop(standing.ts)
                elif error.error in GONE:
                    self.standing.remove(standing)
                    await self._post_instead(part, page)
                    return
                elif not self._simpler(error):
                    raise
                continue
            standing.page = page
            self.visible()
            return
        raise SlackUnsure(method="chat.update", reason="again and again")

    async def _post_instead(self, part: int, page: Page) -> None:
        """What cannot be replaced is said again, with all that follows it, to keep the order."""
        for later in self.standing[part:]:
            await delete(self.api, self.posts, self.turn.channel.id, later.ts)
        del self.standing[part:]
        await self._post(page)

    def _content(self, page: Page, part: int) -> dict[str, Any]:
        return {
            "text": fallback(page.text),
            "blocks": blocks(page, self.turn.id, **self._offers()),
            "metadata": metadata(self.turn.id, part),
        }

    def _offers(self) -> dict[str, bool]:
        """Which buttons stand below the answer."""
        opinions = "feedback" not in self.api.absent
        return {"opinions": opinions, "incomplete": self.posts.incomplete}

    def _simpler(self, error: SlackRefused) -> bool:
        """Whether leaving the buttons away is worth another attempt."""
        if error.error not in {"invalid_blocks", "invalid_blocks_format"}:
            return False
        if "feedback" in self.api.absent:
            return False
        self.api.absent.add("feedback")
        log.warning("slack: no buttons for opinions under answers", error=error.error)
        return True

    # Streaming

    def _may_stream(self) -> bool:
        streams = thread(self.turn) and "chat.startStream" not in self.api.absent
        return bool(streams) and self.rates.streams.take()

    async def _stream(self, answer: Arriving) -> None:
        while True:
            whole = answer.whole
            self.pages.open += answer.take()
            await self._advance(whole=whole)
            if whole and self._since is not None:
                await self._close(self.pages.ready(whole=True), Page(self.pages.open, last=True))
                return
            if whole:
                await self._show(whole=True)
                return
            await answer.ended(FLOW)
            await answer.more(OLD / 10)

    async def _advance(self, *, whole: bool) -> None:
        """Stream what is ready, over as many pages as it takes; the last one stays open."""
        while self._since is not None or not (whole or self.pages.blank):
            if self._since is None:
                await self._begin()
            if self.pages.full() or self._is_old():
                await self._close(self.pages.turn(), Page(self.pages.turned[-1]))
                continue
            if not whole:
                await self._append()
            return

    def _is_old(self) -> bool:
        return self._since is not None and time.monotonic() - self._since > OLD

    async def _begin(self) -> None:
        if not self._granted and not self._may_stream():
            raise SlackAway(method="chat.startStream", reason="its rate is spent")
        self._granted = False
        text = self.pages.ready(whole=False)
        try:
            answer = await self._write(
                "chat.startStream", thread_ts=thread(self.turn), markdown_text=text,
                recipient_user_id=recipient(self.turn, self.me), recipient_team_id=self.me.team,
            )  # fmt: skip
        except SlackRefused as error:
            self.api.lacks("chat.startStream", "streamed answers; they are posted instead", error)
            raise
        except SlackUnsure:
            self.doubtful = True
            if ts := await self.finder.part(self.turn, self.me, None):
                await self._stands(Standing(ts))
                self._since = time.monotonic()
            raise
        self._since = time.monotonic()
        await self._stands(Standing(str(answer["ts"])))
        self.pages.shown += len(text)

    async def _append(self) -> None:
        text = self.pages.ready(whole=False)
        if text and self.rates.appends.take(reserve=2):
            await self._write(
                "chat.appendStream", ts=self.standing[-1].ts, markdown_text=text,
            )  # fmt: skip
            self.pages.shown += len(text)

    async def _close(self, more: str, page: Page) -> None:
        """End the open stream; its message is then found and updated like any other."""
        one = self.standing[-1]
        below = buttons(self.turn.id, **self._offers()) if page.last else []
        await self._write(
            "chat.stopStream", ts=one.ts, markdown_text=more or None,
            blocks=below or None,
            metadata=metadata(self.turn.id, len(self.standing) - 1),
        )  # fmt: skip
        self._since = None
        one.page = page

    async def _end_stream(self) -> None:
        """A stream that failed is ended, so that its message can be updated."""
        if self._since is not None:
            self._since = None
            await self._stop(self.standing[-1].ts)

    async def _stop(self, ts: str) -> None:
        try:
            await self._write("chat.stopStream", ts=ts)
        except (SlackRefused, SlackUnsure, SlackAway):
            return  # it has ended already, or the update will say so

    async def _stands(self, one: Standing) -> None:
        self.finder.keep(one.ts, self.turn)
        self.standing.append(one)
        self.visible()
        await self.posts.add(one.ts)

    async def _write(self, method: str, **arguments: Any) -> dict[str, Any]:
        channel = self.turn.channel.id
        return await self.api.write(method, allow=self.posts.allow, channel=channel, **arguments)


def recipient(turn: Turn, me: Me) -> str:
    """Whom a stream is for; Slack wants a person, and a bot that asks is none."""
    asker = turn.trigger.author.id
    return asker if asker.startswith(("U", "W")) else me.user


async def delete(api: Api, posts: Posts, channel: str, ts: str) -> None:
    """Take back a message of ours; one that is gone already is as good."""
    try:
        await api.write("chat.delete", allow=posts.allow, channel=channel, ts=ts)
    except (SlackUnsure, SlackRefused) as error:
        log.info("slack: not deleted", reason=str(error))
