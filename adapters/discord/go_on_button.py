"""The button "Go on" below an answer that was cut short."""

import re
from typing import Any, Self

import discord

from adapters.discord import posting
from adapters.discord.incoming import to_author
from adapters.discord.interactions import (
    ABSENT,
    Acknowledgement,
    Interaction,
    acknowledge,
    is_present,
    services_of,
)
from adapters.discord.rights import refusal_in
from adapters.kit import button_presses
from adapters.kit.acknowledgement import run_and_acknowledge
from bot.domain.continuations import continuation_id
from bot.domain.errors import CommandError, NellieError

Button = discord.ui.Button[discord.ui.View]


class GoOnButton(discord.ui.DynamicItem[Button], template=r"nellie:more:(?P<turn>\d{1,18})"):
    """Asks for the rest of an answer, once, and goes away."""

    def __init__(self, turn_id: int) -> None:
        self.turn_id = turn_id
        id_, style = f"nellie:more:{turn_id}", discord.ButtonStyle.secondary
        super().__init__(discord.ui.Button(label="Go on", custom_id=id_, style=style))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        return cls(int(match["turn"]))

    async def callback(self, interaction: Interaction) -> None:
        """Of several replicas, the one asks whose acknowledgement Discord takes."""
        replicas = services_of(interaction).turns.replicas
        if replicas > 1 and await _acknowledge(interaction) is Acknowledgement.ELSEWHERE:
            return
        try:
            await run_and_acknowledge(self._ask(interaction), lambda: _acknowledge(interaction))
        except CommandError as error:  # with the sentence, the button goes that does nothing more
            await self._take_away(interaction)
            await posting.follow_up(interaction, str(error), ephemeral=True)
        except NellieError as error:
            await posting.follow_up(interaction, str(error), ephemeral=True)
        else:
            await self._take_away(interaction)

    async def _ask(self, interaction: Interaction) -> None:
        services = services_of(interaction)
        refusal = refusal_in(interaction) if is_present(interaction) else ABSENT
        if refusal:
            raise _Refusal(reason=refusal)
        turn = await services.turns.get(self.turn_id)
        if turn and turn.private:
            services.questions.pending.add(
                interaction, private=True, question_id=continuation_id(turn)
            )
        person = to_author(interaction.user)
        await button_presses.go_on(services.turns, self.turn_id, person)

    async def _take_away(self, interaction: Interaction) -> None:
        if message := interaction.message:
            view = discord.ui.View.from_message(message, timeout=None)
            for item in list(view.children):
                if getattr(item, "custom_id", "") == self.item.custom_id:
                    view.remove_item(item)
            await posting.edit_buttons(interaction, view)


class _Refusal(NellieError):
    """Who presses may not read here, or Nellie is not here: others may press. Details: reason."""

    text = "{reason}"


async def _acknowledge(interaction: Interaction) -> Acknowledgement:
    return await acknowledge(interaction, private=False, thinking=False)
