"""The buttons below an answer that asks whether a tool may change something."""

import re

from adapters.slack.answer_button import AnswerButton, Left, Press
from adapters.slack.consent_blocks import consent_blocks
from bot.domain.consents import decision_id
from bot.domain.model import Turn

ACTION = re.compile(r"consent:(?:yes|no):\d{1,18}")


class ConsentButtons(AnswerButton):
    """Decides a question, once; the buttons of what may still be asked stay."""

    own = ACTION

    async def find(self, id_: int) -> Turn | None:
        return await self._turns.asking(id_)

    def question_id(self, turn: Turn) -> str:
        return decision_id(turn)

    async def carry_out(self, press: Press) -> Left:
        end = await self._turns.consent(
            press.id,
            press.person,
            allows=press.action.startswith("consent:yes:"),
            has_rights=not press.private and await self._has_rights(press),
        )
        return Left(end.text, consent_blocks(end.left))

    async def left(self, turn: Turn | None) -> Left:
        open_ones = await self._turns.open_consents(turn.id) if turn else ()
        return Left(blocks=consent_blocks(open_ones))

    async def _has_rights(self, press: Press) -> bool:
        """Rights count where they were asked for: a button cannot be taken elsewhere."""
        is_here = press.turn is not None and press.turn.channel.id == press.channel
        directory = self._workspace.directory
        return is_here and await directory.is_admin(press.person.id, press.channel)
