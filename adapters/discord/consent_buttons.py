"""The buttons below an answer that asks whether a tool may change something."""

import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from adapters.discord import posting
from adapters.discord.incoming import locate, to_author
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
from bot.domain.consents import ConsentEnd, ConsentQuestion, decision_id
from bot.domain.errors import CommandError, NellieError

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
        """Of several replicas, the one decides whose acknowledgement Discord takes."""
        replicas = services_of(interaction).turns.replicas
        if replicas > 1 and await _acknowledge(interaction) is Acknowledgement.ELSEWHERE:
            return
        ends: list[ConsentEnd] = []

        async def decide() -> None:
            ends.append(await self._decide(interaction))

        try:
            await run_and_acknowledge(decide(), lambda: _acknowledge(interaction))
        except CommandError as error:  # with the sentence, the buttons go that do nothing more
            asking = await services_of(interaction).turns.asking(self.consent_id)
            turns = services_of(interaction).turns
            await self._take_away(
                interaction, await turns.open_consents(asking.id) if asking else ()
            )
            await posting.follow_up(interaction, str(error), ephemeral=True)
        except NellieError as error:
            await posting.follow_up(interaction, str(error), ephemeral=True)
        else:
            await self._take_away(interaction, ends[0].left)
            message = interaction.message  # of a private answer, only the asker reads it
            private = bool(message and message.flags.ephemeral)
            await posting.follow_up(interaction, ends[0].text, ephemeral=private)

    async def _decide(self, interaction: Interaction) -> ConsentEnd:
        services = services_of(interaction)
        refusal = refusal_in(interaction) if is_present(interaction) else ABSENT
        if refusal:
            raise _Refusal(reason=refusal)
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

    async def _take_away(self, interaction: Interaction, left: Sequence[ConsentQuestion]) -> None:
        """The buttons of what may still be asked stay."""
        if message := interaction.message:
            view = discord.ui.View.from_message(message, timeout=None)
            open_ones = {str(one.id) for one in left}
            for item in list(view.children):
                kind, _, number = str(getattr(item, "custom_id", "")).rpartition(":")
                if kind.startswith("nellie:consent:") and number not in open_ones:
                    view.remove_item(item)
            await posting.edit_buttons(interaction, view)


def consent_buttons(questions: Sequence[ConsentQuestion]) -> list[ConsentButton]:
    """Two buttons for each question, two questions in a row; they know its row's id alone."""
    return [
        ConsentButton(one.id, label, allows=allows, row=1 + place // 2)
        for place, (one, labels) in enumerate(button_presses.consent_labels(questions[:MOST]))
        for label, allows in zip(labels, (True, False), strict=True)
    ]


class _Refusal(NellieError):
    """Who presses may not read here, or Nellie is not here: others may press. Details: reason."""

    text = "{reason}"


async def _acknowledge(interaction: Interaction) -> Acknowledgement:
    return await acknowledge(interaction, private=False, thinking=False)
