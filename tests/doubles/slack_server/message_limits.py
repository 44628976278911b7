"""The bounds that Slack sets to a message; passing one raises Refused with Slack's code."""

import re
from collections.abc import Iterator
from typing import Any

from doubles.slack_server.shapes import Json, Refused

TEXT, MARKDOWN, UPDATE, BLOCKS_TEXT, BLOCKS = 40_000, 12_000, 4_000, 13_200, 50
_TABLE = re.compile(r"^\|(?: *:?-+:? *\|)+ *$", re.MULTILINE)
_ELEMENTS = {"actions": 25, "context": 10, "context_actions": 5}
_KINDS = {
    "actions",
    "context",
    "context_actions",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "markdown",
    "rich_text",
    "section",
    "table",
    "video",
    "alert",
    "card",
    "carousel",
}


def check_message(fields: Json, *, update: bool = False) -> None:
    """A message as it is to be posted."""
    text, markdown, blocks = fields.get("text"), fields.get("markdown_text"), fields.get("blocks")
    if markdown is not None and (text or blocks):
        raise Refused("markdown_text_conflict")
    if not (text or markdown or blocks or fields.get("attachments")):
        raise Refused("no_text")
    if len(markdown or "") > MARKDOWN:
        raise Refused("msg_too_long")
    if update and len(text or "") > (TEXT if blocks else UPDATE):
        raise Refused("msg_too_long")
    check_blocks(blocks or [])


def check_blocks(blocks: Any) -> None:
    """What chat.postMessage, chat.stopStream and views.publish take."""
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if len(blocks) > BLOCKS:
        raise _invalid(f"no more than {BLOCKS} items allowed")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        raise _invalid("`block_id` already exists")
    for block in blocks:
        _check_block(block)
    if sum(len(one["text"]) for one in blocks if one["type"] == "markdown") > MARKDOWN:
        raise Refused("msg_too_long")
    if sum(len(text) for text in texts(blocks)) > BLOCKS_TEXT:
        raise Refused("msg_blocks_too_long")


def texts(value: Any) -> Iterator[str]:
    """Every text in it."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for name, inner in value.items():
            if name != "text" or not isinstance(inner, str):
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def mentions_in(value: Any) -> Iterator[str]:
    """Whom the elements of rich text in it ping: a person, a user group, or everybody."""
    if isinstance(value, dict):
        if value.get("type") in ("user", "usergroup", "broadcast"):
            yield next(value[key] for key in ("user_id", "usergroup_id", "range") if key in value)
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from mentions_in(inner)


def _check_block(block: Any) -> None:
    if not isinstance(block, dict) or block.get("type") not in _KINDS:
        raise _invalid("unsupported type")
    kind, text = block["type"], block.get("text")
    if kind == "markdown" and not (isinstance(text, str) and text):
        raise _invalid("missing required field: text")
    if kind == "markdown" and len(_TABLE.findall(text)) > 1:
        raise _invalid("only one table is allowed")
    if kind == "section":
        _check_section(block)
    if kind == "header" and not 1 <= len(text["text"]) <= 150:
        raise _invalid("must be less than 151 characters")
    elements = block.get("elements", ())
    if kind in _ELEMENTS and not 1 <= len(elements) <= _ELEMENTS[kind]:
        raise _invalid("elements")
    for element in (*elements, *([block["accessory"]] if "accessory" in block else [])):
        _check_element(element)


def _check_section(block: Json) -> None:
    text, fields = block.get("text"), block.get("fields", ())
    if text is None and not fields:
        raise _invalid("missing required field: text or fields")
    if text is not None and not 1 <= len(text["text"]) <= 3_000:
        raise _invalid("must be less than 3001 characters")
    if len(fields) > 10 or any(len(one["text"]) > 2_000 for one in fields):
        raise _invalid("fields")


def _check_element(element: Json) -> None:
    if len(element.get("action_id", "")) > 255:
        raise _invalid("action_id")
    if element["type"] == "button" and (
        len(element["text"]["text"]) > 75 or len(element.get("value", "")) > 2_000
    ):
        raise _invalid("button")
    if (
        element["type"] == "feedback_buttons"
        and not {"positive_button", "negative_button"} <= element.keys()
    ):
        raise _invalid("feedback_buttons")
    for option in element.get("options", ()):
        if len(option["text"]["text"]) > 75 or len(option["value"]) > 150:
            raise _invalid("option")


def _invalid(reason: str) -> Refused:
    return Refused("invalid_blocks", response_metadata={"messages": [f"[ERROR] {reason}"]})
