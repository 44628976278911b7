"""What people said stays out of prompts, where it would outlive being forgotten; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.model import Message
from bot.language.folding import fold
from bot.language.ordinary_words import is_ordinary
from bot.language.particulars import find_particulars
from bot.prompting.message_line import display_name

RUN = 6  # words in a row that nobody writes twice by chance
SHORTEST_NAME = 3  # letters
STAND_INS = {"you", "somebody", "someone", "nellie"}


@dataclass(frozen=True, slots=True)
class Said:
    """What the messages of examples hold that no prompt may."""

    names: frozenset[str]
    particulars: frozenset[str]
    runs: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, messages: Iterable[Message], *, ours: Iterable[str]) -> "Said":
        """That of messages, but for what stands in texts of `ours` already."""
        known = "\n".join(ours)
        own_words, own_runs = set(_words(known)), set(_runs(known))
        own_particulars = {one.value for one in find_particulars(known)}
        names, particulars, runs = set[str](), set[str](), set[tuple[str, ...]]()
        for message in {(one.seq, one.author.id, one.text): one for one in messages}.values():
            names |= {*_words(display_name(message))}
            particulars |= {one.value for one in find_particulars(message.text)}
            runs |= {*_runs(message.text)}
        kept = {name for name in names - own_words - STAND_INS if _is_name(name)}
        return cls(
            frozenset(kept), frozenset(particulars - own_particulars), frozenset(runs - own_runs)
        )

    def find_in(self, text: str) -> str:
        """What of it stands in a text, for people; empty where nothing does."""
        if self.names & {*_words(text)}:
            return "it names a person of the channel"
        if self.particulars & {one.value for one in find_particulars(text)}:
            return "it holds a link, a path or a number that somebody wrote"
        if self.runs & {*_runs(text)}:
            return f"it repeats {RUN} words in a row that somebody wrote"
        return ""


def _is_name(word: str) -> bool:
    return len(word) >= SHORTEST_NAME and not is_ordinary(word)


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in fold(text)).split()


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = _words(text)
    return (tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
