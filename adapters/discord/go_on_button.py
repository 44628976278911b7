"""The button "Go on" below an answer that was cut short."""

import re
from typing import Any, Self

import discord

from adapters.discord.answer_button import press, remove_buttons
from adapters.discord.incoming import to_author
from adapters.discord.interactions import Interaction, services_of
from adapters.kit import button_presses
from bot.domain.continuations import continuation_id

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
        async def ask() -> None:
            services = services_of(interaction)
            turn = await services.turns.get(self.turn_id)
            if turn and turn.private:
                services.questions.pending.add(
                    interaction, private=True, question_id=continuation_id(turn)
                )
            person = to_author(interaction.user)
            await button_presses.go_on(services.turns, self.turn_id, person)

        async def take_away(_: None) -> None:
            await remove_buttons(interaction, lambda id_: id_ == self.item.custom_id)

        await press(interaction, ask, take_away)
