"""Buttons below messages. All that a button knows is in its id, so that it outlives a restart."""

import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from adapters.discord.consent_buttons import ConsentButton, consent_buttons
from adapters.discord.given_commands import to_command
from adapters.discord.go_on_button import GoOnButton
from adapters.discord.incoming import to_author
from adapters.discord.interactions import Interaction, services_of
from adapters.discord.outgoing import Ending
from adapters.discord.responses import reply_to
from adapters.kit import button_presses
from bot.domain.consents import ConsentQuestion
from bot.domain.errors import CommandError
from bot.domain.model import Reply, Turn
from bot.domain.rules import is_fixed

LONGEST_ID = 100  # characters that Discord takes for a button's id

Button = discord.ui.Button[discord.ui.View]


def answer_buttons(
    turn: Turn,
    ending: Ending,
    *,
    incomplete: bool,
    can_go_on: bool = False,
    consents: Sequence[ConsentQuestion] = (),
) -> discord.ui.View | None:
    """The buttons below a message of an answer."""
    if ending is Ending.PART or is_fixed(turn.trigger):
        return None
    if ending is Ending.OPEN:
        return _view(StopButton(turn.id))
    rating = [RatingButton(turn.id, good=good) for good in (True, False)]
    keeps_question = turn.remembered and not turn.private  # else there is nothing to ask again
    retry = [RetryButton(turn.id)] if incomplete and keeps_question else []
    go_on = [GoOnButton(turn.id)] if can_go_on else []
    return _view(*rating, *retry, *go_on, *consent_buttons(consents))


async def run_command(interaction: Interaction, name: str, arguments: str = "") -> None:
    """Run a command and show its reply; one that asks first gets a button to confirm it."""

    async def run() -> Reply:
        command = to_command(interaction, name, arguments)
        reply = await services_of(interaction).commands.run(command)
        if len(_confirm_id(name, reply.confirm)) > LONGEST_ID:
            raise CommandError(reason="That is too long to be confirmed: use fewer words.")
        return reply

    await reply_to(
        interaction, run, confirm=lambda what: _view(ConfirmButton(name, what), CancelButton())
    )


class StopButton(discord.ui.DynamicItem[Button], template=r"nellie:stop:(?P<turn>\d{1,18})"):
    """Ends an answer that is being written."""

    def __init__(self, turn_id: int) -> None:
        self.turn_id = turn_id
        super().__init__(_button("Stop", f"nellie:stop:{turn_id}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        return cls(int(match["turn"]))

    async def callback(self, interaction: Interaction) -> None:
        async def stop() -> None:
            await button_presses.stop(
                services_of(interaction).turns,
                self.turn_id,
                may_stop=lambda turn: _may_stop(interaction, turn),
                who="who asked, or who may manage messages here,",
            )

        await reply_to(interaction, stop)


class RetryButton(discord.ui.DynamicItem[Button], template=r"nellie:again:(?P<turn>\d{1,18})"):
    """Answers once more, in the same place, what failed or was stopped."""

    def __init__(self, turn_id: int) -> None:
        self.turn_id = turn_id
        super().__init__(_button("Try again", f"nellie:again:{turn_id}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        return cls(int(match["turn"]))

    async def callback(self, interaction: Interaction) -> None:
        async def retry() -> None:
            await button_presses.retry(services_of(interaction).turns, self.turn_id)

        await reply_to(interaction, retry)


class RatingButton(
    discord.ui.DynamicItem[Button], template=r"nellie:(?P<verdict>good|bad):(?P<turn>\d{1,18})"
):
    """Keeps what a person thinks of an answer."""

    def __init__(self, turn_id: int, *, good: bool) -> None:
        self.turn_id = turn_id
        self.good = good
        sign, verdict = ("👍", "good") if good else ("👎", "bad")
        super().__init__(_button(sign, f"nellie:{verdict}:{turn_id}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        return cls(int(match["turn"]), good=match["verdict"] == "good")

    async def callback(self, interaction: Interaction) -> None:
        async def rate() -> Reply:
            person = to_author(interaction.user)
            turns = services_of(interaction).turns
            return Reply(await button_presses.rate(turns, self.turn_id, person, good=self.good))

        await reply_to(interaction, rate)


class ConfirmButton(
    discord.ui.DynamicItem[Button],
    template=re.compile(r"nellie:sure:(?P<name>[a-z]{1,32}):(?P<arguments>.+)", re.DOTALL),
):
    """Runs a command that asked first, with the rights of the person who presses it."""

    def __init__(self, name: str, arguments: str) -> None:
        self.name = name
        self.arguments = arguments
        id_ = _confirm_id(name, arguments)
        super().__init__(_button("Yes, do it", id_, discord.ButtonStyle.danger))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        return cls(match["name"], match["arguments"])

    async def callback(self, interaction: Interaction) -> None:
        await run_command(interaction, self.name, self.arguments)


class CancelButton(discord.ui.DynamicItem[Button], template="nellie:no"):
    """Leaves all as it is."""

    def __init__(self) -> None:
        super().__init__(_button("No", "nellie:no"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        return cls()

    async def callback(self, interaction: Interaction) -> None:
        await run_command(interaction, "no")


BUTTONS = (
    StopButton,
    RetryButton,
    GoOnButton,
    ConsentButton,
    RatingButton,
    ConfirmButton,
    CancelButton,
)
"""All of them: a client must know them to hear when one is pressed."""


def _may_stop(interaction: Interaction, turn: Turn) -> bool:
    asked = turn.asker.id == str(interaction.user.id)
    return asked or turn.channel.direct or interaction.permissions.manage_messages


def _confirm_id(name: str, arguments: str) -> str:
    return f"nellie:sure:{name}:{arguments}"


def _button(
    label: str, id_: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> Button:
    return discord.ui.Button(label=label, custom_id=id_, style=style)


def _view(*items: discord.ui.Item[Any]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view
