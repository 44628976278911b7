"""/remind: the reminders that are still to come, and taking one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.about import only_quotes
from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.store.reminders import Reminder, Reminders
from bot.text.names import plain_name
from bot.tools.zones import look_up_zone

SHOWN = 120  # characters of a reminder in the list
HOW = "Which one? /remind list shows their numbers, for example /remind cancel 12."
NONE = "You have no reminders here. Ask me in words: “remind me tomorrow at 9 to call Ana”."
NEEDS_MODEL = "You have no reminders here. Reminders need a language model, and here I only quote."


@dataclass(frozen=True, slots=True)
class RemindCommands:
    """Lists and cancels reminders of a channel: one's own, and with rights those that all see."""

    reminders: Reminders
    default: Sequence[str]
    """The models tried in order where a channel has not chosen one."""

    async def list(self, request: Request) -> Reply:
        """A person's own here; with rights and the word all, also everybody's that are posted."""
        everybodys = request.rest.strip().lower() == "all"
        if everybodys:
            request.require_rights()
        found = await self.reminders.open_ones(
            request.state.id, request.person.id, everybodys=everybodys
        )
        if not found:
            models = [request.state.model] if request.state.model else self.default
            none = NEEDS_MODEL if only_quotes(models) else NONE
            return Reply("There are no reminders here." if everybodys else none)
        return Reply("\n".join(_lines(found, request.person.id)))

    async def cancel(self, request: Request) -> Reply:
        """Take one back: one's own; with rights, any that would be posted before everybody."""
        number = request.rest.strip().lstrip("#")
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise CommandError(reason=HOW)
        gone = await self.reminders.cancel(
            request.state.id, int(number), request.person.id, everybodys=request.privileged
        )
        if gone is None:
            reason = f"There is no reminder {number} here that you could cancel. {HOW}"
            raise CommandError(reason=reason)
        return Reply(f"Cancelled: {_line(gone, request.person.id)}", noted=f"reminder {gone.id}")


def _lines(found: Sequence[Reminder], person_id: str) -> list[str]:
    return [_line(one, person_id) for one in found]


def _line(reminder: Reminder, person_id: str) -> str:
    text = " ".join(reminder.text.split())
    short = text if len(text) <= SHOWN else f"{text[: SHOWN - 1].rstrip()}…"
    whose = "" if reminder.person_id == person_id else f" (of {plain_name(reminder.person_name)})"
    private = ", privately" if reminder.private else ""
    return f"{reminder.id}: {format_due(reminder)}{private}{whose}: {short}"


def format_due(reminder: Reminder) -> str:
    """When it is due, by the clock of who asked for it."""
    at: datetime = reminder.due_at.astimezone(look_up_zone(reminder.zone))
    return f"{at:%a %Y-%m-%d %H:%M} {reminder.zone}"
