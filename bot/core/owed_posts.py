"""What is owed as a turn without a question, and says what holds when it is posted.

Reminders, and what rules tell and count: each has a row of its own that says whether it is posted.
"""

from dataclasses import dataclass
from typing import Protocol, Self

from bot.core.reminding import ReminderPost
from bot.core.ruling.recapping import RecapPost
from bot.core.ruling.telling import TellPost
from bot.core.written import Written
from bot.domain.model import Message
from bot.domain.reminders import reminder_of
from bot.domain.rules import recap_of, tell_of
from bot.store.reminders import Reminders
from bot.store.rule_recaps import RuleRecaps
from bot.store.rule_tells import RuleTells
from bot.store.rules import Rules
from bot.store.stores import Stores


class OwedPost(Protocol):
    """One of them."""

    async def read(self) -> Written | None:
        """What is posted; None where that is posted already, or nothing is left of it."""
        ...

    async def end(self) -> None:
        """It is posted, or can be shown to nobody any more."""
        ...

    async def put_off(self) -> None:
        """It could not be posted now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPosts:
    """Tells by its trigger what a turn owes."""

    reminders: Reminders
    rules: Rules
    tells: RuleTells
    recaps: RuleRecaps

    @classmethod
    def on(cls, stores: Stores) -> Self:
        """On the stores of one replica."""
        return cls(
            reminders=stores.reminders,
            rules=stores.rules,
            tells=stores.rule_tells,
            recaps=stores.rule_recaps,
        )

    def of(self, channel_id: int, trigger: Message) -> OwedPost | None:
        """None where a turn answers a question, or posts something else."""
        if (number := reminder_of(trigger)) is not None:
            return ReminderPost(self.reminders, channel_id, number)
        if (number := tell_of(trigger)) is not None:
            return TellPost(self.tells, channel_id, number)
        if (number := recap_of(trigger)) is not None:
            return RecapPost(self.rules, self.recaps, channel_id, number, trigger.text)
        return None
