"""What tools have found, as they hand it to a model: a quote, with a mark before every line."""

from collections.abc import Sequence

from bot.domain.documents import FoundPassage
from bot.domain.model import Message
from bot.prompting.message_line import format_line
from bot.prompting.template_marks import break_up_marks
from bot.text.sanitize import clean
from bot.text.tokens import clip, estimate

MARK = "| "
LINE_TOKENS = 160  # of a message that is quoted
PASSAGE_TOKENS = 240  # of a part of a file
LONGEST_HEADING = 160  # characters
ROOM = 1_500  # tokens of messages that one result quotes


def quote_lines(text: str) -> str:
    """A text of somebody else's: none of its lines can look like one of ours."""
    return "\n".join(f"{MARK}{break_up_marks(line)}" for line in clean(text).split("\n"))


def in_one_line(text: str, longest: int) -> str:
    """The same of a short text: a title, say."""
    line = " ".join(break_up_marks(clean(text)).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def quote_messages(messages: list[Message]) -> tuple[str, list[Message]]:
    """Messages with their links, as many as there is room for, and which these are."""
    lines, shown, left = list[str](), list[Message](), ROOM
    for message in messages:
        line = f"{format_line(message, LINE_TOKENS)} {message.link}".rstrip()
        left -= estimate(line)
        if left < 0 and shown:
            break
        lines.append(line)
        shown.append(message)
    return "\n".join(lines), shown


def quote_passages(passages: Sequence[FoundPassage]) -> str:
    """Parts of files with file, page and link; empty where there are none."""
    if not passages:
        return ""
    lines = ["What files say that were posted in this channel, as quotes:"]
    for one in passages:
        heading = in_one_line(one.passage.heading, LONGEST_HEADING)
        lines.append(f"{one.citation}{f' ({heading})' if heading else ''}:")
        lines.append(quote_lines(clip(one.passage.text, PASSAGE_TOKENS)))
    return "\n".join(lines)


def clip_quote(text: str, tokens: int) -> str:
    """A text cut to what fits, which says so."""
    return clip(text, max(tokens, 16))
