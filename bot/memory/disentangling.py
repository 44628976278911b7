"""Which of several interleaved conversations a message goes on with: by who speaks to whom. Pure.

In a busy channel people talk across each other. Messages are linked: one that names or replies to
somebody with what that person said last, what somebody says with what they said before. How surely
a message belongs to a conversation is the product of the links on the best way to it. That needs no
words in common, which what follows on each other seldom has. The weights are few, and each of them
may be a tenth more or less: see docs/memory.md.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count, repeat
from math import exp

from bot.domain.message_row import MessageRow
from bot.domain.model import Message
from bot.language.ordinary_words import is_ordinary
from bot.language.terms import stem

SAID = 0.95  # a link that is said: by a name, a reply, a thread; or the same person, going on
UNSAID = 0.77  # from somebody who was spoken to, and names nobody
ELSEWHERE = 0.7  # the same person, now speaking to somebody else
FADING = 400  # messages between two, over which a link sinks to 37 %
WEAKEST = 0.45  # below that, it is another conversation
ANSWER_SPAN = 40  # messages, within which an answer that names nobody is expected

_SHORTEST_NAME = 3  # letters of a name that is looked for in texts
_READ = 2_000  # characters of a text that are looked through for names
_ADDRESS = re.compile(r"[@<]{0,2}(?P<name>[^\s:,>]+)(?P<mark>[:,>])?")
_WORD = re.compile(r"@?[\w\-\[\]\\`^{}|]+")


def find_conversation(
    trigger: Message, earlier: Iterable[Message | MessageRow]
) -> dict[int, float]:
    """How surely messages before it belong to its conversation, by their numbers: up to 1.

    Those that do not are left out, and so is what Nellie said: she speaks to everybody.
    """
    said = [one for one in earlier if one.seq < trigger.seq and not one.author.nellie]
    if not said:
        return {}
    names = _Names.of([*said, trigger])
    links = _Links()
    for message in sorted(said, key=lambda one: one.seq):
        links.add(message, names.find_addressed(message))
    links.add(trigger, names.find_addressed(trigger))
    reached = dict(links.walk(trigger.seq))
    del reached[trigger.seq]
    return reached


@dataclass(frozen=True, slots=True)
class _Names:
    """Who is called what; by the first word, since a text is looked through word by word."""

    people: dict[str, list[tuple[str, str]]]
    """(Whole name, id) of those whose name begins with this word; in lower case."""

    @classmethod
    def of(cls, messages: Sequence[Message | MessageRow]) -> "_Names":
        people: dict[str, list[tuple[str, str]]] = {}
        for author in {one.author.id: one.author for one in messages}.values():
            name = author.name.casefold().strip()
            if len(name) >= _SHORTEST_NAME:
                people.setdefault(name.split()[0], []).append((name, author.id))
        return cls(people)

    def find_addressed(self, message: Message | MessageRow) -> list[str]:
        """The ids of those whom a text begins with; else of those whom it names.

        What is said to Nellie speaks of those whom it names, not to them.
        """
        text = message.text[:_READ].casefold()
        begin = _ADDRESS.match(text)
        if begin and (begin["mark"] or not message.addressed):
            person = self._find(begin["name"], text, sure=bool(begin["mark"]))
            if person:
                return [person] if person != message.author.id else []
        if message.addressed:
            return []
        people = self.people  # few words are a name's: the others need no closer look
        named = dict.fromkeys(
            self._find(word.removeprefix("@"), text, sure=word[0] == "@")
            for word in _WORD.findall(text)
            if word in people or word[0] == "@"
        )
        return [person for person in named if person and person != message.author.id]

    def _find(self, word: str, text: str, *, sure: bool) -> str:
        """The one person who is called so, or else so by their first name; "" where none is."""
        people = self.people.get(word, ())
        if not people or not (sure or (stem(word) and not is_ordinary(word))):
            return ""
        whole = [person for name, person in people if name in text]
        return whole[0] if whole else people[0][1] if len(people) == 1 else ""


@dataclass(slots=True)
class _Links:
    """What goes on with what, added in the order in which it was said."""

    of: dict[int, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    """By message: those that it is linked with, and how strongly."""
    ids: dict[str, int] = field(default_factory=dict)
    last: dict[str, tuple[int, list[str], str]] = field(default_factory=dict)
    """By person: the last that they said, to whom, and in which thread."""
    last_to: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """By person: the last that each of the others said to them."""
    threads: dict[str, int] = field(default_factory=dict)

    def add(self, message: Message | MessageRow, addressed: Sequence[str]) -> None:
        """Link a message with what was said before it."""
        author = message.author.id
        for other, strength in dict(self._find(message, addressed)).items():
            faded = strength * exp((other - message.seq) / FADING)
            self.of[message.seq].append((other, faded))
            self.of[other].append((message.seq, faded))
        self.ids[message.id] = self.threads[message.thread or message.id] = message.seq
        self.last[author] = (message.seq, list(addressed), message.thread)
        for person in addressed:
            self.last_to[person][author] = message.seq

    def _find(
        self, message: Message | MessageRow, addressed: Sequence[str]
    ) -> Iterator[tuple[int, float]]:
        """What it goes on with, and how surely: of the same message, what comes last counts."""
        author = message.author.id
        to_author = self.last_to[author]
        if not addressed:
            recent = [seq for seq in to_author.values() if message.seq - seq <= ANSWER_SPAN]
            yield from zip(recent, repeat(UNSAID))
        if author in self.last:
            before, to, thread = self.last[author]
            parted = to and addressed and set(to).isdisjoint(addressed)
            yield before, ELSEWHERE if parted or thread != message.thread else SAID
        said = [
            *(self.last[person][0] for person in addressed if person in self.last),
            *(to_author.get(person) for person in addressed),
            *(self.last_to[person].get(author) for person in addressed),
            self.ids.get(message.reply_to),
            self.threads.get(message.thread),
        ]
        yield from ((seq, SAID) for seq in said if seq)

    def walk(self, start: int) -> Iterator[tuple[int, float]]:
        """(message, product of the strengths on the best way there), the strongest first."""
        ties = count()
        heap, done = [(-1.0, next(ties), start)], set[int]()
        while heap:
            strength, _, seq = heappop(heap)
            if seq in done:
                continue
            done.add(seq)
            yield seq, -strength
            for other, link in self.of[seq]:
                if other not in done and -strength * link >= WEAKEST:
                    heappush(heap, (strength * link, next(ties), other))
