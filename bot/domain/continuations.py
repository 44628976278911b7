"""Going on with an answer that was cut short because of its length: who asks for that, and how."""

import re

from bot.domain.model import Message, Turn

OFFER = '\n\n(This is as long as one answer may be. Say "go on" for the rest.)'
"""What stands below an answer that can be gone on with."""

CUT_SHORT = "CutShort"
"""What a turn ends with whose answer can be gone on with."""

_PRESSED = "go-on:"
_WORDS = re.compile(
    r"(?:please )?(?:go on|continue|carry on|keep going|go ahead|more|the rest|mach weiter|weiter"
    r"|fahre? fort|continuez?|siga|sigue|contin[uú]a)(?: please| bitte)?",
    re.IGNORECASE,
)
_AROUND = " \t\n,;:.!…?-\"'“”„«»"


def continuation_id(turn: Turn) -> str:
    """The id of the message that a press of the button stands for: one for each answer.

    With its time, it is in no other archive.
    """
    return f"{_PRESSED}{turn.id}:{turn.trigger.at.timestamp():.0f}"


def pressed_turn(trigger: Message) -> int | None:
    """The turn whose button was pressed; None for what people wrote themselves."""
    number = trigger.id.removeprefix(_PRESSED).partition(":")[0]
    return int(number) if trigger.id.startswith(_PRESSED) and number.isdecimal() else None


def asks_to_go_on(text: str) -> bool:
    """Whether a message says nothing but "go on", with or without a mention before or after it."""
    words = [word for word in text.split() if not word.startswith(("@", "<@"))]
    return bool(_WORDS.fullmatch(" ".join(words).strip(_AROUND)))
