"""How a turn tells that it is a reminder: its trigger is a message that nobody sees. Pure."""

from bot.domain.model import Message

PREFIX = "reminder:"


def trigger_id(reminder_id: int) -> str:
    """The id of the message that a reminder answers."""
    return f"{PREFIX}{reminder_id}"


def reminder_of(trigger: Message) -> int | None:
    """The number of the reminder that a turn is to post; None for every other turn."""
    number = trigger.id.removeprefix(PREFIX)
    return int(number) if number != trigger.id and number.isdecimal() else None
