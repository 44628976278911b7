"""Tools, the choice among them, and the shape of an answer: Responses -> chat; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.gateway.responses.fields import read, refused, require

CHOICES = ("auto", "none", "required")


def to_chat_tools(tools: Sequence[Any]) -> list[dict[str, Any]]:
    """Functions, as a chat names them. Raises ApiError for tools that OpenAI runs itself."""
    return [_to_chat_tool(tool, f"tools[{at}]") for at, tool in enumerate(tools)]


def to_chat_choice(
    choice: Any, tools: list[dict[str, Any]]
) -> tuple[str | dict[str, Any], list[dict[str, Any]]]:
    """The choice, and the tools that it leaves."""
    if isinstance(choice, str):
        if choice not in CHOICES:
            raise refused(f"tool_choice is one of {', '.join(CHOICES)}.", "tool_choice")
        return choice, tools
    kind = require(choice, "type", str, "tool_choice")
    if kind == "function":
        name = require(choice, "name", str, "tool_choice")
        _require_known([name], tools)
        return {"type": "function", "function": {"name": name}}, tools
    if kind == "allowed_tools":
        return _allowed(choice, tools)
    raise refused(f"tool_choice: {_only_functions(kind)}", "tool_choice.type")


def to_response_format(text: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a chat calls `response_format`; None for free words."""
    shape = read(text, "format", dict, "text") if text else None
    kind = require(shape, "type", str, "text.format") if shape else "text"
    if shape is None or kind == "text":
        return None
    if kind == "json_object":
        return {"type": kind}
    if kind != "json_schema":
        raise refused("text.format.type is text, json_object or json_schema.", "text.format.type")
    where = "text.format"
    schema: dict[str, Any] = {
        "name": require(shape, "name", str, where),
        "schema": require(shape, "schema", dict, where),
    }
    for key, of_kind in (("description", str), ("strict", bool)):
        if (value := read(shape, key, of_kind, where)) is not None:
            schema[key] = value
    return {"type": kind, "json_schema": schema}


def _to_chat_tool(tool: Any, where: str) -> dict[str, Any]:
    kind = require(tool, "type", str, where)
    if kind != "function":
        raise refused(f"{where}: {_only_functions(kind)}", f"{where}.type")
    function: dict[str, Any] = {"name": require(tool, "name", str, where)}
    for key, of_kind in (("description", str), ("parameters", dict), ("strict", bool)):
        if (value := read(tool, key, of_kind, where)) is not None:
            function[key] = value
    return {"type": "function", "function": function}


def _only_functions(kind: str) -> str:
    return (
        f"the built-in tool {kind!r} is not run here. Give functions (type function), and run them"
        " yourself."
    )


def _allowed(
    choice: Mapping[str, Any], tools: list[dict[str, Any]]
) -> tuple[str, list[dict[str, Any]]]:
    """Only OpenAI's own chats know a choice among some tools: all others are given no more."""
    mode = read(choice, "mode", str, "tool_choice") or "auto"
    if mode not in ("auto", "required"):
        raise refused("tool_choice.mode is auto or required.", "tool_choice.mode")
    listed = require(choice, "tools", list, "tool_choice")
    names = [require(one, "name", str, f"tool_choice.tools[{at}]") for at, one in enumerate(listed)]
    _require_known(names, tools)
    return mode, [tool for tool in tools if tool["function"]["name"] in names]


def _require_known(names: Sequence[str], tools: Sequence[Mapping[str, Any]]) -> None:
    known = {tool["function"]["name"] for tool in tools}
    if missing := [name for name in names if name not in known]:
        raise refused(f"tool_choice names {missing[0]!r}, which is not in tools.", "tool_choice")
