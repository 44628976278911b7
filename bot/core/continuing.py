"""Going on with an answer that was cut short: which one it is, and who may ask for that."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from bot.core.acceptance import Acceptance
from bot.core.message_checks import checked
from bot.domain.continuations import asks_to_go_on, continuation_id, pressed_turn
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Author, Message, Received, Turn
from bot.store.continuations import AnswerSoFar, Continuations, Press
from bot.store.message_inserts import NewMessage
from bot.store.stores import Stores
from bot.store.turn_actions import TurnActions

GO_ON = "Go on."
GONE = "That answer is gone, so I cannot go on with it. Please ask anew."
AT_WORK = "I am at it already, or have gone on: look below."
PAST = "Something else was asked here since, so I do not go on with that. Please ask anew."


@dataclass(frozen=True, slots=True)
class Continued:
    """An answer that is gone on with."""

    question: Message
    """What it answers."""
    text: str
    """All that it has said so far."""
    seqs: tuple[int, ...]
    """Its messages, and those that it rests on: what goes on with it is forgotten with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuing:
    """Finds what "go on" means, and lets people press the button for it."""

    continuations: Continuations
    turn_actions: TurnActions

    @classmethod
    def on(cls, stores: Stores) -> Self:
        """On the stores of one replica."""
        return cls(continuations=stores.continuations, turn_actions=stores.turn_actions)

    async def read(self, channel_id: int, turn: Turn) -> Continued | None:
        """What a turn goes on with; None for a question of its own. Raises CommandError."""
        pressed = pressed_turn(turn.trigger)
        if pressed is None and not asks_to_go_on(turn.trigger.text):
            return None
        former = pressed or await self.continuations.find_before(channel_id, turn)
        parts = former and await self.continuations.claim(channel_id, former, by=turn)
        if parts:
            return _joined(parts)
        if pressed is not None:
            raise CommandError(reason=GONE)
        return None

    async def press(self, acceptance: Acceptance, turn_id: int, person: Author) -> Received:
        """Ask for the rest of an answer, once. Raises CommandError, NotAllowed and Refused."""
        former = await self.turn_actions.get(turn_id)
        if former is None:
            raise CommandError(reason=GONE)
        message = _press(former, person)
        _check(await self.continuations.press(turn_id, message.id), former, person)
        channel_id = await acceptance.channels.id(message.channel)
        new = NewMessage(checked(message), remembered=not message.private)
        return await acceptance.store(channel_id, new, opens_turn=True)


def _press(former: Turn, person: Author) -> Message:
    """What a press says: in the place where the answer stands, as if the person had written it."""
    asked, session = former.trigger, former.lane.removeprefix("session:")
    return Message(
        channel=former.channel,
        id=continuation_id(former),
        author=person,
        text=GO_ON,
        at=datetime.now(UTC),
        thread=asked.thread,
        reply_to=asked.id if pressed_turn(asked) is None else asked.reply_to,
        addressed=True,
        private=former.private,
        session=session if former.lane.startswith("session:") else "",
    )


def _check(press: Press, former: Turn, person: Author) -> None:
    """Raises CommandError and NotAllowed where there is nothing to go on with."""
    if former.private and former.asker.id not in ("", person.stored_id):
        raise NotAllowed(who="who asked")
    if press.is_pressed:
        raise CommandError(reason=AT_WORK)
    if press.is_past:
        raise CommandError(reason=PAST)
    if not press.is_cut or (former.private and not former.text):
        raise CommandError(reason=GONE)


def _joined(parts: list[AnswerSoFar]) -> Continued:
    text = ""
    for part in parts:
        apart = text[-1:].isspace() or part.text[:1].isspace() or not text
        text += part.text if apart else f" {part.text}"
    seqs = dict.fromkeys(seq for part in parts for seq in part.seqs)
    return Continued(parts[0].question, text, tuple(seqs))
