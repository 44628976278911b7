"""What a person did, read from Slack's payload. Pure; each function raises ValueError."""

import json
from typing import Any

from bot.text.json_fields import read_field

LONGEST_TURN_ID = 18  # digits

Payload = dict[str, Any]


def person_of(body: Payload) -> str:
    """The id of who pressed a button, used a shortcut, or submitted a view."""
    return read_field(read_field(body, "user", dict), "id", str)


def channel_of(body: Payload) -> str:
    """The id of the channel in which it was done."""
    return read_field(read_field(body, "channel", dict), "id", str)


def action_of(body: Payload) -> Payload:
    """The button that was pressed."""
    actions = read_field(body, "actions", list)
    if not actions or not isinstance(actions[0], dict):
        raise ValueError("it has no action")
    return actions[0]


def action_value(body: Payload) -> str:
    """What the button that was pressed knows."""
    return read_field(action_of(body), "value", str)


def to_turn_id(value: str) -> int:
    """The turn's id that a button knows."""
    if not value.isdecimal() or len(value) > LONGEST_TURN_ID:
        raise ValueError("its value is no turn")
    return int(value)


def view_metadata(body: Payload) -> Payload:
    """What our own view knows of the message that a question is about."""
    found = json.loads(read_field(read_field(body, "view", dict), "private_metadata", str))
    if not isinstance(found, dict):
        raise ValueError("its view is none of ours")
    return found


def response_url_of(body: Payload) -> str:
    """Where Slack says that an answer goes; a view keeps that of the shortcut that opened it.

    "" where there is no such address.
    """
    url = read_field(body, "response_url", str, "")
    if not url and read_field(read_field(body, "view", dict, {}), "private_metadata", str, ""):
        url = read_field(view_metadata(body), "url", str, "")
    return url


def place_of(body: Payload) -> tuple[str, str]:
    """The ids of channel and person, of a command, a shortcut, a button or a view; "" if none."""
    channel = read_field(body, "channel_id", str, "") or read_field(
        read_field(body, "channel", dict, {}), "id", str, ""
    )
    if not channel and read_field(read_field(body, "view", dict, {}), "private_metadata", str, ""):
        channel = read_field(view_metadata(body), "channel", str, "")
    person = read_field(body, "user_id", str, "") or read_field(
        read_field(body, "user", dict, {}), "id", str, ""
    )
    return channel, person
