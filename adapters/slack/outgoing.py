"""An answer -> what Slack is sent: pages, blocks, metadata. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.consent_blocks import consent_blocks
from adapters.slack.previews import holds_link, linkless_length
from bot.domain.consents import ConsentQuestion
from bot.text.chunking import split, split_first, stable_fence_length, truncate
from bot.text.graphemes import UTF_16, find_boundary, stable_length

PAGE = 11_000  # of one message; Slack takes 12,000, and counts an emoji as its name between colons
STREAMED = 10_200  # and of a streamed one, so that its last cut still has room for a good place
FALLBACK = 3_000  # characters of the text that stands in for blocks, in notifications
METADATA_EVENT = "nellie_answer"
RATE = "rate_answer"
RETRY = "answer_again"
GO_ON = "go_on"
STOP = "stop_answer"


@dataclass(frozen=True, slots=True)
class Page:
    """What one message of an answer is to show."""

    text: str
    last: bool = False
    """The answer ends with this page: it can be rated."""


@dataclass(slots=True)
class Pages:
    """A growing text, laid out in pages; a finished page stays as it is."""

    finished: list[str] = field(default_factory=list)
    current: str = ""
    """The page that is being written, with what may have to move to the next one."""
    streamed: int = 0
    """How much of the current page is streamed already, and cannot be taken back."""
    limit: int = PAGE
    _reopened_fence: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing is on the current page yet, except the code fence that it goes on with."""
        return not self.current[len(self._reopened_fence) :].strip()

    @property
    def overflows(self) -> bool:
        """The current page has to be finished before all of it can be shown."""
        return UTF_16.length(self.current) > PAGE

    @property
    def holds_link(self) -> bool:
        """There is a link on the current page: it cannot be streamed."""
        return holds_link(self.current)

    def layout(self, *, complete: bool) -> list[Page]:
        """Every page as it is now; `complete` when no more text will come."""
        texts = [
            *self.finished,
            *([] if self.is_blank else split(self.current, self.limit, UTF_16)),
        ]
        return [
            Page(text, last=complete and number == len(texts))
            for number, text in enumerate(texts, 1)
        ]

    def unstreamed(self, *, complete: bool) -> str:
        """What can be streamed to the current page now."""
        end = len(self.current) if complete else max(self.streamed, self._streamable())
        return self.current[self.streamed : end]

    def finish_page(self) -> str:
        """Begin a new page; returns what must still be streamed to the finished one."""
        if self.overflows:
            page, self._reopened_fence, rest = split_first(
                self.current, PAGE, UTF_16, self.streamed
            )
        else:
            page, self._reopened_fence, _ = split_first(
                self.current[: self.streamed], PAGE, UTF_16, self.streamed
            )
            rest = self.current[self.streamed :]
            rest = rest if self._reopened_fence else rest.lstrip("\n")
        unstreamed, self.current = page[self.streamed :], self._reopened_fence + rest
        self.finished.append(page)
        self.streamed = 0
        return unstreamed

    def _streamable(self) -> int:
        """How much of the current page is sure to stay as it is, and fits into a stream."""
        text = self.current
        full = find_boundary(text, UTF_16.index_after(text, 0, STREAMED))
        return min(full, stable_fence_length(text), stable_length(text), linkless_length(text))


def blocks(
    page: Page,
    turn_id: int,
    *,
    rateable: bool,
    incomplete: bool = False,
    can_go_on: bool = False,
    consents: Sequence[ConsentQuestion] = (),
) -> list[dict[str, Any]]:
    """A page as blocks; Slack itself turns the Markdown into what people see."""
    choice: dict[str, Any] = {"rateable": rateable, "incomplete": incomplete}
    choice |= {"can_go_on": can_go_on, "consents": consents}
    below = buttons(turn_id, **choice) if page.last else []
    return [{"type": "markdown", "text": page.text}, *below]


def buttons(
    turn_id: int,
    *,
    rateable: bool,
    incomplete: bool,
    can_go_on: bool,
    consents: Sequence[ConsentQuestion] = (),
) -> list[dict[str, Any]]:
    """The blocks below an answer: an incomplete one can be retried, one cut short can go on."""
    return [
        *([_rating_buttons(turn_id)] if rateable else []),
        *([button_block("Retry", RETRY, turn_id)] if incomplete else []),
        *([button_block("Go on", GO_ON, turn_id)] if can_go_on else []),
        *consent_blocks(consents),
    ]


def button_block(label: str, action_id: str, turn_id: int) -> dict[str, Any]:
    """A block with one button that does something with a turn."""
    text = {"type": "plain_text", "text": label}
    button = {"type": "button", "action_id": action_id, "text": text, "value": str(turn_id)}
    return {"type": "actions", "elements": [button]}


def _rating_buttons(turn_id: int) -> dict[str, Any]:
    good = {"type": "plain_text", "text": "Good"}
    bad = {"type": "plain_text", "text": "Bad"}
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": RATE,
                "positive_button": {"text": good, "value": f"good {turn_id}"},
                "negative_button": {"text": bad, "value": f"bad {turn_id}"},
            }
        ],
    }


def fallback_text(text: str) -> str:
    """The text for notifications and for clients that show no blocks, in Slack's own markup."""
    return escape(truncate(text, FALLBACK, UTF_16))


def escape(text: str) -> str:
    """Plain text where Slack expects its own markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def metadata(turn_id: int, part: int) -> dict[str, Any]:
    """What an answer's message can be found by; the whole workspace can read it: ids only."""
    return {"event_type": METADATA_EVENT, "event_payload": {"turn_id": turn_id, "part": part}}


def read_metadata(message: dict[str, Any]) -> tuple[int, int] | None:
    """The turn and the part that a message's metadata names, if the message is an answer's."""
    found = message.get("metadata")
    if not isinstance(found, dict) or found.get("event_type") != METADATA_EVENT:
        return None
    payload = found.get("event_payload")
    if not isinstance(payload, dict):
        return None
    turn_id, part = payload.get("turn_id"), payload.get("part")
    return (turn_id, part) if isinstance(turn_id, int) and isinstance(part, int) else None
