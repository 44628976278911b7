"""A message as the prompt shows it: no text can look like another line or another person."""

import re
import unicodedata
from datetime import UTC
from functools import lru_cache

from bot.domain.model import Message
from bot.prompting.budget import MESSAGE_LIMIT
from bot.text.tokens import clip, estimate

NAME_LIMIT = 16  # tokens of an author's name

_CHAT_TEMPLATE_MARK = re.compile(
    r"<[|｜](?=\S)|[|｜]>|</?s>|<</?SYS>>|</?(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]",
    re.IGNORECASE,
)
_NOT_IN_NAMES = re.compile(r"[\[\]<>|:`\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ROLES = {"system", "assistant", "developer", "user", "tool"}
_INVISIBLE = {"Cf", "Cn", "Co", "Cs"}  # categories of characters without a shape of their own
_LINE_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def format_line(message: Message, limit: int = MESSAGE_LIMIT) -> str:
    """A message as the transcript shows it; no text can look like another line or another person.

    Every further line of the text starts with `| `; what a chat template would take as one of its
    own marks is broken up.
    """
    mark = f" #{short_thread_id(message.thread)}" if message.thread else ""
    head = f"[{message.at.astimezone(UTC):%Y-%m-%d %H:%M}{mark}] {display_name(message)}: "
    return clip(head + quote(message.text), limit)


def count_line_tokens(message: Message) -> int:
    """The tokens that a message's line takes, as stored with it."""
    return estimate(format_line(message)) + 1


def display_name(message: Message) -> str:
    """The author's name, free of anything that shapes the layout; only Nellie is called Nellie."""
    return "Nellie" if message.author.nellie else _sanitize_name(message.author.name)


def quote(text: str) -> str:
    """Text that stays inside its line, whatever it holds."""
    return _LINE_BREAK.sub("\n| ", break_up_marks(text))


def break_up_marks(text: str) -> str:
    """The text, with a zero-width space in whatever a chat template would take as its own mark."""
    return _CHAT_TEMPLATE_MARK.sub(_break_up, text)


def short_thread_id(thread: str) -> str:
    """A few letters that tell a thread from the others of its channel."""
    return re.sub(r"[^0-9A-Za-z]+", "", thread)[-6:] or "thread"


@lru_cache(maxsize=4096)
def _sanitize_name(name: str) -> str:
    composed = unicodedata.normalize("NFKC", name[:200])
    visible = "".join(c for c in composed if unicodedata.category(c) not in _INVISIBLE)
    plain = " ".join(_NOT_IN_NAMES.sub(" ", visible).split())[:40]
    while estimate(plain) > NAME_LIMIT:
        plain = plain[:-1]
    letters = "".join(filter(str.isalpha, unicodedata.normalize("NFKD", plain))).casefold()
    if letters == "nellie":
        return f"{plain} (not you)"
    if letters in _ROLES:
        return f"{plain} (a person)"
    return plain.strip() or "someone"


def _break_up(mark: re.Match[str]) -> str:
    text = mark.group()
    return f"{text[0]}\u200b{text[1:]}"
