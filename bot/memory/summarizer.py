"""What was said, summarized in a few lines, each with when it was said and a link to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from bot.domain.errors import EmptyAnswer
from bot.domain.model import Message, Purpose, Statement
from bot.limits.charged_calls import ChargedCalls
from bot.memory.local_times import LocalTimes
from bot.memory.segments import format_statement
from bot.memory.summary_parsing import parse_summary
from bot.prompting.budget import Budget
from bot.prompting.summary_prompt import MESSAGE_LIMIT, build_summary_prompt
from bot.store.channels import ChannelState
from bot.text.sanitize import clean

NOT_SUMMED_UP = (
    "It could not be summed up. {error} Try once more, or with another model:"
    " /model set NAME.{beginning}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarizer:
    """What /catchup and scheduled digests share."""

    calls: ChargedCalls
    budget: Budget
    local_times: LocalTimes

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
        prompt = build_summary_prompt(
            messages,
            self._room,
            f"nellie:{state.id}",
            purpose=purpose,
            wanted=state.summary_wanted,
        )
        try:
            answer = await self.calls.complete(state, prompt, person)
            said = await self.local_times.show(messages)
            model = self.calls.name_of(state)
            parsed = parse_summary(answer.text, said, limit=prompt.max_output, model=model)
        except EmptyAnswer as error:
            link = messages[0].link
            beginning = f" It begins here: {link}" if link else ""
            return NOT_SUMMED_UP.format(error=error, beginning=beginning)
        lines = [format_with_link(one, messages) for one in parsed.statements]
        return clean("\n".join([*lines, *([f"({answer.note})"] if answer.note else [])]))

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
