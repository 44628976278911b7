"""Buttons below an answer. All that they know is in their id, so that they outlive a restart."""

import re
from typing import TYPE_CHECKING, Any, Self

import discord

from adapters.discord.asking import reply_to
from adapters.discord.incoming import author, place
from adapters.discord.outgoing import Ending
from bot.conversation import Command, Reply, Turn
from bot.errors import CommandError, NotAllowed

if TYPE_CHECKING:
    from adapters.discord.client import Client

LONGEST_ID = 100  # characters that Discord takes for a button's id

Pressed = discord.Interaction[Any]
Button = discord.ui.Button[discord.ui.View]


def below(turn: Turn, ending: Ending, *, incomplete: bool) -> discord.ui.View | None:
    """The buttons below a message of an answer."""
    if ending is Ending.PART:
        return None
    if ending is Ending.OPEN:
        return _view(Stop(turn.id))
    return _view(
        Rate(turn.id, good=True),
        Rate(turn.id, good=False),
        *([Again(turn.id)] if incomplete and not turn.trigger.private else []),
    )


async def carry_out(interaction: Pressed, name: str, arguments: str = "") -> None:
    """Carry out a command; one that asks first gets a button to go through with it."""

    async def work() -> Reply:
        where = place(interaction.channel)
        if not where or not present(interaction):
            raise CommandError(reason="I am not in this channel: I remember nothing here.")
        admin = interaction.permissions.manage_guild
        client: Client = interaction.client
        person = author(interaction.user)
        reply = await client.door.command(Command(name, arguments, where.channel, person, admin))
        if len(_sure(name, reply.confirm)) > LONGEST_ID:
            raise CommandError(reason="That is too long to be confirmed: use fewer words.")
        return reply

    await reply_to(interaction, work, confirm=lambda what: _view(Sure(name, what)))


def present(interaction: Pressed) -> bool:
    """Whether she can read where a command was given; Discord offers it elsewhere too."""
    rights = interaction.app_permissions
    return not interaction.guild_id or not rights.value or rights.view_channel


def _view(*items: discord.ui.Item[Any]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


class Stop(discord.ui.DynamicItem[Button], template=r"nellie:stop:(?P<turn>\d{1,18})"):
    """Ends an answer that is being written."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        super().__init__(_button("Stop", f"nellie:stop:{turn}"))

    @classmethod
    async def from_custom_id(cls, interaction: Pressed, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["turn"]))

    async def callback(self, interaction: Pressed) -> None:
        async def stop() -> None:
            client: Client = interaction.client
            turn = await client.door.turn(self.turn)
            if turn and not _may_stop(interaction, turn):
                raise NotAllowed(who="who asked, or who may manage messages here,")
            await client.door.stop(self.turn)

        await reply_to(interaction, stop)


class Again(discord.ui.DynamicItem[Button], template=r"nellie:again:(?P<turn>\d{1,18})"):
    """Answers once more, in the same place, what failed or was stopped."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        super().__init__(_button("Try again", f"nellie:again:{turn}"))

    @classmethod
    async def from_custom_id(cls, interaction: Pressed, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["turn"]))

    async def callback(self, interaction: Pressed) -> None:
        async def again() -> Reply | None:
            client: Client = interaction.client
            if await client.door.again(self.turn):
                return None
            return Reply("This was answered, or taken back: please ask anew.")

        await reply_to(interaction, again)


class Rate(
    discord.ui.DynamicItem[Button], template=r"nellie:(?P<verdict>good|bad):(?P<turn>\d{1,18})"
):
    """Keeps what a person thinks of an answer."""

    def __init__(self, turn: int, *, good: bool) -> None:
        self.turn = turn
        self.good = good
        sign, verdict = ("👍", "good") if good else ("👎", "bad")
        super().__init__(_button(sign, f"nellie:{verdict}:{turn}"))

    @classmethod
    async def from_custom_id(cls, interaction: Pressed, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["turn"]), good=match["verdict"] == "good")

    async def callback(self, interaction: Pressed) -> None:
        async def rate() -> Reply:
            client: Client = interaction.client
            await client.door.rate(self.turn, author(interaction.user), good=self.good)
            return Reply("Thank you, noted.")

        await reply_to(interaction, rate)


class Sure(
    discord.ui.DynamicItem[Button],
    template=re.compile(r"nellie:sure:(?P<name>[a-z]{1,32}):(?P<arguments>.+)", re.DOTALL),
):
    """Goes through with a command that asked first; with the rights of whoever presses it."""

    def __init__(self, name: str, arguments: str) -> None:
        self.name = name
        self.arguments = arguments
        super().__init__(_button("Yes, do it", _sure(name, arguments), discord.ButtonStyle.danger))

    @classmethod
    async def from_custom_id(cls, interaction: Pressed, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["name"], match["arguments"])

    async def callback(self, interaction: Pressed) -> None:
        await carry_out(interaction, self.name, self.arguments)


ITEMS = (Stop, Again, Rate, Sure)


def _sure(name: str, arguments: str) -> str:
    return f"nellie:sure:{name}:{arguments}"


def _button(
    label: str, id_: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> Button:
    return discord.ui.Button(label=label, custom_id=id_, style=style)


def _may_stop(interaction: Pressed, turn: Turn) -> bool:
    mine = turn.trigger.author.id == str(interaction.user.id)
    return mine or turn.channel.direct or interaction.permissions.manage_messages
