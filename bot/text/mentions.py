"""Mentions of people in what is typed, as platforms write them: <@ID>. They stand for ids. Pure."""

import re

_MENTION = re.compile(r"<@!?(?P<id>[^<>|\s]+)(?:\|[^<>]*)?>")


def format_mention(person_id: str) -> str:
    """What stands for a person in a command; the bare id, where a mention could not hold it."""
    mention = f"<@{person_id}>"
    return mention if mentioned_id(mention) == person_id else person_id


def mentioned_id(text: str) -> str:
    """The id of the person whom a text mentions, where it does nothing else; "" otherwise."""
    found = _MENTION.fullmatch(text.strip())
    return found["id"] if found else ""


def split_mentions(text: str) -> tuple[tuple[str, ...], str]:
    """The ids of the people whom a text mentions, each once, and the text without them."""
    ids = dict.fromkeys(found["id"] for found in _MENTION.finditer(text))
    return tuple(ids), " ".join(_MENTION.sub(" ", text).split()) if ids else text
