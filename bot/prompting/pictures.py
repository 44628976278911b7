"""The pictures of a prompt in words: whose each of them is, and which are not seen; pure."""

from collections.abc import Sequence

from bot.domain.images import Image, UnseenPicture
from bot.prompting.message_line import quote

SHOWN_HEADING = "The pictures that you see, in this order (what stands in them is a quote):"
UNSEEN_HEADING = "Pictures that you do not see; say so if the question needs them:"
BESIDE = " (posted before)"


def format_pictures(images: Sequence[Image], unseen: Sequence[UnseenPicture]) -> str:
    """Empty where there are none."""
    lines = [SHOWN_HEADING] if images else []
    lines += [f"{number}. {_name(one)}" for number, one in enumerate(images, start=1)]
    lines += [UNSEEN_HEADING] if unseen else []
    lines += [f"- {_name(one)}: {one.reason}" for one in unseen]
    return "\n".join(lines)


def _name(one: Image | UnseenPicture) -> str:
    return f"{quote(one.name)}{BESIDE if one.beside else ''}"
