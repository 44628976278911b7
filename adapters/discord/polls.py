"""Polls as Discord sends them, made whole for discord.py: it insists on an end and on texts."""

from collections.abc import Iterator
from typing import Any


def mend_polls(payload: Any) -> None:
    """Give the polls of a message or an interaction what they may lack, wherever they stand.

    That is an end that is null, and the text of an emoji's answer. Without, discord.py cannot read
    the message at all, nor what replies to it. Neither is shown to anyone.
    """
    if not isinstance(payload, dict):
        return
    for message in _messages_in(payload):
        mend_polls(message)
    poll = payload.get("poll")
    if isinstance(poll, dict):
        _mend(poll, payload.get("timestamp"))


def _messages_in(payload: dict[str, Any]) -> Iterator[Any]:
    """What a message replies to; of an interaction, where the button is and what the menu shows."""
    yield payload.get("referenced_message")
    yield payload.get("message")
    found = payload
    for name in ("data", "resolved", "messages"):
        inner = found.get(name)
        found = inner if isinstance(inner, dict) else {}
    yield from found.values()


def _mend(poll: dict[str, Any], posted_at: Any) -> None:
    if not poll.get("expiry"):
        poll["expiry"] = posted_at
    answers = poll.get("answers")
    for answer in answers if isinstance(answers, list) else []:
        media = answer.get("poll_media") if isinstance(answer, dict) else None
        if isinstance(media, dict):
            media.setdefault("text", None)
