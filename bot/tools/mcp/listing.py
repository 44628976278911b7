"""What a server lists, as tools that a model may be offered; what is unfit is dropped and told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from mcp_types import Tool as ServerTool

from bot.domain.tools import Tool
from bot.prompting.template_marks import break_up_marks
from bot.text.sanitize import clean
from bot.tools.mcp.file import ServerEntry
from bot.tools.mcp.naming import name_tools
from bot.tools.mcp.schemas import Unfit, fit

MOST_TOOLS = 100  # of one server
MOST_DESCRIPTION = 1_000  # characters


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool of a server, with what it is called there."""

    tool: Tool
    name: str
    key: str = ""
    """The argument that takes an idempotency key."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The tools of one server."""

    by_name: Mapping[str, OfferedTool] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)
    """Tools that are not offered, by their names on the server, and why."""


def to_listing(entry: ServerEntry, listed: Iterable[ServerTool], bad: Mapping[str, str]) -> Listing:
    """What is offered of a server's tools, and what is not."""
    dropped = dict(bad)
    fitting: dict[str, tuple[ServerTool, dict[str, Any], str]] = {}
    for one in listed:
        if one.name in fitting:
            continue
        if len(fitting) >= MOST_TOOLS:
            dropped["the rest"] = f"a server may have {MOST_TOOLS} tools"
            break
        try:
            fitting[one.name] = (one, *fit(one.input_schema))
        except Unfit as error:
            dropped[clean(one.name)[:64]] = str(error)
    offered = {}
    for shown, name in name_tools(entry.name, fitting).items():
        one, schema, key = fitting[name]
        tool = Tool(
            name=shown,
            description=_described(one),
            schema=schema,
            changes=changes(entry, one),
            server=entry.name,
            status=f"asking {clean(entry.name)}: {clean(name)[:60]}",
        )
        offered[shown] = OfferedTool(tool, name, key)
    return Listing(offered, dropped)


def changes(entry: ServerEntry, tool: ServerTool) -> bool:
    """Whether a tool changes something: all do that the operator does not list as reading.

    What the server says of itself can only raise it: a tool that calls itself destructive is.
    """
    if tool.annotations and tool.annotations.destructive_hint and not _says_it_reads(tool):
        return True
    return not any(fnmatchcase(tool.name, pattern) for pattern in entry.reads)


def _says_it_reads(tool: ServerTool) -> bool:
    return bool(tool.annotations and tool.annotations.read_only_hint)


def _described(tool: ServerTool) -> str:
    text = break_up_marks(clean(tool.description or tool.title or tool.name)).strip()
    return text if len(text) <= MOST_DESCRIPTION else f"{text[:MOST_DESCRIPTION]}…"
