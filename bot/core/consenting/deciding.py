"""Deciding whether a tool may change something: who may, once, and what follows from it."""

from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, Self

import structlog

from bot.core.message_checks import checked
from bot.domain.consents import ConsentEnd, ConsentQuestion, asking_turn, decision_id
from bot.domain.continuations import pressed_turn
from bot.domain.errors import CommandError, NotAllowed, Refused
from bot.domain.model import Author, Message, Received, Turn
from bot.language.intents.assent import read_numbered_assent
from bot.store.consents import Consents, StoredConsent
from bot.store.message_inserts import NewMessage
from bot.store.stores import Stores
from bot.store.turn_actions import TurnActions
from bot.text.fingerprints import fingerprint
from bot.text.names import plain_name
from bot.text.sanitize import defuse

GONE = "What this was about is gone, so I do nothing. Please ask anew."
LATE = "That was asked too long ago, and no answer means no. Please ask anew."
DECIDED = "That is decided already: {tool} was {said}."
WHO = "who asked, or people with rights over this channel (or in NELLIE_ADMINS),"
WHO_ALONE = "who asked"
WHICH = "I have asked several things. Which one? Say {numbers}."
SAYS = {"allowed": "Allowed", "denied": "Not allowed"}

log = structlog.get_logger(__name__)


class Storing(Protocol):
    """What takes a decision in: bot.core.acceptance.Acceptance.store."""

    def __call__(
        self, channel_id: int, new: NewMessage, *, opens_turn: bool
    ) -> Awaitable[Received]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Takes decisions, and opens the turns that go on with them."""

    stores: Stores
    admins: Collection[str]
    """Ids of people with rights over every channel."""

    @classmethod
    def on(cls, stores: Stores, admins: Collection[str]) -> Self:
        """On the stores of one replica."""
        return cls(stores=stores, admins=admins)

    @property
    def consents(self) -> Consents:
        """The questions."""
        return self.stores.consents

    @property
    def turn_actions(self) -> TurnActions:
        """The turns that ask."""
        return self.stores.turn_actions

    async def decide(
        self, consent_id: int, person: Author, *, allows: bool, has_rights: bool
    ) -> tuple[ConsentEnd, Turn]:
        """Decide a question; with the turn that asked it. Raises CommandError and NotAllowed."""
        found = await self.consents.get(consent_id)
        asking = await self.turn_actions.get(found.turn_id) if found else None
        if found is None or asking is None:
            raise CommandError(reason=GONE)
        self._check(found, asking, person, has_rights=has_rights)
        if not await self.consents.decide(found.id, person.stored_id, allows=allows):
            raise CommandError(reason=_why(await self.consents.get(consent_id)))
        left = await self.open_ones(asking.id)
        log.info("consent", turn=asking.id, tool=found.tool, allowed=allows)
        said = SAYS["allowed" if allows else "denied"]
        text = f"{said} by {defuse(plain_name(person.name))}: {found.tool}."
        return ConsentEnd(text, left), asking

    def _check(
        self, found: StoredConsent, asking: Turn, person: Author, *, has_rights: bool
    ) -> None:
        """Raises NotAllowed for who may not decide, and CommandError where nothing is open."""
        own = fingerprint(asking.channel.platform, person.stored_id) == found.person
        has_rights = has_rights or asking.channel.direct or person.stored_id in self.admins
        if person.bot or person.nellie or not (own or has_rights) or (asking.private and not own):
            raise NotAllowed(who=WHO_ALONE if asking.private else WHO)
        if not found.is_open or not asking.asker.id:
            raise CommandError(reason=_why(found))

    async def open_ones(self, turn_id: int) -> tuple[ConsentQuestion, ...]:
        """The questions of an answer that can still be decided."""
        found = await self.consents.of_turns([turn_id])
        return tuple(one.question for one in found if one.is_open)

    async def asking(self, consent_id: int) -> Turn | None:
        """The turn whose answer asks a question."""
        found = await self.consents.get(consent_id)
        return await self.turn_actions.get(found.turn_id) if found else None

    async def go_on(self, store: Storing, asking: Turn) -> int:
        """Open the turn that goes on, if all is decided: once, over all replicas; else 0."""
        found = await self.consents.of_turns([asking.id])
        if any(one.is_open for one in found) or not (found and asking.asker.id):
            return 0
        message = checked(decision_of(asking, found))
        channel_id = await self.stores.channels.id(asking.channel)
        new = NewMessage(message, remembered=asking.remembered)
        received = await store(channel_id, new, opens_turn=True)
        return received.turn or await self.consents.went_on(channel_id, message.id)

    async def in_words(self, channel_id: int, message: Message, store: Storing) -> Received | None:
        """Take a yes or no that a person says; None where they were asked nothing of the kind."""
        said = None if message.author.bot else read_numbered_assent(message.text)
        if said is None or message.author.nellie or _is_for_others(message):
            return None
        allows, number = said
        asked = await self.consents.asked_in_words(channel_id, message, numbered=number is not None)
        if not asked:
            return None
        meant = [one for one in asked if number in (None, one.number)]
        if not meant or (allows and len(meant) > 1):
            reply = WHICH.format(numbers=" or ".join(f"“yes {one.number}”" for one in asked))
            return await _answer(store, channel_id, message, reply)
        try:
            for one in meant:
                end, asking = await self.decide(
                    one.id, message.author, allows=allows, has_rights=False
                )
        except (CommandError, NotAllowed):  # somebody was quicker
            return None
        if end.left:
            left = ", ".join(f"{one.number} ({one.tool})" for one in end.left)
            return await _answer(store, channel_id, message, f"{end.text} Still open: {left}.")
        yes_or_no = NewMessage(message, remembered=False)
        received = await store(channel_id, yes_or_no, opens_turn=False)
        return replace(received, turn=await self.go_on(store, asking) or None)

    async def go_on_all(self, store: Storing, platforms: Sequence[str]) -> int:
        """Open what a crash kept from being opened, and what silence has decided; how many."""
        opened = 0
        for turn_id in await self.consents.find_decided(platforms):
            if asking := await self.turn_actions.get(turn_id):
                try:
                    opened += bool(await self.go_on(store, asking))
                except Refused as error:
                    log.warning("consent_not_gone_on", turn=turn_id, reason=str(error))
        return opened


def _is_for_others(message: Message) -> bool:
    addressed = message.addressed or message.channel.direct
    return not addressed and bool(message.mentions or message.reply_to)


async def _answer(store: Storing, channel_id: int, message: Message, text: str) -> Received:
    """Answer a yes or no with a fixed text: nothing of it is remembered."""
    new = NewMessage(replace(message, reply=text), remembered=False)
    return await store(channel_id, new, opens_turn=True)


def decision_of(asking: Turn, found: Sequence[StoredConsent]) -> Message:
    """What was decided, as a message: in the place where the answer stands, as if asked there."""
    asked = asking.trigger
    pressed = pressed_turn(asked) is not None or asking_turn(asked) is not None
    session = asking.lane.removeprefix("session:")
    said = [f"{one.tool}: {one.state}." for one in found]
    return Message(
        channel=asking.channel,
        id=decision_id(asking),
        author=asking.asker,
        text=f"(Asked for consent. {' '.join(said)})",
        at=datetime.now(UTC),
        thread=asked.thread,
        reply_to=asked.reply_to if pressed else asked.id,
        addressed=True,
        private=asking.private,
        session=session if asking.lane.startswith("session:") else "",
    )


def _why(found: StoredConsent | None) -> str:
    """Why a question cannot be decided any more."""
    if found is None or (not found.is_whole and found.state == "open"):
        return GONE
    if found.state in SAYS:
        return DECIDED.format(tool=found.tool, said=SAYS[found.state].lower())
    return LATE
