"""A message of a prompt as it goes out: pictures as parts, and none that its text would open; pure.

Where its model can see, a server of TGI looks through the whole prompt for `![](...)` and fetches
what stands there. So anybody could make it ask any address of its own network, or have every
question there refused ("invalid image content"). With a description between the brackets it is
text to TGI too, and stays as it is.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.domain.model import ChatMessage

OPENING = "![]("
_BROKEN = "!\u200b[]("  # as bot.prompting.template_marks breaks up marks; it reads the same
_BEFORE = len(OPENING) - 1


def break_up_pictures(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """The messages, none of which opens a picture, nor do two next to each other.

    A chat template may put nothing between two texts, and take away the blanks around them.
    """
    safe: list[ChatMessage] = []
    tail = ""
    for message in messages:
        text = message.text.replace(OPENING, _BROKEN)
        if joined := OPENING in tail + text.lstrip()[:_BEFORE]:
            text = f"\u200b{text}"
        tail = ((" " if message.images else tail) + text.strip())[-_BEFORE:]
        if text != message.text:
            ends = (end + joined + message.text.count(OPENING, 0, end) for end in message.ends)
            message = replace(message, text=text, ends=tuple(ends))
        safe.append(message)
    return tuple(safe)


def format_content(message: ChatMessage) -> str | list[dict[str, Any]]:
    """Of parts where there is a picture; a text alone as it is: not every server takes parts.

    A picture stands behind what later prompts begin with as well: before it, it would change that.
    """
    if not message.images:
        return message.text
    pictures: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": image.data_url}} for image in message.images
    ]
    stable, rest = message.text[: message.stable], message.text[message.stable :]
    return [*_text_part(stable), *pictures, *_text_part(rest)]


def _text_part(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text}] if text else []
