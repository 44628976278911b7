"""The prompts of answers that people have rated: the question, with what was said before it.

As memory is now, without what came after: the answer itself must not be found. What is forgotten
by now is missing, and so is the digest, which may rest on something later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cli.compare.prompts import ComparedPrompt, prompt_after
from bot.config.settings import Settings
from bot.domain.model import Message
from bot.memory.recall import Recall
from bot.store.messages import Messages
from bot.store.rated_turns import RatedTurn, RatedTurns

BEFORE = 200  # messages before the question that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedPrompts:
    """Makes prompts of rated turns."""

    turns: RatedTurns
    messages: Messages
    recall: Recall
    settings: Settings

    async def read(self, *, most: int, channel: int | None = None) -> list[ComparedPrompt]:
        """Of the answers that were rated last, so many; a good one is what is expected."""
        found = await self.turns.newest(most=most, channel=channel)
        return [await self._prompt(one) for one in found]

    async def _prompt(self, rated: RatedTurn) -> ComparedPrompt:
        question = rated.question
        said = await self._said_before(rated)
        recalled = await self.recall.find(
            rated.state.id,
            question,
            tokens=self.settings.recall,
            before=said[0].seq if said else question.seq,
            window={one.seq for one in said},
            shown=sum(one.tokens for one in said),
        )
        earlier = [one for one in recalled if one.seq < question.seq]
        persona = rated.state.persona or self.settings.persona
        settings = self.settings.model_copy(update={"persona": persona})
        return ComparedPrompt(
            f"turn {rated.turn}",
            prompt_after(said, question, settings, earlier, rated.state.answer_style),
            expected=(rated.answer,) if rated.good and rated.answer else (),
            said=tuple(said),
            recalled=tuple(earlier),
            unwanted="" if rated.good else rated.answer,
        )

    async def _said_before(self, rated: RatedTurn) -> list[Message]:
        """The newest messages before the question that a window holds."""
        seq, channel = rated.question.seq, rated.question.channel
        numbers = range(max(1, seq - BEFORE), seq)
        found = await self.messages.get(channel, rated.state.id, numbers)
        return _newest(found, self.settings.window_high)


def _newest(messages: Sequence[Message], tokens: int) -> list[Message]:
    kept: list[Message] = []
    for message in reversed(messages):
        tokens -= message.tokens
        if tokens < 0:
            break
        kept.insert(0, message)
    return kept
