"""Polls as Discord sends them, made whole for discord.py: it insists on an end and on texts."""

from typing import Any


def mend_polls(message: Any) -> None:
    """Give a message's poll what it may lack: an end that is null, the text of an emoji's answer.

    Without, discord.py cannot read the message at all. Neither is shown to anyone.
    """
    if not isinstance(message, dict):
        return
    mend_polls(message.get("referenced_message"))
    poll = message.get("poll")
    if not isinstance(poll, dict):
        return
    if not poll.get("expiry"):
        poll["expiry"] = message.get("timestamp")
    answers = poll.get("answers")
    for answer in answers if isinstance(answers, list) else []:
        media = answer.get("poll_media") if isinstance(answer, dict) else None
        if isinstance(media, dict):
            media.setdefault("text", None)
