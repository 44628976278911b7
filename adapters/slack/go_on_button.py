"""The button "Go on" below an answer that was cut short."""

import re

from adapters.kit import button_presses
from adapters.slack.answer_button import AnswerButton, Left, Press
from adapters.slack.outgoing import GO_ON
from bot.domain.continuations import continuation_id
from bot.domain.model import Turn


class GoOnButton(AnswerButton):
    """Asks for the rest of an answer, once, and goes away."""

    own = re.compile(re.escape(GO_ON))

    async def find(self, id_: int) -> Turn | None:
        return await self._turns.get(id_)

    def question_id(self, turn: Turn) -> str:
        return continuation_id(turn)

    async def carry_out(self, press: Press) -> Left:
        await button_presses.go_on(self._turns, press.id, press.person)
        return Left()
