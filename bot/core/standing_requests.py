"""Standing requests: what people ask of Nellie in so many words does what its command does.

They are turns as any other, answered without the model that answers questions, and as little
remembered as commands are. Where a platform can, they are shown to the asker alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Self

import structlog

from bot.domain.errors import CommandError, LimitReached, NotAllowed
from bot.domain.model import Command, Message, Turn
from bot.domain.ports import Adapter, Commands
from bot.language.intents.assent import read_assent
from bot.language.intents.reading import Kind, StandingRequest, read_request
from bot.store.confirmations import MINUTES, Confirmations
from bot.store.stores import Stores

log = structlog.get_logger(__name__)

ONE_CAN = " You can have forgotten what you said yourself: say “forget me”."
SAY_YES = " Say “{name}yes” to do it, or “no” to leave it, within {minutes} minutes."
PUBLIC: set[Kind] = {"who"}
"""Answered before everybody, as there is nothing in it that is the asker's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRequests:
    """Recognises them, and has them carried out."""

    commands: Commands
    confirmations: Confirmations
    adapters: Mapping[str, Adapter]
    carried_out: dict[int, str] = field(default_factory=dict)
    """By turn, what a yes has done that is not shown yet: it must not be done, or asked, twice."""

    @classmethod
    def on(cls, stores: Stores, *, commands: Commands, adapters: Mapping[str, Adapter]) -> Self:
        """On the stores of one replica."""
        return cls(commands=commands, confirmations=stores.confirmations, adapters=adapters)

    def may_be(self, turn: Turn) -> bool:
        """Whether a turn is one, or answers one, as far as its words tell."""
        if turn.text and not self._read(turn.trigger):
            return False  # what a yes has done is done
        return bool(self._read(turn.trigger)) or read_assent(turn.trigger.text) is not None

    async def is_answer(self, channel_id: int, message: Message) -> bool:
        """Whether a message says yes or no to what its author was asked before."""
        author = message.author
        if author.bot or author.nellie or read_assent(message.text) is None:
            return False
        return await self._is_asked(channel_id, message)

    def as_request(self, message: Message) -> Message | None:
        """A message that is a standing request, private where it can be; None for all others."""
        request = self._read(message)
        if request is None:
            return None
        adapter = self.adapters.get(message.channel.platform)
        whispered = bool(adapter and adapter.whispers) and not message.channel.direct
        private = message.private or (whispered and request.kind not in PUBLIC)
        return replace(message, private=private)

    async def answer(self, channel_id: int, turn: Turn) -> str | None:
        """What a standing request, or a yes or no, is answered with; None for all others."""
        trigger = turn.trigger
        request = self._read(trigger)
        if request:
            zone = await self._zone(turn) if request.since else UTC
            request = self._read(trigger, zone) or request
            return await self._run(turn, *_command_of(request, turn), zone=zone)
        assent = None if trigger.author.bot else read_assent(trigger.text)
        if assent is None or not await self._is_asked(channel_id, trigger):
            return None
        text = await self._run(turn, "yes" if assent else "no", "")
        self.carried_out[turn.id] = text
        return text

    async def _zone(self, turn: Turn) -> tzinfo:
        """Where the asker's days begin; UTC where their platform does not say, or is not there."""
        try:
            return await self.adapters[turn.channel.platform].time_zone(turn.asker.id)
        except Exception as error:  # whatever a platform's library raises: days are only shifted
            log.info("time_zone_not_known", turn=turn.id, error=type(error).__name__)
            return UTC

    def _read(self, message: Message, zone: tzinfo = UTC) -> StandingRequest | None:
        from_menu = message.private and message.reply_to
        by_others = message.author.bot or message.author.nellie
        if by_others or from_menu or message.about or message.reply:
            return None
        request = read_request(message.text, message.at, zone)
        is_about_reply = bool(message.reply_to) and not message.thread
        return None if request and request.kind == "summary" and is_about_reply else request

    async def _is_asked(self, channel_id: int, message: Message) -> bool:
        addressed = message.addressed or message.channel.direct
        if not addressed and (message.mentions or message.reply_to):
            return False
        found = await self.confirmations.find(
            channel_id,
            message.channel,
            message.author.id,
            addressed=addressed,
            thread=message.thread,
        )
        return found is not None

    async def _run(self, turn: Turn, name: str, arguments: str, *, zone: tzinfo = UTC) -> str:
        adapter = self.adapters[turn.channel.platform]
        deletes = name == "yes" or arguments.startswith("forget")
        admin = await adapter.has_rights(turn) if deletes else False
        place = turn.trigger.thread or turn.trigger.id
        command = Command(
            name, arguments, turn.channel, turn.asker, admin=admin, thread=place, zone=zone
        )
        try:
            reply = await self.commands.run(command)
        except NotAllowed as error:
            return str(error) + ONE_CAN
        except (CommandError, LimitReached) as error:
            return adapter.spell_commands(str(error))
        text = adapter.spell_commands(reply.text)
        if not reply.confirm:
            return text
        mention = "" if turn.channel.direct else "@Nellie "
        return text + SAY_YES.format(name=mention, minutes=MINUTES)


def _command_of(request: StandingRequest, turn: Turn) -> tuple[str, str]:
    """The name and arguments of the command that does what is asked."""
    if request.since:
        ends = (request.since, request.until)
        return "catchup", "/".join(one.isoformat() for one in ends if one)
    if request.kind == "summary":
        return "thread", turn.trigger.thread
    commands: dict[Kind, tuple[str, str]] = {
        "catchup": ("catchup", ""),
        "help": ("help", ""),
        "who": ("about", ""),
        "memory": ("memory", "show"),
        "forget_all": ("memory", "forget all"),
        "forget_me": ("memory", "forget me"),
    }
    return commands[request.kind]
