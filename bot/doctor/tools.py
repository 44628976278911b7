"""What the examination finds of tools: whether models call them, and what searches the web."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace

from bot.config.settings import Settings
from bot.doctor.mcp_servers import examine_mcp_servers
from bot.domain.errors import ModelError
from bot.domain.model import Prompt
from bot.domain.ports import Finding, Model
from bot.domain.tool_errors import ToolFailed
from bot.domain.tools import Tool
from bot.tools.builtin.web_search import NOT_SET
from bot.tools.web.engines import Engine, find_engine

QUERY = "PostgreSQL"
PROBE = Tool("now", "Tells the time.", {"type": "object", "properties": {}})
WITHOUT = "it calls no tools, and answers without them"


async def examine_tool_calls(label: str, model: Model, prompt: Prompt) -> AsyncIterator[Finding]:
    """Whether a model that answers takes tools too: some servers refuse them, and say how not."""
    label = f"{label}, tools"
    if label.startswith("model extractive"):
        return
    if not getattr(model, "calls_tools", False):
        why = " (TGI's native protocol has none)" if label.startswith("model tgi") else ""
        yield Finding(label, "ok", f"{WITHOUT}{why}")
        return
    try:
        async with aclosing(model.stream(replace(prompt, tools=(PROBE,)))) as chunks:  # type: ignore[type-var]  # generators close
            async for _ in chunks:
                pass
    except ModelError as error:
        mend = "look at the server's log; until then, leave tools off in its channels"
        yield Finding(label, "note", f"asked with a tool, it fails: {error}", mend)
        return
    for finding in _refusals(label, model):
        yield finding


def _refusals(label: str, model: Model) -> Iterator[Finding]:
    support = getattr(model, "tool_support", None)
    if support and support.is_refused:
        yield Finding(label, "note", f"its server refuses them: {WITHOUT}", support.hint)
    elif support and support.dropped:
        names = ", ".join(support.dropped)
        mend = "its answers do without; another server or model may take what it describes"
        yield Finding(label, "note", f"its server refuses {names}", mend)
    else:
        yield Finding(label, "ok", "it takes tools")


async def examine_tools(settings: Settings) -> AsyncIterator[Finding]:
    """What tools need of the operator."""
    async for finding in _examine_search(settings):
        yield finding
    async for finding in examine_mcp_servers(settings):
        yield finding


async def _examine_search(settings: Settings) -> AsyncIterator[Finding]:
    engine = find_engine(settings)
    if engine is None:
        yield Finding("tools", "ok", f"all but web_search can be used; for that, {NOT_SET}")
        return
    start = time.monotonic()
    try:
        hits = await engine.search(QUERY)
    except ToolFailed as error:
        yield Finding(f"web search {engine.name}", "wrong", str(error), _to_search(engine, error))
        return
    what = f"it answers in JSON, after {time.monotonic() - start:.1f} s"
    if hits:
        yield Finding(f"web search {engine.name}", "ok", what)
    else:
        mend = f"search for {QUERY} there yourself: which of its own engines answer?"
        yield Finding(f"web search {engine.name}", "note", f"{what}, but finds nothing", mend)


def _to_search(engine: Engine, error: ToolFailed) -> str:
    if engine.name == "Brave":
        return "correct NELLIE_BRAVE_KEY, or let this machine reach api.search.brave.com"
    if "search.formats" in str(error):
        return "search.formats: [html, json] in its settings.yml, then restart it"
    return "start SearXNG, or correct NELLIE_SEARXNG"
