"""Completing commands, word by word, from the list that /help shows."""

import re
from collections.abc import Iterable, Iterator, Mapping

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

MENTION = "@nellie"
_WORD = re.compile(r"[a-z]+")


class CommandCompleter(Completer):
    """Offers what can follow in a command, and her name in a group."""

    def __init__(self, usages: Mapping[str, str], *, group: bool) -> None:
        self._usages = [(_alternatives(usage), what) for usage, what in usages.items()]
        self._group = group

    def applies(self, text: str) -> bool:
        """Whether there is something to offer while this is being typed."""
        return text.startswith("/") or (self._group and text.rpartition(" ")[2].startswith("@"))

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """What the last word can become."""
        text = document.text_before_cursor
        if text.startswith("/"):
            yield from self._commands(text[1:].lower())
        elif self._group:
            last = text.rpartition(" ")[2]
            if last and MENTION.startswith(last.lower()):
                yield Completion(f"{MENTION} ", -len(last), display=MENTION)

    def _commands(self, typed: str) -> Iterator[Completion]:
        *before, last = typed.split(" ")
        offered = set[str]()
        for places, what in self._usages:
            if len(places) <= len(before):
                continue
            fits = all(word in place for word, place in zip(before, places, strict=False))
            for word in places[len(before)] if fits else ():
                if word.startswith(last) and word not in offered:
                    offered.add(word)
                    meta = what if len(places) == len(before) + 1 else ""
                    yield Completion(word, -len(last), display_meta=meta)


def _alternatives(usage: str) -> list[tuple[str, ...]]:
    """The words that can stand at each place: those in capitals are for people to think of."""
    places = list[tuple[str, ...]]()
    for part in re.sub(r"\[[^]]*=[^]]*\]", "", usage).split(" "):
        words = tuple(word for word in part.strip("[]").split("|") if _WORD.fullmatch(word))
        if not words:
            break
        places.append(words)
    return places
