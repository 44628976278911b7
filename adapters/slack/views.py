"""What commands and shortcuts show: blocks of text, confirmations, views (modals). Pure."""

from typing import Any

from bot.text.chunking import split
from bot.text.graphemes import UTF_16

ASK_ABOUT = "ask_about"
SUMMARIZE = "summarize_thread"
CONFIRM = "confirm"
CANCEL = "cancel"
QUESTION = "question"
ASKED = "asked"
ONLY_YOU = "Only you will see the answer."
SECTION = 2_900  # characters of a section; Slack takes 3,000
BLOCKS = 40
BUTTON_VALUE = 2_000  # characters

Block = dict[str, Any]


def plain_text(text: str) -> Block:
    """Text without any markup."""
    return {"type": "plain_text", "text": text, "emoji": False}


def text_blocks(text: str) -> list[Block]:
    """Blocks that show a text as it is: nothing in it is markup, pings or previews."""
    pieces = split(text, SECTION, UTF_16)[:BLOCKS]
    return [{"type": "section", "text": plain_text(piece)} for piece in pieces]


def confirmation(text: str, value: str) -> list[Block]:
    """A question with two buttons; `value` is what to do after yes."""
    yes = {
        "type": "button",
        "action_id": CONFIRM,
        "style": "danger",
        "text": plain_text("Yes"),
        "value": value,
    }
    no = {"type": "button", "action_id": CANCEL, "text": plain_text("No")}
    return [*text_blocks(text), {"type": "actions", "block_id": CONFIRM, "elements": [yes, no]}]


def question_view(metadata: str, about: str) -> Block:
    """A view that takes a question about what it shows; `metadata` comes back with it."""
    field = {
        "type": "plain_text_input",
        "action_id": QUESTION,
        "multiline": True,
        "max_length": 2_000,
        "focus_on_load": True,
    }
    label = plain_text("What would you like to know?")
    return {
        "type": "modal",
        "callback_id": ASK_ABOUT,
        "title": plain_text("Ask Nellie about this"),
        "submit": plain_text("Ask"),
        "close": plain_text("Cancel"),
        "private_metadata": metadata,
        "blocks": [
            *text_blocks(about)[:1],
            {"type": "input", "block_id": QUESTION, "label": label, "element": field},
            {"type": "context", "elements": [plain_text(ONLY_YOU)]},
        ],
    }


def asking_view(callback: str, metadata: str, *, title: str, label: str, hint: str) -> Block:
    """A view that asks for a line of text; `metadata` comes back with it."""
    field = {
        "type": "plain_text_input",
        "action_id": ASKED,
        "max_length": 2_000,
        "focus_on_load": True,
        "placeholder": plain_text(hint),
    }
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain_text(title),
        "submit": plain_text(title.split()[0]),
        "close": plain_text("Cancel"),
        "private_metadata": metadata,
        "blocks": [
            {"type": "input", "block_id": ASKED, "label": plain_text(label), "element": field},
            {"type": "context", "elements": [plain_text(ONLY_YOU)]},
        ],
    }


def help_view(text: str) -> Block:
    """A view that shows the commands."""
    return _text_view("What Nellie can do", text)


def notice_view(text: str) -> Block:
    """A view that says why something was not done, where there is no channel to say it in."""
    return _text_view("Nellie", text)


def _text_view(title: str, text: str) -> Block:
    return {
        "type": "modal",
        "title": plain_text(title),
        "close": plain_text("Close"),
        "blocks": text_blocks(text),
    }
