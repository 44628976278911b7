"""A conversation in a channel, a minute between two messages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.model import Author, Channel, Message
from bot.prompting.message_line import count_line_tokens

CHANNEL = Channel("fake", "team", "C1", "general")
ANA = Author("U1", "ana")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def spoken(texts: Sequence[str], gaps: Sequence[int] = ()) -> list[Message]:
    at, found = NOON, []
    for seq, text in enumerate(texts, 1):
        at += timedelta(minutes=gaps[seq - 1] if seq <= len(gaps) else 1)
        said = Message(CHANNEL, str(seq), ANA, text, at, seq=seq)
        found.append(replace(said, tokens=count_line_tokens(said)))
    return found
