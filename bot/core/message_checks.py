"""What a message must be like to be stored: cleaned first, then checked; pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from unicodedata import category

from bot.domain.documents import LONGEST_ALT, PostedFile
from bot.domain.errors import Refused
from bot.domain.model import Message
from bot.domain.reminders import PREFIX
from bot.domain.rules import RECAP, TELL
from bot.prompting.message_line import count_line_tokens
from bot.store.introductions import TRIGGER
from bot.text.sanitize import clean

LONGEST = 1_000_000  # characters of one message; no platform sends more
LONGEST_ID = 500  # characters of any id; no platform comes near
OWN_IDS = (
    "turn:",
    "digest:",
    PREFIX,
    TELL,
    RECAP,
)  # an answer that no platform has an id for, what asks for a digest, a reminder, or for rules
LONGEST_ADDRESS = 4_000  # characters of where a platform keeps a file
LARGEST = 2**62  # bytes that a file is said to have
MOST_FILES = 100  # of one message; no platform takes as many
LONGEST_NAME = 200  # characters of an author's name that are kept


def checked(message: Message) -> Message:
    """The message as it can be stored, with its tokens counted. Raises Refused."""
    message = _cleaned(message)
    if reason := _fault(message):
        raise Refused(reason=reason)
    try:
        at = message.at.astimezone(UTC)
    except OverflowError:
        raise Refused(reason="its time is out of bounds.") from None
    return replace(message, at=at, tokens=count_line_tokens(message))


def _cleaned(message: Message) -> Message:
    author = replace(
        message.author,
        id=message.author.stored_id,
        name=clean(message.author.name).strip()[:LONGEST_NAME],
    )
    return replace(
        message,
        id=_trimmed(message.id),
        author=author,
        text=clean(message.text),
        thread=_trimmed(message.thread),
        reply_to=_trimmed(message.reply_to),
        link="".join(clean(message.link).split()),
        files=checked_files(message.files),
    )


def checked_files(files: Iterable[PostedFile]) -> tuple[PostedFile, ...]:
    """The files as they can be stored, each once; what has no id cannot be asked for again."""
    cleaned = {
        id_: replace(
            file,
            id=id_,
            name=file.shown_name,
            media_type=clean(file.media_type).strip()[:LONGEST_ID],
            size=min(max(file.size, 0), LARGEST),
            alt=clean(file.alt)[:LONGEST_ALT],
            address=clean(file.address)[:LONGEST_ADDRESS],
        )
        for file in files
        if 0 < len(id_ := _trimmed(file.id)) <= LONGEST_ID
    }
    return tuple(cleaned.values())[:MOST_FILES]


def _trimmed(id: str) -> str:
    """An id without what nobody sees at its ends: with it, what was deleted would be another."""
    id = clean(id)
    if id.isascii():  # as nearly all are
        return id.strip()
    seen = [place for place, one in enumerate(id) if not (one.isspace() or category(one) == "Cf")]
    return id[seen[0] : seen[-1] + 1] if seen else ""


def _is_reserved(message: Message) -> bool:
    """Whether its id is of those by which Nellie keeps what no platform has an id for.

    Her own answers have such ids in what was exported.
    """
    own = message.author.nellie and message.id.startswith("turn:")
    return message.id == TRIGGER or (message.id.startswith(OWN_IDS) and not own)


def _fault(message: Message) -> str:
    """Why it cannot be stored; empty where it can."""
    if not message.text.strip():
        return "it has no text."
    if len(message.text) > LONGEST:
        return f"it has {len(message.text):,} characters; {LONGEST:,} are the most."
    channel = message.channel
    if not message.id or not channel.id:
        return "it has no id."
    if _is_reserved(message):
        return "its id is one that Nellie keeps for herself."
    ids = (
        message.id,
        message.author.id,
        message.thread,
        message.reply_to,
        channel.id,
        channel.workspace,
    )
    if any(len(one) > LONGEST_ID for one in ids):
        return f"one of its ids has more than {LONGEST_ID} characters."
    if clean(channel.id + channel.workspace) != channel.id + channel.workspace:
        return "its channel's id has characters that no id has."
    return "its time has no timezone." if message.at.tzinfo is None else ""
