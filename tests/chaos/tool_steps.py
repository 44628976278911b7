"""A replica whose model calls tools, and which stands still at any step if it is told to."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from doubles.remote_tools import BOOK, LOOK_UP, Agreeing, RemoteTools, post

from bot.core.turn_run import TurnRun
from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.ports import Model, ToolContext
from bot.domain.tools import Tool, ToolCall
from bot.store.tool_calls import ToolCalls
from bot.store.turns import Turns

_ROUND = re.compile(r"(?:look|book)(?:\+(?:look|book))*")

BEFORE_ROW, AFTER_ROW = "before the row", "after the row"
ASKED = "while people are asked"
BEFORE_START, AFTER_START = "before it starts", "after it has started"
BEFORE_RESULT, AFTER_RESULT = "before the result's row", "after the result's row"
BEFORE_TEXT, AFTER_TEXT = "before the text is kept", "before the post"
AFTER_POST = "in the post"
BEFORE_END = "before the turn's end"


def rounds_in(text: str) -> list[list[Tool]]:
    """What a question has the model call: "look book+look" is two rounds."""
    tools = {"look": LOOK_UP, "book": BOOK}
    return [[tools[name] for name in one.split("+")] for one in _ROUND.findall(text)]


def berth_of(number: int, position: int) -> str:
    """Where a call of some round is about, so that no two are the same."""
    return f"{number}.{position}"


class PlanningModel(Model):
    """Calls what the question says, round by round, and answers at the end."""

    name, calls_tools = "planning", True

    def __init__(self, url: str) -> None:
        self.url = url

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        assert prompt.trigger
        plan = rounds_in(prompt.trigger.text)
        made = sum(bool(one.calls) for one in prompt.messages)
        await post(f"{self.url}/step", name=round_begins(made))
        if made < len(plan):
            calls = tuple(
                ToolCall(f"c{made}{n}", tool.name, f'{{"berth": "{berth_of(made, n)}"}}')
                for n, tool in enumerate(plan[made])
            )
            yield Chunk("", "tool_calls", Usage(self.name, 10, 10), calls=calls)
            return
        for words in ("You asked: ", prompt.trigger.text, " That is", " all."):
            yield Chunk(words)
        yield Chunk("", "stop", Usage(self.name, prompt.tokens, 10))


def round_begins(made: int) -> str:
    """The step at which the model is asked after so many rounds."""
    return f"after {made} rounds"


class _Asking(Agreeing):
    def __init__(self, url: str) -> None:
        self.url = url

    async def ask(self, tool: Tool, call: ToolCall, context: ToolContext) -> bool:
        await post(f"{self.url}/step", name=ASKED)
        return await super().ask(tool, call, context)


def held_at_each_step(url: str) -> RemoteTools:
    """The tools of this process; it tells their server of each step, and may be held there."""
    _tell(url, ToolCalls, "plan", BEFORE_ROW, AFTER_ROW)
    _tell(url, ToolCalls, "start", BEFORE_START, AFTER_START)
    _tell(url, ToolCalls, "finish", BEFORE_RESULT, AFTER_RESULT)
    _tell(url, TurnRun, "keep_text", BEFORE_TEXT, AFTER_TEXT)
    _tell(url, TurnRun, "add", AFTER_POST, "")
    _tell(url, Turns, "close", BEFORE_END, "")
    tools = RemoteTools(url)
    tools.consents = _Asking(url)
    return tools


def _tell(url: str, owner: type, name: str, before: str, after: str) -> None:
    work: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def told(*given: Any) -> Any:
        if before:
            await post(f"{url}/step", name=before)
        done = await work(*given)
        if after:
            await post(f"{url}/step", name=after)
        return done

    setattr(owner, name, told)
