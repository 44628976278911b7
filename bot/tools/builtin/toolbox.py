"""The built-in tools together: built on the parts of a replica, and run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.config.settings import Settings
from bot.domain.tool_errors import ToolFailed
from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool, ToolCall, ToolResult
from bot.memory.local_times import LocalTimes
from bot.memory.passage_recall import PassageRecall
from bot.memory.semantic_index import SemanticIndex
from bot.store.stores import Stores
from bot.tools.arguments import Arguments
from bot.tools.builtin.calculate import Calculate
from bot.tools.builtin.fetch_page import FetchPage
from bot.tools.builtin.now import Now
from bot.tools.builtin.open_message import OpenMessage
from bot.tools.builtin.remind import Remind
from bot.tools.builtin.search_memory import SearchMemory
from bot.tools.builtin.tool import Builtin
from bot.tools.builtin.web_search import WebSearch
from bot.tools.web.engines import find_engine

if TYPE_CHECKING:
    from bot.tools.web.fetching import Fetcher


@dataclass(frozen=True, slots=True)
class BuiltinTools:
    """What comes with Nellie (bot.tools.registry.Source)."""

    by_name: Mapping[str, Builtin]

    @classmethod
    def on(
        cls,
        stores: Stores,
        settings: Settings,
        local_times: LocalTimes,
        semantic_index: SemanticIndex | None = None,
        fetcher: "Fetcher | None" = None,
    ) -> Self:
        """All of them, on the stores of a replica."""
        messages, search, searched = stores.messages, stores.search, stores.searched_addresses
        memory = SearchMemory(
            messages=messages,
            search=search,
            semantic_index=semantic_index,
            local_times=local_times,
            passages=PassageRecall.on(stores, semantic_index),
        )
        tools: tuple[Builtin, ...] = (
            Calculate(),
            FetchPage(search=search, searched=searched, fetcher=fetcher),
            Now(local_times),
            OpenMessage(messages),
            Remind(stores.reminders, local_times),
            memory,
            WebSearch(find_engine(settings), searched),
        )
        return cls({one.tool.name: one for one in tools})

    def offered(self) -> Sequence[Tool]:
        """Their tools."""
        return [one.tool for one in self.by_name.values()]

    async def settled(self) -> None:
        """They are there from the start."""

    def missing(self, tool: Tool) -> str:
        """The settings that a tool needs and does not have."""
        return self.by_name[tool.name].missing

    async def run(self, tool: Tool, call: ToolCall, context: ToolContext) -> ToolResult:
        """Make a call; what it cannot do is told in words that the model can go on from."""
        try:
            arguments = Arguments.parse(call.arguments)
            told = await self.by_name[tool.name].run(arguments, context)
        except ToolFailed as error:
            return ToolResult(call.id, str(error), is_error=True)
        return ToolResult(call.id, told.text, rests_on=told.rests_on)
