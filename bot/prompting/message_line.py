"""A message as the prompt shows it: no text can look like another line or another person."""

import re
from datetime import UTC, datetime

from bot.domain.model import Message
from bot.prompting.budget import MESSAGE_LIMIT
from bot.prompting.template_marks import break_up_marks
from bot.text.names import plain_name
from bot.text.tokens import clip, estimate

_LINE_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

A_BOT = " (a bot)"


def format_line(message: Message, limit: int = MESSAGE_LIMIT) -> str:
    """A message as the transcript shows it; no text can look like another line or another person.

    Every further line of the text starts with `| `; what a chat template would take as one of its
    own marks is broken up.
    """
    mark = f" #{short_thread_id(message.thread)}" if message.thread else ""
    head = f"[{to_minute(message.at)}{mark}] {display_name(message)}: "
    return clip(head + quote(message.text), limit)


def to_minute(at: datetime) -> str:
    """A time as prompts show it. (To format it by a pattern takes five times as long.)"""
    return at.astimezone(UTC).isoformat(" ", "minutes")[:16]


def count_line_tokens(message: Message) -> int:
    """The tokens that a message's line takes, as stored with it."""
    return estimate(format_line(message)) + 1


def display_name(message: Message) -> str:
    """The author's name, free of anything that shapes the layout; only Nellie is called Nellie.

    A bot is said to be one: it may go by a person's name.
    """
    author = message.author
    return show_name(author.name, nellie=author.nellie, bot=author.bot)


def show_name(name: str, *, nellie: bool, bot: bool) -> str:
    """The same of what is known of an author."""
    if nellie:
        return "Nellie"
    return f"{plain_name(name)}{A_BOT if bot else ''}"


def quote(text: str) -> str:
    """Text that stays inside its line, whatever it holds."""
    text = break_up_marks(text)
    return text if text.isprintable() else _LINE_BREAK.sub("\n| ", text)


def short_thread_id(thread: str) -> str:
    """A few letters that tell a thread from the others of its channel."""
    return re.sub(r"[^0-9A-Za-z]+", "", thread)[-6:] or "thread"
