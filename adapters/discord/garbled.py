"""What Discord garbled: an event whose parts are of other types than Discord's are."""

from sys import stdlib_module_names
from traceback import walk_tb

from bot.domain.model import Message

READERS = {
    "adapters.discord.incoming",
    "adapters.discord.message_text",
    "adapters.discord.posts",
    "adapters.discord.stale_interactions",
}
"""The modules that read what Discord sent, beside discord.py's own."""
_OF_ANOTHER_SHAPE = (TypeError, AttributeError, LookupError, ValueError, OverflowError)


class Garbled(Exception):
    """It cannot be read; reported again, it would be as garbled."""


def is_garbled(error: BaseException | None) -> bool:
    """Whether it was raised because something that Discord sent has another shape."""
    if not isinstance(error, _OF_ANOTHER_SHAPE):
        return isinstance(error, Garbled)
    frames = (str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(error.__traceback__))
    # Python's own modules raise on behalf of who called them.
    found = [name for name in frames if name.partition(".")[0] not in stdlib_module_names]
    module = found[-1] if found else ""
    return module in READERS or module.startswith("discord.")


def check(message: Message) -> None:
    """Raises Garbled where a part that ought to be text is something else."""
    author = message.author
    texts = (message.id, message.text, author.id, author.name, message.thread, message.reply_to)
    if not all(isinstance(text, str) for text in (*texts, *message.mentions)):
        raise Garbled("a part of it is no text")
