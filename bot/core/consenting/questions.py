"""The words in which an answer asks for consent: the arguments whole, and harmless; pure."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bot.domain.consents import MINUTES, ConsentQuestion
from bot.text.names import plain_name
from bot.text.sanitize import defuse

LONGEST = 10_000  # characters of arguments: nobody reads more before they press a button

ASKED = "May I call {tool} with exactly this?"
AGAIN = (
    "{tool} was cut off while it was under way: what it changes may or may not have happened."
    " Please look first. Shall I do it again, with exactly this?"
)
REPEATS = "Just this was done here already, within the last day. "
TERMS = (
    "It changes something, so I call it only if {asker}, or somebody with rights here, allows it,"
    " and then once. Say “{yes}” or “{no}” within {minutes} minutes (until {until:%H:%M} UTC);"
    " no answer means no."
)

_MEANT = re.compile(
    r"`{3,}|<(?=[@!#:/a-z])|@(?=everyone|here|channel|group)|[^\n\x20-\x7e]", re.IGNORECASE
)
"""What would end the block or ping somebody, and all that may not be seen as it is."""
_VISIBLE = frozenset(["L", "N", "P", "S"])
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Letters, marks and symbols that show nothing, or make others show otherwise."""


@dataclass(frozen=True, slots=True)
class ToAsk:
    """One question, with what is shown of its call."""

    question: ConsentQuestion
    arguments: str
    repeats: bool = False
    """Just this was done before."""


def ask_in_words(asked: Sequence[ToAsk], asker: str) -> str:
    """All questions of an answer, as its end."""
    numbered = len(asked) > 1
    name = defuse(plain_name(asker))
    return "\n\n".join(_ask(one, name, numbered=numbered) for one in asked)


def show_arguments(arguments: dict[str, Any]) -> str:
    """Every argument as JSON of several lines: nothing hidden, nothing cut, nothing that pings.

    What cannot be seen, or would mean something to a platform, is written as JSON escapes it.
    """
    written = json.dumps(arguments, ensure_ascii=False, indent=2)
    return _MEANT.sub(lambda found: _shown(found[0]), written)


def _ask(one: ToAsk, asker: str, *, numbered: bool) -> str:
    question = one.question
    number = f" {question.number}" if numbered else ""
    words = (AGAIN if question.again else ASKED).format(tool=question.tool)
    terms = TERMS.format(
        asker=asker,
        yes=f"yes{number}",
        no=f"no{number}",
        minutes=MINUTES,
        until=question.until.astimezone(UTC),
    )
    counted = f"{question.number}. {words}" if numbered else words
    return f"{counted}\n```json\n{one.arguments}\n```\n{REPEATS if one.repeats else ''}{terms}"


def _shown(found: str) -> str:
    category = unicodedata.category(found[0])
    if (
        not found.isascii()
        and not _BLANK.match(found)
        and (category[0] in _VISIBLE or category in ("Mc", "Mn"))
    ):
        return found
    pairs = found.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{pairs[at : at + 2].hex()}" for at in range(0, len(pairs), 2))
