"""What recall has to be better than, at as many tokens: the newest messages, and plain BM25."""

from collections.abc import Sequence

from bot.domain.model import Message
from bot.language.question import Question
from bot.prompting.excerpt import select_fitting
from bot.store.search import Search

BEST = 400  # messages that BM25 chooses from


def count(text: str) -> int:
    """Tokens as the published figures count them."""
    return -(-len(text) // 4)


def count_line(message: Message) -> int:
    """The tokens of a message's line."""
    return count(f"{message.author.name}: {message.text}")


def find_first_recent(messages: Sequence[Message], tokens: int) -> int:
    """The index of the first of the newest messages that fit into so many tokens."""
    first, left = len(messages), tokens
    while first and (cost := count_line(messages[first - 1]) + 1) <= left:
        left -= cost
        first -= 1
    return first


async def find_by_bm25(
    search: Search, channel_id: int, trigger: Message, tokens: int
) -> list[Message]:
    """The messages that share the rarest and most words with the question, as many as fit."""
    terms = Question.read(trigger).terms
    best = await search.best(trigger.channel, channel_id, terms, limit=BEST, without=trigger.seq)
    return select_fitting([message for _, message in best], tokens, count)
