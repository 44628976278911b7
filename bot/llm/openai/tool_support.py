"""What one model at one server takes of tools; what it refused is left out for a while."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.errors import ContextOverflow, ModelError, ModelOverloaded
from bot.domain.model import Prompt
from bot.llm.tool_messages import without_tools

REMEMBERED = 600.0  # seconds: a server may be started anew, with tools
NOT_OFFERED = "{model} calls no tools here, so I have looked nothing up. {hint}"
_HINTS = (
    (
        re.compile(r"enable-auto-tool-choice|tool-call-parser", re.IGNORECASE),
        "Start vLLM with --enable-auto-tool-choice --tool-call-parser <its model's>.",
    ),
    (re.compile(r"--?jinja", re.IGNORECASE), "Start llama.cpp with --jinja."),
)
_OTHERWISE = "Choose a model that does for NELLIE_MODEL."
# How servers say that they take no tools, or not with what else was sent.
_OF_TOOLS = re.compile(
    r"\btools?\b|tool[_ -](?:choice|call|use)|function[_ -]?call|functions?\b|--jinja",
    re.IGNORECASE,
)
_OF_EFFORT = re.compile(r"reasoning[_. ]effort", re.IGNORECASE)
_OF_SCHEMA = re.compile(r"schema|parameters|function name|tools\W{0,3}\d", re.IGNORECASE)
_NUMBERED = re.compile(r"tools\W{1,3}(\d{1,3})")
_PLACE = re.compile(r"['\"](?:loc|param)['\"]: (?:[\[(][^\])]{0,80}|['\"][^'\"]{0,80})")
_NEVER_OF_TOOLS = (401, 402, 403, 408, 429)


@dataclass(slots=True)
class ToolSupport:
    """Whether and how tools are offered to one model."""

    model: str
    clock: Callable[[], float] = time.monotonic
    hint: str = ""
    """Why none are offered now, and what mends it; for `nellie doctor`."""
    dropped: dict[str, str] = field(default_factory=dict)
    """Tools that the server refused by name, with its words."""
    _refused_until: float = 0.0
    _told: bool = True
    _effort: bool = False
    """It takes tools only where it does not think first."""
    _whole: bool = False
    """It streams no calls, and breaks off instead: llama-cpp-python's chatml-function-calling."""

    @property
    def is_refused(self) -> bool:
        """Whether no tools are offered just now."""
        return self.clock() < self._refused_until

    def fit(self, prompt: Prompt) -> Prompt:
        """The prompt with the tools that it takes."""
        if self.is_refused:
            return without_tools(prompt)
        if not self.dropped:
            return prompt
        kept = tuple(tool for tool in prompt.tools if tool.name not in self.dropped)
        return replace(prompt, tools=kept) if kept else without_tools(prompt)

    def parameters(self, prompt: Prompt) -> dict[str, Any]:
        """What goes beside the tools."""
        return {"reasoning_effort": "none"} if self._effort and prompt.tools else {}

    def is_streamed(self, prompt: Prompt) -> bool:
        """Whether an answer comes as it is written, or all at once."""
        return not (self._whole and self.may_call(prompt))

    def ask_whole(self, prompt: Prompt, *, whole: bool = True) -> bool:
        """Nothing at all came of an answer: whether to ask for it in one piece, from now on."""
        has_changed = self._whole is not whole and self.may_call(prompt)
        self._whole = self._whole if not has_changed else whole
        return has_changed

    def may_call(self, prompt: Prompt) -> bool:
        """Whether an answer to this prompt may call tools."""
        return bool(self.fit(prompt).tools) and prompt.tool_choice != "none"

    def learn(self, prompt: Prompt, error: ModelError) -> bool:
        """Read a refusal of a prompt with tools. Whether it is worth asking again."""
        words = _words_of(error)
        if not prompt.tools or not _may_be_of_tools(error) or not _OF_TOOLS.search(words):
            return False
        if _OF_EFFORT.search(words) and not self._effort:
            self._effort = True
            return True
        if named := self._named(prompt, words):
            self.dropped |= dict.fromkeys(named, words[:200])
            return True
        self._refused_until = self.clock() + REMEMBERED
        self.hint = next((hint for said, hint in _HINTS if said.search(words)), _OTHERWISE)
        self._told = False
        return True

    def take_note(self) -> str:
        """What the first answer without tools says of it; empty afterwards."""
        if self._told:
            return ""
        self._told = True
        return NOT_OFFERED.format(model=self.model, hint=self.hint)

    def _named(self, prompt: Prompt, words: str) -> list[str]:
        """The tools whose schemas are refused, where not all of them are."""
        if not _OF_SCHEMA.search(words):
            return []
        numbers = {int(number) for number in _NUMBERED.findall(words)}
        named = [
            tool.name
            for number, tool in enumerate(prompt.tools)
            if number in numbers or re.search(rf"(?<![\w-]){re.escape(tool.name)}(?![\w-])", words)
        ]
        return named if len(named) < len(prompt.tools) or len(named) == 1 else []


def _words_of(error: ModelError) -> str:
    """What a server says; of its whole body only the place of what is wrong: it may echo all."""
    place = _PLACE.search(str(error.details.get("body", "")))
    return f"{error.details.get('reason', error)} {place[0] if place else ''}"


def _may_be_of_tools(error: ModelError) -> bool:
    if isinstance(error, ContextOverflow | ModelOverloaded):
        return False
    return error.details.get("status") not in _NEVER_OF_TOOLS
