"""What each part of a prompt takes, in our estimate; pure."""

from functools import lru_cache

from bot.domain.answer_trace import PromptPart
from bot.domain.model import Prompt
from bot.prompting.fixed_text import TRANSCRIPT_HEADING
from bot.text.tokens import estimate, estimate_again

_STABLE = ("instructions", "digest")  # the same from one prompt of a channel to the next
_count_stable = lru_cache(maxsize=64)(estimate)
_HEADING = estimate(f"\n\n{TRANSCRIPT_HEADING}\n")


def count_parts(prompt: Prompt, *, window: int | None = None) -> dict[PromptPart, int]:
    """The tokens of each part; together, those of the prompt.

    `window` are those of the messages that it shows of the window, where they are known: counting
    them takes longer than all the rest.
    """
    sizes: dict[PromptPart, int] = {}

    def add(part: PromptPart, tokens: int) -> None:
        if tokens:
            sizes[part] = sizes.get(part, 0) + tokens

    for message in prompt.messages:
        add("pictures", sum(image.tokens for image in message.images))
        add("results", sum(call.tokens for call in message.calls))
        begins = 0
        for part, ends in message.parts or (("results", len(message.text)),):
            if part == "window" and window is not None:
                add(part, window + _HEADING)
            else:
                count = _count_stable if part in _STABLE else estimate_again
                add(part, count(message.text[begins:ends]))
            begins = ends
    add("tools", sum(tool.tokens for tool in prompt.tools))
    return sizes
