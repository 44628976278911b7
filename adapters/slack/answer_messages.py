"""The messages of one answer in Slack: posted, updated in place, and deleted when too many."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from adapters.slack.api_errors import SlackRefused, SlackUnconfirmed, SlackUnreachable
from adapters.slack.outgoing import Page, Pages, blocks, fallback_text, metadata
from adapters.slack.own_posts import thread_of
from adapters.slack.pings import pinged_at_start, pinging
from adapters.slack.views import text_blocks
from adapters.slack.workspace import Workspace
from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog
from bot.domain.rules import is_fixed

ATTEMPTS = 4
SMALLEST_PAGE = 1_000  # characters; pages that are refused as too long are halved down to this
NOT_EDITABLE = {"message_not_found", "cant_update_message", "edit_window_closed"}
TOO_LONG = {"msg_too_long", "msg_blocks_too_long"}
INVALID_BLOCKS = {"invalid_blocks", "invalid_blocks_format"}
RATING_BUTTONS = "feedback"  # what they are called among the unavailable features

log = structlog.get_logger(__name__, platform="slack")


class Visible(Protocol):
    """Whoever wants to know when the answer can be seen."""

    def answer_visible(self) -> None: ...


@dataclass(slots=True)
class Part:
    """One message of the answer, and the page it shows; None when that is not known."""

    ts: str
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """How a page is shown. Slack says that it does not take the blocks, but not which of them."""

    plain: bool = False
    """As it is, without Slack's Markdown: a second table, say, is not taken in one message."""
    rateable: bool = False
    dropped: bool = False
    """The buttons for ratings were just left away."""

    def simpler(self) -> "Form | None":
        """What to try when this is refused."""
        if self.rateable:
            return Form(plain=self.plain, dropped=True)
        return None if self.plain else Form(plain=True, rateable=self.dropped)


class AnswerMessages:
    """What is posted of one answer. Every request needs the turn's lease."""

    def __init__(
        self, *, workspace: Workspace, turn: Turn, delivery_log: DeliveryLog, watcher: Visible
    ) -> None:
        self.turn = turn
        self.parts = [Part(ts) for ts in sorted(turn.posted, key=float)]
        self.uncertain = False
        """A message was sent again, though the first one may still arrive."""
        self._api = workspace.api
        self._own_posts = workspace.own_posts
        self._delivery_log = delivery_log
        self._watcher = watcher
        self._forms: dict[int, Form] = {}
        """By part, the form that Slack is given since it refused a better one."""
        for part in self.parts:
            self._own_posts.remember(part.ts, turn)

    async def show(self, pages: Pages, *, complete: bool) -> None:
        """Make Slack show the pages as they are now; when `complete`, nothing else.

        Raises what Slack refuses, and Fenced.
        """
        layout = pages.layout(complete=complete)
        try:
            for number, page in enumerate(layout):
                if number == len(self.parts):
                    await self._post(page)
                elif self.parts[number].page != page:
                    await self._update(number, page)
        except SlackRefused as error:
            if error.error not in TOO_LONG or pages.limit < SMALLEST_PAGE:
                raise
            pages.limit //= 2
            await self.show(pages, complete=complete)
            return
        while complete and len(self.parts) > len(layout):
            await self.delete(self.parts.pop().ts)

    async def add(self, part: Part) -> None:
        """Keep a message that was just posted."""
        self._own_posts.remember(part.ts, self.turn)
        self.parts.append(part)
        self._watcher.answer_visible()
        await self._delivery_log.add(part.ts)

    async def find(self) -> list[str]:
        """The messages of the answer, as Slack shows them (kit.late_doubles.TurnPosts)."""
        return [post.ts for post in await self._own_posts.find(self.turn)]

    async def find_part(self, part: int | None) -> str | None:
        """A part that was sent without an answer from Slack: its ts, if it arrived."""
        self.uncertain = True
        return await self._own_posts.find_part(self.turn, part)

    async def delete(self, post_id: str) -> None:
        """Delete a message; one that is gone already is no error."""
        try:
            await self.write("chat.delete", ts=post_id)
        except (SlackUnconfirmed, SlackRefused) as error:
            log.info("message_not_deleted", reason=str(error))

    async def stop_stream(self, ts: str) -> bool:
        """End a stream, so that its message can be updated like any other.

        False where Slack does not take what was streamed, and so does not end it.
        """
        try:
            await self.write("chat.stopStream", ts=ts)
        except (SlackUnconfirmed, SlackUnreachable):
            return True  # the update will say so
        except SlackRefused as error:
            return error.error not in INVALID_BLOCKS  # else it has ended already
        return True

    async def write(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A call in the answer's channel, under the turn's lease."""
        return await self._api.write(
            method, lease=self._delivery_log, channel=self.turn.channel.id, **arguments
        )

    def button_choice(self) -> dict[str, Any]:
        """Which buttons stand below the answer."""
        rateable = self._api.is_available(RATING_BUTTONS) and not is_fixed(self.turn.trigger)
        # A question that is not remembered cannot be asked again: its words are gone with its turn.
        incomplete = self._delivery_log.incomplete and self.turn.remembered
        can_go_on = self._delivery_log.can_go_on
        choice = {"rateable": rateable, "incomplete": incomplete, "can_go_on": can_go_on}
        return {**choice, "consents": self._delivery_log.consents}

    async def withdraw_offer(self) -> None:
        """Take the button away that goes on with the answer. Raises what Slack refuses."""
        self._delivery_log.can_go_on = False
        if self.parts and (page := self.parts[-1].page):
            await self._update(len(self.parts) - 1, page)

    async def _post(self, page: Page) -> None:
        number = len(self.parts)
        for _ in range(ATTEMPTS):
            try:
                answer = await self.write(
                    "chat.postMessage",
                    thread_ts=thread_of(self.turn) or None,
                    **self._content(page, number),
                )
                ts = str(answer["ts"])
            except SlackUnconfirmed:
                found = await self.find_part(number)
                if found is None:
                    continue
                ts = found
            except SlackRefused as error:
                if not self._has_simpler(page, number, error):
                    raise
                continue
            self._note_accepted(number)
            await self.add(Part(ts, page))
            return
        raise SlackUnconfirmed(method="chat.postMessage", reason="again and again")

    async def _update(self, number: int, page: Page) -> None:
        part = self.parts[number]
        for _ in range(ATTEMPTS):
            try:
                await self.write("chat.update", ts=part.ts, **self._content(page, number))
            except SlackUnconfirmed:
                continue  # a second time changes nothing
            except SlackRefused as error:
                if error.error in NOT_EDITABLE:
                    await self._post_instead(number, page)
                    return
                if error.error == "streaming_state_conflict":
                    if not await self.stop_stream(part.ts):
                        await self.delete(part.ts)
                        await self._post_instead(number, page)
                        return
                elif not self._has_simpler(page, number, error):
                    raise
                continue
            self._note_accepted(number)
            part.page = page
            self._watcher.answer_visible()
            return
        raise SlackUnconfirmed(method="chat.update", reason="again and again")

    async def _post_instead(self, number: int, page: Page) -> None:
        """Post anew what cannot be updated, and all that follows it, to keep the order."""
        for later in self.parts[number + 1 :]:
            await self.delete(later.ts)
        del self.parts[number:]
        await self._post(page)

    def _content(self, page: Page, number: int) -> dict[str, Any]:
        form = self._form(page, number)
        ping = pinged_at_start(page.text, self._delivery_log.pings) if number == 0 else None
        if ping and not form.plain:
            return {**pinging(page.text, ping), "metadata": metadata(self.turn.id, number)}
        choice = self.button_choice() | {"rateable": form.rateable}
        shown = blocks(page, self.turn.id, **choice)
        if form.plain:
            shown = [*text_blocks(page.text), *shown[1:]]
        return {
            "text": fallback_text(page.text),
            "blocks": shown,
            "metadata": metadata(self.turn.id, number),
        }

    def _form(self, page: Page, number: int) -> Form:
        known = self._forms.get(number, Form())
        # Of a page that was not the last yet, nothing was refused because of its buttons.
        rateable = page.last and self.button_choice()["rateable"] and not known.dropped
        return replace(known, rateable=rateable)

    def _has_simpler(self, page: Page, number: int, error: SlackRefused) -> bool:
        """Whether another attempt, in a simpler form, may be accepted."""
        simpler = self._form(page, number).simpler()
        if error.error not in INVALID_BLOCKS or simpler is None:
            return False
        self._forms[number] = simpler
        return True

    def _note_accepted(self, number: int) -> None:
        """Ratings are left away from now on where it was they that Slack did not take."""
        if self._forms.get(number, Form()).dropped and self._api.is_available(RATING_BUTTONS):
            self._api.mark_unavailable(RATING_BUTTONS)
            log.warning("rating_buttons_refused")
