"""What a question's answer is made from, as memory has it, in as few round trips as can be.

Where what the question finds came with it, and its window is known, that is one: then everything
else is read at once, the window's news, the conversation, and the messages that recall chooses
from. Where it has to be searched for, that is done with the window and the conversation, and the
messages are a second. A window that nobody has asked in yet costs one more; so do names, times,
meaning and documents (bot.memory.recall), and what of the messages turned out to be missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.message_row import MessageRow
from bot.domain.model import Message, Turn
from bot.language.hit_scores import SearchHit
from bot.memory.choosing import Room
from bot.memory.recollection import Looked, Recollecting, Recollection
from bot.memory.window import READ_LIMIT, Window, Windows
from bot.prompting.budget import Budget
from bot.store.hits_ahead import HitsAhead
from bot.store.material import Material, Place, Read
from bot.store.search import HIT_LIMIT

EXCHANGE = 2  # messages before the trigger that a direct conversation repeats as turns
THREAD = 12  # messages of a thread or a chain of replies, its root included


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, as its material is read."""

    turn: Turn
    channel_id: int
    words: Message
    """The question with all that it is about: what is recalled for it."""
    budget: Callable[[Window], Budget]
    """That of its prompt, by what is set for its channel."""
    ahead: HitsAhead | None = None
    """What was found when it came."""


@dataclass(slots=True)
class ReadMaterial:
    """What was read for a question."""

    asked: Asked
    window: Window
    conversation: list[Message]
    """What is being answered: the thread, the chain of replies, or the newest exchange."""
    looked: Looked | None
    """None where there is no room for what is recalled."""
    tokens: int
    """The room that it was looked for with."""
    messages: list[MessageRow]
    """Among these recall chooses."""
    seqs: set[int]
    """The numbers of the messages that were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionMaterial:
    """Reads it."""

    windows: Windows
    material: Material
    recollecting: Recollecting

    async def read(self, asked: Asked) -> ReadMaterial:
        """All that can be read of it at once."""
        channel_id = asked.channel_id
        window = self.windows.known(channel_id) or await self.windows.read(channel_id)
        trip = _Trip(self.material, asked, window.last)
        budget, looked, seqs = asked.budget(window), None, set[int]()
        if budget.recall:
            looked = await self.recollecting.look(
                channel_id,
                asked.words,
                tokens=budget.recall,
                has_documents=window.state.has_documents,
                search=trip.search,
            )
        if trip.read is None:
            seqs = looked.wanted(_room(window, budget)) if looked else seqs
            trip.read = await trip.make(seqs=seqs)
        window = await self.windows.read_on(window, trip.read.state, trip.read.new)
        conversation = trip.read.conversation
        if asked.turn.channel.direct and not (trip.place.thread or trip.place.reply_to):
            before = [one for one in window.newest if one.seq < asked.turn.trigger.seq]
            conversation = before[-EXCHANGE:]
        return ReadMaterial(
            asked, window, conversation, looked, budget.recall, trip.read.wanted, seqs
        )

    async def recollect(self, read: ReadMaterial, *, documents: bool) -> Recollection:
        """What matters of what was said before the window, and of documents."""
        asked, window = read.asked, read.window
        budget = asked.budget(window)
        if not budget.recall:
            return Recollection()
        looked = read.looked
        if looked is None or read.tokens != budget.recall:  # another model was set just now
            looked = await self.recollecting.look(
                asked.channel_id, asked.words, tokens=budget.recall, has_documents=documents
            )
        looked = await self.recollecting.with_passages(
            looked, asked.channel_id, tokens=budget.recall, has_documents=documents
        )
        room = replace(_room(window, budget), window=set(window.shown(budget)))
        messages, missing = read.messages, looked.wanted(room) - read.seqs
        if missing:
            more = await self.recollecting.recall.messages.rows(asked.channel_id, missing)
            messages = sorted([*messages, *more], key=lambda one: one.seq)
        return self.recollecting.choose(looked, messages, room)


@dataclass(slots=True)
class _Trip:
    """The one statement that reads nearly everything, made once."""

    material: Material
    asked: Asked
    after: int
    """The window's last number."""
    read: Read | None = None
    place: Place = field(init=False)

    def __post_init__(self) -> None:
        """Where the question stands."""
        trigger = self.asked.turn.trigger
        self.place = Place(
            thread=trigger.thread, reply_to=trigger.reply_to, before=trigger.seq, most=THREAD
        )

    async def search(self, terms: Sequence[str]) -> list[SearchHit]:
        """What holds these terms: as it came with the question, or else read with all the rest."""
        ahead = self.asked.ahead
        if ahead and ahead.terms == tuple(terms):
            return ahead.hits
        if not terms:
            return []
        self.read = await self.make(terms=terms)
        return self.read.hits

    async def make(self, *, terms: Sequence[str] = (), seqs: set[int] | None = None) -> Read:
        """Read it all."""
        return await self.material.read(
            self.asked.channel_id,
            self.place,
            after=self.after,
            most_new=READ_LIMIT,
            terms=terms,
            most_hits=HIT_LIMIT,
            seqs=seqs or (),
        )


def _room(window: Window, budget: Budget) -> Room:
    return Room(
        tokens=budget.recall,
        before=window.first_shown(budget),
        shown=window.tokens_shown(budget),
    )
