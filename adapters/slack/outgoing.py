"""An answer -> what Slack is sent: pages, blocks, metadata. Pure."""

from dataclasses import dataclass, field
from typing import Any

from bot.text import cut, settled_fence, split

PAGE = 11_000  # characters of one message; Slack takes 12,000, and counts more than we do
STREAMED = 10_200  # and of a streamed one, so that its last cut still has room for a good place
FALLBACK = 3_000  # characters of the text that stands in for blocks, in notifications
EVENT = "nellie_answer"
RATE = "rate_answer"
AGAIN = "answer_again"


@dataclass(frozen=True, slots=True)
class Page:
    """What one message of an answer is to show."""

    text: str
    last: bool = False
    """The answer ends with it: opinions may be given."""


@dataclass(slots=True)
class Pages:
    """A text that grows, in pages; one that was turned stays as it is."""

    turned: list[str] = field(default_factory=list)
    open: str = ""
    """The page that is being written, with what may have to move to the next one."""
    shown: int = 0
    """How much of the open page is streamed already, and cannot be taken back."""
    limit: int = PAGE
    _head: str = ""

    @property
    def blank(self) -> bool:
        """Nothing is on the open page yet but the code fence that it goes on with."""
        return not self.open[len(self._head) :].strip()

    def now(self, *, whole: bool) -> list[Page]:
        """Every page as it stands."""
        texts = [*self.turned, *([] if self.blank else split(self.open, self.limit))]
        return [Page(text, whole and number == len(texts)) for number, text in enumerate(texts, 1)]

    def ready(self, *, whole: bool) -> str:
        """What may be streamed to the open page now."""
        end = len(self.open) if whole else min(settled_fence(self.open), STREAMED)
        return self.open[self.shown : end]

    def full(self) -> bool:
        """The open page has to be turned before all of it is shown."""
        return len(self.open) > PAGE

    def turn(self) -> str:
        """Begin a new page; returns what the old one still gets."""
        if self.full():
            page, left = cut(self.open, PAGE, self.shown)
            self._head = left[: left.find("\n") + 1] if left.startswith("```") else ""
        else:
            page, self._head = cut(self.open[: self.shown], PAGE, self.shown)
            left = self.open[self.shown :]
            left = self._head + (left if self._head else left.lstrip("\n"))
        more, self.open = page[self.shown :], left
        self.turned.append(page)
        self.shown = 0
        return more


def blocks(
    page: Page, turn: int, *, opinions: bool, incomplete: bool = False
) -> list[dict[str, Any]]:
    """A page as blocks; Slack itself turns the Markdown into what people see."""
    below = buttons(turn, opinions=opinions, incomplete=incomplete) if page.last else []
    return [{"type": "markdown", "text": page.text}, *below]


def buttons(turn: int, *, opinions: bool, incomplete: bool) -> list[dict[str, Any]]:
    """What stands below an answer; one that is incomplete can be asked for again."""
    return [*([feedback(turn)] if opinions else []), *([_again(turn)] if incomplete else [])]


def _again(turn: int) -> dict[str, Any]:
    text = {"type": "plain_text", "text": "Retry"}
    button = {"type": "button", "action_id": AGAIN, "text": text, "value": str(turn)}
    return {"type": "actions", "elements": [button]}


def feedback(turn: int) -> dict[str, Any]:
    """The buttons under an answer."""
    button = {"type": "plain_text"}
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": RATE,
                "positive_button": {"text": button | {"text": "Good"}, "value": f"good {turn}"},
                "negative_button": {"text": button | {"text": "Bad"}, "value": f"bad {turn}"},
            }
        ],
    }


def fallback(text: str) -> str:
    """The text for notifications and for what shows no blocks; its markup is Slack's own."""
    short = text if len(text) <= FALLBACK else f"{text[:FALLBACK].rstrip()}…"
    return escaped(short)


def escaped(text: str) -> str:
    """Plain text where Slack expects its own markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def metadata(turn: int, part: int) -> dict[str, Any]:
    """What an answer's message can be found by; the whole workspace can read it: ids only."""
    return {"event_type": EVENT, "event_payload": {"turn_id": turn, "part": part}}


def marked(message: dict[str, Any]) -> tuple[int, int] | None:
    """The turn and the part that a message's metadata names, if it is an answer's."""
    about = message.get("metadata")
    if not isinstance(about, dict) or about.get("event_type") != EVENT:
        return None
    payload = about.get("event_payload")
    if not isinstance(payload, dict):
        return None
    turn, part = payload.get("turn_id"), payload.get("part")
    return (turn, part) if isinstance(turn, int) and isinstance(part, int) else None
