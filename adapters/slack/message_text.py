"""A message as people in Slack read it: one reading of events, history and exports. Pure."""

from collections.abc import Mapping
from typing import Any

from adapters.kit.calls import without_call
from adapters.slack.attachments import has_text, read_attachments
from adapters.slack.blocks import read_blocks
from adapters.slack.markup import linked_channels, mentioned_people, to_plain_text
from adapters.slack.wording import fuller
from bot.text.json_fields import read_field

_NO_NAMES: Mapping[str, str] = {}


def read_text(
    message: Mapping[str, Any],
    people: Mapping[str, str] = _NO_NAMES,
    channels: Mapping[str, str] = _NO_NAMES,
    *,
    called: str = "",
) -> str:
    """The text of a message, without its files; "" where it says nothing.

    `channels` are the names that may be told: of any other channel only the id is. `called` is
    the id of the bot that a mention at the beginning only calls.
    """
    markup = whole_markup(message)
    if called:
        markup = without_call(markup, rf"<@{called}(?:\|[^<>]*)?>")
    said = to_plain_text(markup, people, tellable(markup, channels))
    action = message.get("subtype") == "me_message"
    return f"/me {said.strip()}" if action and said.strip() else said.strip()


def own_markup(message: Mapping[str, Any]) -> str:
    """What its author wrote, in Slack's markup: the blocks, or the text that stands in for them."""
    text = read_field(message, "text", str, "").strip()
    return fuller(text if has_text(text) else "", read_blocks(message.get("blocks")))


def whole_markup(message: Mapping[str, Any]) -> str:
    """The same, with what stands in its attachments."""
    own = own_markup(message)
    # Beside a text, what Slack made of its links is decoration.
    added = read_attachments(message.get("attachments"), previews=not own)
    return "\n".join(filter(None, (own, added)))


def mentions_in(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the people whom its author mentions, not those in what is shared."""
    return mentioned_people(own_markup(message))


def tellable(markup: str, channels: Mapping[str, str]) -> dict[str, str]:
    """A name for every channel in a text: its id, where its name is none of `channels`."""
    return {id_: channels.get(id_) or id_ for id_ in linked_channels(markup)}
