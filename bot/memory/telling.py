"""What was said, told in a few lines, each with when it was said and a link to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from bot.context import Budget
from bot.conversation import Message, Purpose, Statement, Usage
from bot.errors import EmptyAnswer
from bot.limits import Limits
from bot.llm.models import Models
from bot.memory import segments
from bot.store.channels import ChannelState
from bot.store.usage import UsageLog
from bot.text import clean

LINE = segments.SOURCE // 8  # tokens that one message takes at most


@dataclass(frozen=True, slots=True)
class Telling:
    """What /catchup and digests by the clock share."""

    usage: UsageLog
    models: Models
    budget: Budget
    limits: Limits

    def fitting(self, said: Sequence[Message]) -> list[Message]:
        """The newest that one prompt holds; at least one."""
        room, shown = self.budget.total // 2, list[Message]()
        for message in reversed(said):
            room -= min(message.tokens, LINE) + 4
            if room < 0 and shown:
                break
            shown.insert(0, message)
        return shown

    async def told(
        self, state: ChannelState, shown: Sequence[Message], purpose: Purpose,
        person: str | None = None,
    ) -> str:  # fmt: skip
        """The lines; `person` is who asked, and pays. Raises LimitReached and ModelError."""
        key, room = f"nellie:{state.id}", self.budget.total // 2
        prompt = segments.ask(shown, room, key, purpose=purpose)
        model, text, calls = self.models.named(state.model), "", list[Usage]()
        try:
            await self.limits.spend(state.id, person)
            async with self.limits.places.taken():
                async for chunk in model.stream(prompt):
                    text += chunk.text
                    if chunk.usage:
                        calls.append(chunk.usage)
            made = segments.understand(text, shown, limit=prompt.max_output, model=model.name)
        except EmptyAnswer:
            begins = f"; it begins here: {shown[0].link}" if shown[0].link else "."
            return f"It could not be summed up{begins}"
        finally:
            await self.usage.add(state.id, calls, purpose, author=person)
        return clean("\n".join(linked(one, shown) for one in made.statements))


def linked(statement: Statement, said: Sequence[Message]) -> str:
    """A statement as a line, with the time and the address of the first that it rests on."""
    days = {one.at.astimezone(UTC).date() for one in said}
    clock = "%H:%M" if len(days) == 1 else "%Y-%m-%d %H:%M"
    first = next((one for one in said if one.seq in statement.sources), None)
    source = f" ({first.at.astimezone(UTC):{clock}}) {first.link}" if first else ""
    return f"{segments.written(statement)}{source}".rstrip()
