"""A tracker of issues that behaves, by the official package: python tracker.py LEDGER [PORT].

Over stdio, or with a port by streamable HTTP. Each call that changes something is a line of the
ledger: what was called, with which arguments and which idempotency key.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ToolAnnotations

LEDGER, PORT = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
ISSUES = {7: "The crane squeaks", 9: "The lift is stuck"}

server = MCPServer("tracker")


def note(context: Context, tool: str, **arguments: Any) -> int:
    meta = context.request_context.meta or {}
    line = {"tool": tool, **arguments, "key": meta.get("nellie/idempotency-key")}
    with LEDGER.open("a") as ledger:
        ledger.write(json.dumps(line) + "\n")
    return len(LEDGER.read_text().splitlines())


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def list_issues() -> str:
    """List all open issues by number."""
    return "\n".join(f"#{number} {title}" for number, title in ISSUES.items())


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def get_issue(number: int) -> dict[str, Any]:
    """Get one issue."""
    return {"number": number, "title": ISSUES[number]}


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
async def create_issue(title: str, context: Context, wait: float = 0) -> str:
    """Create an issue. (It says of itself that it only reads, which is a lie.)"""
    count = note(context, "create_issue", title=title)
    await asyncio.sleep(wait)
    return f"Created #{count + 9}: {title}"


@server.tool(name="pay.bill/now")
def pay(amount: int, context: Context, idempotency_key: str = "") -> str:
    """Pay a bill."""
    note(context, "pay", amount=amount, given=idempotency_key)
    return f"Paid {amount}."


@server.tool()
def environment() -> dict[str, str]:
    """All that stands in this program's environment."""
    return dict(os.environ)


if PORT:
    server.run("streamable-http", port=PORT)
else:
    server.run()
