"""What was said, summarized in a few lines, each with when it was said and a link to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Self

from bot.domain.errors import EmptyAnswer
from bot.domain.model import Message, Purpose, Statement, Usage
from bot.limits.quotas import Quotas
from bot.llm.registry import ModelRegistry
from bot.memory.local_times import LocalTimes
from bot.memory.segments import format_statement
from bot.memory.summary_parsing import parse_summary
from bot.prompting.budget import Budget
from bot.prompting.summary_prompt import MESSAGE_LIMIT, build_summary_prompt
from bot.store.channels import ChannelState
from bot.store.stores import Stores
from bot.store.usage import UsageLog
from bot.text.fingerprints import fingerprint
from bot.text.sanitize import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarizer:
    """What /catchup and scheduled digests share."""

    usage: UsageLog
    models: ModelRegistry
    budget: Budget
    quotas: Quotas
    local_times: LocalTimes

    @classmethod
    def on(
        cls,
        stores: Stores,
        *,
        models: ModelRegistry,
        budget: Budget,
        quotas: Quotas,
        local: LocalTimes,
    ) -> Self:
        """On the stores of one replica."""
        return cls(
            usage=stores.usage, models=models, budget=budget, quotas=quotas, local_times=local
        )

    def select_newest(self, messages: Sequence[Message]) -> list[Message]:
        """The newest that one prompt holds; at least one."""
        room, selected = self._room, list[Message]()
        for message in reversed(messages):
            room -= min(message.tokens, MESSAGE_LIMIT) + 4
            if room < 0 and selected:
                break
            selected.insert(0, message)
        return selected

    async def summarize(
        self,
        state: ChannelState,
        messages: Sequence[Message],
        purpose: Purpose,
        person: str | None = None,
    ) -> str:
        """The lines; `person` is who asked, and pays. Raises LimitReached and ModelError."""
        prompt = build_summary_prompt(messages, self._room, f"nellie:{state.id}", purpose=purpose)
        model, text, note, calls = self.models.get(state.model), "", "", list[Usage]()
        payer = fingerprint(state.channel.platform, person) if person else None
        try:
            async with self.quotas.reserved(state, payer, model.name, prompt):
                try:
                    async with self.quotas.call_queue.slot():
                        async for chunk in model.stream(prompt):
                            text += chunk.text
                            note = chunk.note or note
                            if chunk.usage:
                                calls.append(chunk.usage)
                finally:
                    await self.usage.add(state.id, calls, purpose, author=person, payer=payer)
            said = await self.local_times.show(messages)
            parsed = parse_summary(text, said, limit=prompt.max_output, model=model.name)
        except EmptyAnswer:
            link = messages[0].link
            beginning = f"; it begins here: {link}" if link else "."
            return f"It could not be summed up{beginning}"
        lines = [format_with_link(one, messages) for one in parsed.statements]
        return clean("\n".join([*lines, *([f"({note})"] if note else [])]))

    @property
    def _room(self) -> int:
        """Tokens of messages in one prompt."""
        return self.budget.total // 2


def format_with_link(statement: Statement, messages: Sequence[Message]) -> str:
    """A statement as a line, with the time and the link of the first message it rests on."""
    days = {message.at.astimezone(UTC).date() for message in messages}
    clock = "%H:%M" if len(days) == 1 else "%Y-%m-%d %H:%M"
    first = next((message for message in messages if message.seq in statement.sources), None)
    source = f" ({first.at.astimezone(UTC):{clock}}) {first.link}" if first else ""
    return f"{format_statement(statement)}{source}".rstrip()
