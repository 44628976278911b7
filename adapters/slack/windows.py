"""What commands and shortcuts show: pages of text, questions to confirm, windows. Pure."""

from typing import Any

from bot.text import split

ASK_ABOUT = "ask_about"
SUMMARIZE = "summarize_thread"
CONFIRM = "confirm"
CANCEL = "cancel"
QUESTION = "question"
SECTION = 2_900  # characters of a section; Slack takes 3,000
BLOCKS = 40

Block = dict[str, Any]


def words(text: str) -> Block:
    """Text without any markup."""
    return {"type": "plain_text", "text": text, "emoji": False}


def page(text: str) -> list[Block]:
    """A text as blocks that show it as it is: nothing in it is markup, pings or previews."""
    pieces = split(text, SECTION)[:BLOCKS]
    return [{"type": "section", "text": words(piece)} for piece in pieces]


def confirmation(text: str, value: str) -> list[Block]:
    """A question with two buttons; `value` is what to do after yes."""
    yes = {"type": "button", "action_id": CONFIRM, "style": "danger", "text": words("Yes")}
    no = {"type": "button", "action_id": CANCEL, "text": words("No")}
    return [
        *page(text),
        {"type": "actions", "block_id": CONFIRM, "elements": [{**yes, "value": value[:2_000]}, no]},
    ]


def ask_window(about: str) -> Block:
    """A window that takes a question; `about` comes back with it."""
    field = {
        "type": "plain_text_input", "action_id": QUESTION, "multiline": True, "max_length": 2_000,
        "focus_on_load": True,
    }  # fmt: skip
    label = words("What would you like to know?")
    return {
        "type": "modal",
        "callback_id": ASK_ABOUT,
        "title": words("Ask Nellie about this"),
        "submit": words("Ask"),
        "close": words("Cancel"),
        "private_metadata": about,
        "blocks": [
            {"type": "input", "block_id": QUESTION, "label": label, "element": field},
            {"type": "context", "elements": [words("Only you will see the answer.")]},
        ],
    }


def help_window(text: str) -> Block:
    """A window that shows the commands."""
    return {
        "type": "modal",
        "title": words("What Nellie can do"),
        "close": words("Close"),
        "blocks": page(text),
    }
