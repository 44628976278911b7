"""Digests that are posted by the clock: what was said since the last one, with links.

One is owed as a turn of the channel, to a message that nobody sees, whose id is its time: however
many replicas look, it is opened once, and a crash neither loses nor doubles it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot import segments
from bot.context import Budget
from bot.conversation import NELLIE, Message, Statement, Turn, Usage
from bot.errors import EmptyAnswer, LimitReached, ModelError
from bot.limits import Limits
from bot.llm.models import Models
from bot.rhythm import Rhythm
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.store.schedules import Due, Schedules
from bot.store.usage import UsageLog
from bot.text import clean, defuse

READ = 2_000  # messages looked at, the newest


@dataclass(frozen=True, slots=True)
class Digests:
    """What is due, and what it says."""

    schedules: Schedules
    messages: Messages
    usage: UsageLog
    models: Models
    budget: Budget
    limits: Limits

    async def due(self, platforms: list[str]) -> list[tuple[Due, Message]]:
        """What is due, each with the message that it is owed to."""
        return [(due, _owed(due)) for due in await self.schedules.due(platforms)]

    async def advance(self, due: Due) -> None:
        """It is owed; what was missed while nobody was there is one digest, not many."""
        now = datetime.now(UTC)
        await self.schedules.advance(due, Rhythm.parse(due.rhythm).after(max(now, due.next_at)))

    async def told(self, state: ChannelState, turn: Turn) -> str:
        """What was said in its time; nothing where nobody said anything."""
        since, until = map(datetime.fromisoformat, turn.trigger.text.split())
        found = await self.messages.newest(state.channel, state.id, after=0, limit=READ)
        said = [one for one in found if since < one.at <= until and not one.author.nellie]
        if not said:
            return ""
        shown = self._fitting(said)
        head = f"What was said here since {since:%Y-%m-%d %H:%M} UTC ({len(said):,} messages):"
        return defuse(clean(f"{head}\n{await self._lines(state, shown)}"))

    async def _lines(self, state: ChannelState, shown: Sequence[Message]) -> str:
        key, room = f"nellie:{state.id}", self.budget.total // 2
        prompt = segments.ask(shown, room, key, purpose="digest")
        model, text, calls = self.models.named(state.model), "", list[Usage]()
        try:
            await self.limits.spend(state.id)
            async for chunk in model.stream(prompt):
                text += chunk.text
                if chunk.usage:
                    calls.append(chunk.usage)
            made = segments.understand(text, shown, limit=prompt.max_output, model=model.name)
        except EmptyAnswer:
            return f"It could not be summed up; it begins here: {shown[0].link}".strip()
        except (LimitReached, ModelError) as error:
            return f"I could not sum it up. {error}"
        finally:
            await self.usage.add(state.id, calls, "digest")
        return "\n".join(linked(one, shown) for one in made.statements)

    def _fitting(self, said: Sequence[Message]) -> list[Message]:
        """The newest that one prompt holds."""
        room, shown = self.budget.total // 2, list[Message]()
        for message in reversed(said):
            room -= min(message.tokens, 200) + 4
            if room < 0 and shown:
                break
            shown.insert(0, message)
        return shown


def linked(statement: Statement, said: Sequence[Message]) -> str:
    """A statement as a line, with the address of what it rests on."""
    links = (one.link for one in said if one.seq in statement.sources and one.link)
    return f"{segments.written(statement)} {next(links, '')}".rstrip()


def _owed(due: Due) -> Message:
    """What a digest answers. Its author is Nellie, which no platform's message can be."""
    first = max(due.since, due.next_at - 2 * Rhythm.parse(due.rhythm).period)
    text = f"{first.astimezone(UTC).isoformat()} {due.next_at.astimezone(UTC).isoformat()}"
    return Message(due.channel, f"digest:{due.next_at.isoformat()}", NELLIE, text, due.next_at)
