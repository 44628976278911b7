"""The parts of a channel's prompts that are tuned, and which texts may stand there; pure."""

from collections.abc import Mapping
from typing import Literal, get_args

from bot.commands.persona import LONGEST_PERSONA
from bot.prompting.fixed_text import STYLE, SUMMARY_WANTED
from bot.prompting.template_marks import break_up_marks
from bot.text.plurals import counted
from bot.text.sanitize import clean, show_hidden

Part = Literal["persona", "rules", "summary"]
PARTS: tuple[Part, ...] = get_args(Part)
LONGEST: Mapping[Part, int] = {"persona": LONGEST_PERSONA, "rules": 1_500, "summary": 1_000}
"""Characters. What a prompt grows by is paid for with every answer."""

MEANS: Mapping[Part, str] = {
    "persona": "who the assistant is",
    "rules": "how its answers are to be",
    "summary": "what summaries of old talk are to keep",
}

Texts = Mapping[Part, str]


def seeds(*, persona: str, rules: str = "", summary: str = "") -> dict[Part, str]:
    """What holds today: the general texts where there are no others."""
    return {"persona": persona, "rules": rules or STYLE, "summary": summary or SUMMARY_WANTED}


def refuse(part: Part, text: str) -> str:
    """Why this text may not stand there, for people; empty where it may."""
    if not text.strip():
        return f"{part}: it is empty"
    if len(text) > LONGEST[part]:
        longest = counted(LONGEST[part], "character")
        return f"{part}: it has {len(text):,} characters, and may have {longest}"
    if clean(text) != text:
        return f"{part}: it holds control characters"
    if show_hidden(text) != text:
        return f"{part}: it holds letters that nobody sees"
    if break_up_marks(text) != text:
        return f"{part}: it holds marks that a model's server takes for its own"
    return ""
