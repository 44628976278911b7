"""Carrying out a command: who may, on which channel, and by which family."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Self

from bot.commands.confirming import Confirming
from bot.commands.families import READING, TELLING, WITHOUT_SUBCOMMANDS, Families
from bot.commands.kept_labels import WORDS
from bot.commands.publicly import take_public
from bot.commands.request import Handler, Request
from bot.domain.errors import CommandError
from bot.domain.model import Channel, Command, Reply
from bot.store.channels import Channels, ChannelState
from bot.text.sanitize import clean, defuse
from bot.text.words import plain_spaces, split_word

LOOKED_AT = 200  # characters of a first word
SHOWN = 40  # characters of an unknown word that the error quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """Every command (bot.domain.ports.Commands)."""

    channels: Channels
    admins: Collection[str]
    """Ids of people with rights over every channel."""
    confirming: Confirming
    table: Mapping[str, Handler]
    """By a command with its subcommand, what carries it out."""
    read_only: bool = False
    """Whoever gives commands here only looks into a channel."""

    @classmethod
    def of(cls, families: Families, *, channels: Channels, admins: Collection[str]) -> Self:
        """The commands of these families."""
        return cls(
            channels=channels,
            admins=admins,
            confirming=families.confirming,
            table=families.table(),
        )

    async def run(self, command: Command) -> Reply:
        """Carry out a command. Raises CommandError and NotAllowed, whose texts are for people."""
        arguments = await asyncio.to_thread(_cleaned, command.arguments)
        name = clean(plain_spaces(command.name)).strip().lower()
        if name != "yes":
            self._find_handler(name, arguments)  # of one that nobody knows, nothing is looked up
        if command.refusal and _tells(name, arguments):
            raise CommandError(reason=command.refusal)
        person = replace(command.person, id=command.person.stored_id)
        request = Request(
            state=await self._state(command.channel),
            person=person,
            privileged=command.admin or command.channel.direct or person.id in self.admins,
            arguments=arguments,
            zone=command.zone,
            thread=command.thread,
            whispered=command.whispered,
            by_button=command.by_button,
            about=command.about,
        )
        if name == "yes":
            name, request = await self.confirming.yes(request)
        handler = self._find_handler(name, request.arguments)
        reply = await handler(request)
        await self.confirming.keep(request, name, reply)
        return replace(reply, text=defuse(clean(reply.text)))

    async def _state(self, channel: Channel) -> ChannelState:
        """The channel's state; one that was never seen gets no row by being asked about."""
        channel_id = await self.channels.find(channel)
        if channel_id is None:
            return ChannelState.unseen(channel)
        return await self.channels.state(channel_id)

    def _find_handler(self, name: str, arguments: str) -> Handler:
        subcommand = _first_word(arguments)
        alone = name in WITHOUT_SUBCOMMANDS or not subcommand
        full = name if alone else f"{name} {subcommand}"
        handler = self.table.get(full)
        if handler is None:
            unknown = defuse(f"/{name[:SHOWN]} {subcommand[:SHOWN]}".strip())
            raise CommandError(reason=f"I do not know {unknown}. /help lists what I do know.")
        if self.read_only and (called := _with_word(full, arguments)) not in READING:
            raise CommandError(
                reason=f"/{called} would change something, and here you only look into the channel."
                " Give the command in the channel itself."
            )
        return handler


def _cleaned(arguments: str) -> str:
    """In a thread: of a long text it takes a while."""
    return clean(plain_spaces(arguments)).strip()


def _first_word(arguments: str) -> str:
    """As much of it as tells one command from others."""
    return split_word(arguments.lstrip()[:LOOKED_AT])[0].lower()


def _with_word(full: str, arguments: str) -> str:
    """A command; of /classify, with the word behind it that says whether labels are kept."""
    word = _first_word(take_public(arguments)[1]) if full == "classify" else ""
    return f"{full} {word}" if word in WORDS else full


def _tells(name: str, arguments: str) -> bool:
    """Whether a command tells what was said, which only those may know who could read it."""
    subcommand = "" if name in WITHOUT_SUBCOMMANDS else _first_word(arguments)
    return subcommand in TELLING.get(name, ())
