"""How a turn tells that it is a rule's: its trigger is a message that nobody sees. Pure."""

import re
from datetime import datetime

from bot.domain.model import Message

TELL = "rule-tell:"
RECAP = "rule-recap:"
_TELL_ID = re.compile(rf"{TELL}(\d+):\d+")
_RECAP_ID = re.compile(rf"{RECAP}(\d+):.*")


def tell_id(number: int, attempt: int) -> str:
    """The id of the message that a tell answers: another one for each time that it is tried."""
    return f"{TELL}{number}:{attempt}"


def recap_id(rule_id: int, at: datetime) -> str:
    """The id of the message that a recap answers."""
    return f"{RECAP}{rule_id}:{at.isoformat()}"


def tell_of(trigger: Message) -> int | None:
    """The number of the tell that a turn is to post; None for every other turn."""
    found = _TELL_ID.fullmatch(trigger.id)
    return int(found[1]) if found else None


def recap_of(trigger: Message) -> int | None:
    """The number of the rule whose recap a turn is to post; None for every other turn."""
    found = _RECAP_ID.fullmatch(trigger.id)
    return int(found[1]) if found else None


def is_fixed(trigger: Message) -> bool:
    """Whether no model writes what is posted: then nobody rates it, or asks for it again."""
    return bool(trigger.reply) or tell_of(trigger) is not None or recap_of(trigger) is not None
