"""What may be shown of messages: without names, without secrets, nothing of who is to be absent."""

from collections import OrderedDict
from collections.abc import AsyncIterable
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.datasets.names import Names
from bot.datasets.person import Person, Replaced
from bot.datasets.plain_words import PlainWords
from bot.datasets.pseudonyms import SOMEONE, Pseudonyms
from bot.datasets.scrubbing import Scrubber
from bot.domain.documents import FoundPassage
from bot.domain.model import Author, Message
from bot.domain.training import Place, SaidBefore, ShownPassage, WhoWrote
from bot.prompting.message_line import format_line

KEPT = 20_000  # messages whose safe form is remembered: windows show the same ones many times
TEXTS_KEPT = 4_096  # an answer soon stands in the windows of others; a persona in all of them
LONGEST = 20_000  # characters of a message: no prompt shows more of one
LONGEST_KEPT = 4_000  # characters of a message that is remembered so


@dataclass(frozen=True, slots=True)
class SafeMessage:
    """A message as a dataset may show it."""

    message: Message
    line: str
    """In a window."""
    usable: bool
    """It names nobody who is to be absent."""


class Anonymizer:
    """Makes them, each once."""

    def __init__(self, people: "People", scrubber: Scrubber, *, line_limit: int) -> None:
        self._people = people
        self._scrubber = scrubber
        self._limit = line_limit
        self._made: OrderedDict[Place, SafeMessage] = OrderedDict()
        self._texts = lru_cache(maxsize=TEXTS_KEPT)(self._replace)
        self._plain: dict[str, PlainWords] = {}

    def text(self, text: str, platform: str) -> Replaced:
        """A text without names and secrets."""
        kept = self._texts if len(text) <= LONGEST_KEPT else self._replace
        return kept(text, platform)

    def _replace(self, text: str, platform: str) -> Replaced:
        if self._plain_words(platform).make_up(text):
            return Replaced(text, names_absent=False)
        return self._people.names(platform).replace(self._scrubber.scrub(text))

    def _plain_words(self, platform: str) -> PlainWords:
        if platform not in self._plain:
            scrubber, names = self._scrubber, self._people.names(platform)
            self._plain[platform] = PlainWords(
                lambda word: not (scrubber.may_be_in(word) or names.may_be_in(word))
            )
        return self._plain[platform]

    def said(self, said: SaidBefore, place: Place) -> SafeMessage:
        """A message that stood at a place."""
        return self._made.get(place) or self._make_once(said, place)

    def _make_once(self, said: SaidBefore, place: Place) -> SafeMessage:
        made = self._make(said)
        if len(said.message.text) <= LONGEST_KEPT:
            self._made[place] = made
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        return made

    def passage(self, shown: ShownPassage, platform: str) -> FoundPassage | None:
        """A part of a file; None where whoever posted it is to be absent."""
        found = shown.found
        if shown.author_id and self._people.is_absent(platform, shown.author_id):
            return None
        texts = [
            self.text(one, platform)
            for one in (found.name, found.passage.heading, found.passage.text)
        ]
        if any(one.names_absent for one in texts):
            return None
        name, heading, text = (one.text for one in texts)
        author = self._people.shown(platform, shown.author_id) if found.author else ""
        passage = replace(found.passage, heading=heading, text=text)
        return replace(found, name=name, author=author, passage=passage)

    def _make(self, said: SaidBefore) -> SafeMessage:
        message = said.message
        platform = message.channel.platform
        replaced = self.text(message.text[:LONGEST], platform)
        absent = said.absent or replaced.names_absent
        absent = absent or any(self._people.is_absent(platform, one) for one in message.mentions)
        author = message.author
        if not author.nellie:
            shown = self._people.shown(platform, author.id)
            author = Author(shown, shown, bot=author.bot)
        safe = Message(  # with nothing else of it, whatever a message will hold one day
            channel=message.channel,
            id=message.id,
            author=author,
            text=replaced.text,
            at=message.at,
            thread=message.thread,
            link=message.link,
            seq=message.seq,
            tokens=message.tokens,
        )
        return SafeMessage(safe, format_line(safe, self._limit), not absent)


class People:
    """Everybody who wrote something, by platform and id, as they are shown."""

    def __init__(self, pseudonyms: Pseudonyms, *, keep_names: bool) -> None:
        self._pseudonyms = pseudonyms
        self._keep = keep_names
        self._shown: dict[tuple[str, str], Person] = {}
        self._names: dict[str, Names] = {}

    async def read(self, everybody: AsyncIterable[WhoWrote]) -> None:
        """Learn who there is."""
        found: dict[str, list[Person]] = {}
        async for one in everybody:
            person = self._person(one)
            found.setdefault(one.platform, []).append(person)
            self._shown.setdefault((one.platform, one.id), person)
        unknown = None if self._keep else self._pseudonyms.of_name
        for platform, people in found.items():
            replaced = [one for one in people if one.absent or not self._keep]
            kept = people if self._keep else ()
            self._names[platform] = Names(replaced, kept=kept, unknown=unknown)

    def names(self, platform: str) -> Names:
        """How names are replaced in the texts of a platform."""
        if platform not in self._names:
            self._names[platform] = Names(())
        return self._names[platform]

    def is_absent(self, platform: str, person_id: str) -> bool:
        """Whether nothing may name them: they have opted out, or were forgotten, or never wrote."""
        known = self._shown.get((platform, person_id))
        return known is None or known.absent

    def shown(self, platform: str, person_id: str) -> str:
        """What stands in the place of their name."""
        known = self._shown.get((platform, person_id))
        return known.shown if known else SOMEONE

    def _person(self, one: WhoWrote) -> Person:
        if one.absent:
            return Person(one.id, one.name, SOMEONE, absent=True)
        if self._keep:
            return Person(one.id, one.name, one.name or SOMEONE)
        return Person(one.id, one.name, self._pseudonyms.of_person(one.platform, one.id))
