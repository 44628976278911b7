"""The prompt of a question as a channel's are laid out, with all that was said as its window.

For asking again what was asked, by other models or with other words of ours.
"""

from collections.abc import Sequence

from bot.domain.model import Message, Prompt
from bot.prompting.budget import Budget
from bot.prompting.message_line import format_line
from bot.prompting.prompt import build_prompt


def build_past_prompt(
    said: Sequence[Message],
    question: Message,
    *,
    system: str,
    budget: Budget,
    recalled: Sequence[Message] = (),
    digest: str = "",
) -> Prompt:
    """`system` and `digest` are those of bot.prompting.prompt."""
    return build_prompt(
        system=system,
        digest=digest,
        transcript="\n".join(format_line(one) for one in said),
        conversation=(),
        recalled=(*recalled, *said),  # the window for models that read no prose
        trigger=question,
        shown={one.seq for one in said},
        now=question.at,
        budget=budget,
    )
