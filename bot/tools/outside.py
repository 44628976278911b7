"""What an answer has read that nobody of its channel wrote: pages, searches, what servers say.

Such a text may ask for something. Where it could have memory sent away, or more people told, the
tools that do so are held to what the asker said once it has been read.
"""

import re
from collections.abc import Iterator

from bot.domain.toolbox import ToolContext
from bot.language.folding import UNSPACED
from bot.language.terms import extract_words_and_wholes

INSIDE = frozenset({"calculate", "now", "open_message", "remind", "search_memory"})
"""Built-in tools whose results come from the channel, or from Nellie herself."""
SHORTEST = 3
"""Characters of a word that may be taken from outside: letters and digits can spell anything."""
_PAIR = re.compile(f"[{UNSPACED}]{{2}}")
_AT_ONCE = 100  # words: of more, the index would take the most frequent alone


_ASKED_IN_THE_OPEN = frozenset({"fetch_page", "web_search"})
"""Tools whose arguments tell nobody anything new: what they echo was written, or sent before."""


def has_read_outside(context: ToolContext) -> bool:
    """Whether its model has read something from elsewhere: results, or what servers' tools say."""
    return context.hears_servers or any(call.name not in INSIDE for call, _ in context.earlier)


def new_words(query: str, context: ToolContext) -> list[str]:
    """The words of a query that its asker has not said, and that stood in nothing from outside."""
    allowed = set(_words(context.turn.trigger.text))
    for call, result in context.earlier:
        if call.name not in INSIDE and not result.is_error:
            given = () if call.name in _ASKED_IN_THE_OPEN else _words(call.arguments)
            allowed |= {one for one in _words(result.text) if _is_word(one)} - set(given)
    return [word for word in dict.fromkeys(_words(query)) if word not in allowed]


def _is_word(term: str) -> bool:
    """Whether it says something by itself; scripts without spaces are read in pairs."""
    return len(term) >= SHORTEST or bool(_PAIR.fullmatch(term))


def _words(text: str) -> Iterator[str]:
    words = text.split()
    for at in range(0, len(words), _AT_ONCE):
        yield from extract_words_and_wholes(" ".join(words[at : at + _AT_ONCE]))[0]
