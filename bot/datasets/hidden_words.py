"""Words that only somebody said who is to be absent: no answer may hold one."""

import re
from collections.abc import Iterable, Sequence

from bot.datasets.anonymizing import SafeMessage
from bot.domain.model import Prompt
from bot.domain.training import SaidBefore

_TELLING_WORD = re.compile(r"[^\W_]{5,}|\d{3,}")


def without_quotes(shown: Sequence[SafeMessage], hidden: Sequence[SaidBefore]) -> list[SafeMessage]:
    """What may be shown, without Nellie's answers that hold a word which only the hidden said."""
    said = [one for one in hidden if not one.message.author.nellie]
    if not said:
        return list(shown)
    people = (one.message.text for one in shown if not one.message.author.nellie)
    theirs = _telling_words(one.message.text for one in said) - _telling_words(people)
    return [
        one
        for one in shown
        if not (one.message.author.nellie and _telling_words([one.message.text]) & theirs)
    ]


def shares_words(answer: str, hidden: Sequence[SaidBefore], prompt: Prompt) -> bool:
    """Whether the answer holds a telling word of what is not shown, and of nothing that is."""
    kept = _telling_words(one.text for one in prompt.messages)
    return bool(
        _telling_words([answer]) & _telling_words(one.message.text for one in hidden) - kept
    )


def _telling_words(texts: Iterable[str]) -> set[str]:
    return {word.casefold() for text in texts for word in _TELLING_WORD.findall(text)}
