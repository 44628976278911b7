"""A question to a model whose answer is read by a program: asked once more where it is not fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.errors import AnswerFiltered, EmptyAnswer, IncompleteAnswer
from bot.domain.model import Prompt
from bot.limits.charged_calls import ChargedCalls
from bot.prompting.task_prompts import ask_again
from bot.store.channels import ChannelState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TaskCalls:
    """Charged calls, with what checks their answers."""

    calls: ChargedCalls

    async def ask(
        self,
        state: ChannelState,
        prompt: Prompt,
        read: Callable[[str], T],
        person: str | None = None,
        *,
        further: bool = False,
    ) -> T:
        """What `read` makes of the answer; it raises ValueError, with why, where it cannot.

        Then the model is told why, and asked once more. Raises ValueError where that answer cannot
        be read either, LimitReached and ModelError. `further` as in `ChargedCalls.complete`.
        """
        answer = await self._answer(state, prompt, person, further=further)
        try:
            return read(answer)
        except ValueError as error:
            again = ask_again(prompt, answer, str(error))
        return read(await self._answer(state, again, person, further=True))

    async def _answer(
        self, state: ChannelState, prompt: Prompt, person: str | None, *, further: bool
    ) -> str:
        """What it said; nothing where it said nothing, which is no failure of its server."""
        try:
            answer = await self.calls.complete(state, prompt, person, further=further)
        except (AnswerFiltered, EmptyAnswer, IncompleteAnswer):
            return ""
        return answer.text
