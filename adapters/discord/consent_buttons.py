"""The buttons below an answer that asks whether a tool may change something."""

import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from adapters.discord import posting
from adapters.discord.answer_button import press, remove_buttons
from adapters.discord.incoming import locate, to_author
from adapters.discord.interactions import Interaction, services_of
from adapters.kit import button_presses
from bot.domain.consents import ConsentEnd, ConsentQuestion, decision_id

MOST = 8  # questions below one message: four rows below that for ratings

Button = discord.ui.Button[discord.ui.View]


class ConsentButton(
    discord.ui.DynamicItem[Button],
    template=r"nellie:consent:(?P<verdict>yes|no):(?P<consent>\d{1,18})",
):
    """Decides a question, once; what was decided is told below it."""

    def __init__(
        self, consent_id: int, label: str, *, allows: bool, row: int | None = None
    ) -> None:
        self.consent_id = consent_id
        self.allows = allows
        id_ = f"nellie:consent:{'yes' if allows else 'no'}:{consent_id}"
        super().__init__(discord.ui.Button(label=label, custom_id=id_, row=row))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        allows = match["verdict"] == "yes"
        return cls(int(match["consent"]), "Allow" if allows else "Deny", allows=allows)

    async def callback(self, interaction: Interaction) -> None:
        async def take_away(end: ConsentEnd | None) -> None:
            """The buttons of what may still be asked stay."""
            left = end.left if end else await self._open_ones(interaction)
            open_ids = {str(one.id) for one in left}

            def is_gone(custom_id: str) -> bool:
                kind, _, number = custom_id.rpartition(":")
                return kind.startswith("nellie:consent:") and number not in open_ids

            await remove_buttons(interaction, is_gone)

        if end := await press(interaction, lambda: self._decide(interaction), take_away):
            message = interaction.message  # of a private answer, only the asker reads it
            private = bool(message and message.flags.ephemeral)
            await posting.follow_up(interaction, end.text, ephemeral=private)

    async def _decide(self, interaction: Interaction) -> ConsentEnd:
        services = services_of(interaction)
        asking = await services.turns.asking(self.consent_id)
        private = bool(asking and asking.private)
        place = locate(interaction.channel)  # a button cannot be taken elsewhere
        is_here = bool(asking and place and asking.channel.id == place.channel.id)
        if asking and private:
            services.questions.pending.add(
                interaction, private=True, question_id=decision_id(asking)
            )
        return await services.turns.consent(
            self.consent_id,
            to_author(interaction.user),
            allows=self.allows,
            has_rights=is_here and not private and interaction.permissions.manage_guild,
        )

    async def _open_ones(self, interaction: Interaction) -> Sequence[ConsentQuestion]:
        turns = services_of(interaction).turns
        asking = await turns.asking(self.consent_id)
        return await turns.open_consents(asking.id) if asking else ()


def consent_buttons(questions: Sequence[ConsentQuestion]) -> list[ConsentButton]:
    """Two buttons for each question, two questions in a row; they know its row's id alone."""
    return [
        ConsentButton(one.id, label, allows=allows, row=1 + place // 2)
        for place, (one, labels) in enumerate(button_presses.consent_labels(questions[:MOST]))
        for label, allows in zip(labels, (True, False), strict=True)
    ]
