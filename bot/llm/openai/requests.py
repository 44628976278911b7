"""What one model at one server is sent, in which dialect, and what of that it has refused."""

from typing import Any, Literal

from bot.domain.errors import ModelError, ModelRejected
from bot.domain.model import Prompt
from bot.llm.answers.reading import ThinkingHabits
from bot.llm.openai.cache_requests import cache_parameters, find_mark_style, format_messages
from bot.llm.openai.prefill import Prefill
from bot.llm.openai.quirks import Parameters, Quirks
from bot.llm.openai.response_formats import ResponseFormats
from bot.llm.openai.thinking_off import ThinkingOff
from bot.llm.openai.tool_calls import format_tools
from bot.llm.openai.tool_support import ToolSupport
from bot.llm.providers.provider import Provider

Dialect = Literal["chat", "responses"]
"""Chat Completions; or Responses, without which OpenAI's newer models call no tools."""


class Requests:
    """Builds the requests of one model."""

    def __init__(
        self, name: str, provider: Provider, kind: str, model: str, habits: ThinkingHabits
    ) -> None:
        self.model = model
        """What to ask for."""
        self.prefill = Prefill(provider.prefill)
        self.tools = ToolSupport(name)
        self._provider = provider
        self._habits = habits
        self._formats = ResponseFormats(kind)
        self._thinking_off = ThinkingOff(provider.name)
        self._mark_style = find_mark_style(provider, model)
        self._quirks: dict[Dialect, Quirks] = {
            "chat": Quirks(provider.name),
            "responses": Quirks(provider.name),
        }

    def dialect(self, prompt: Prompt) -> Dialect:
        """In which this prompt goes out."""
        has_tools = bool(prompt.tools) or any(one.calls for one in prompt.messages)
        return "responses" if self._provider.is_openai and has_tools else "chat"

    def build(self, prompt: Prompt, room: int) -> Parameters:
        """The body of a request, without what its model refused before."""
        parameters, dialect = self._parameters(prompt, room), self.dialect(prompt)
        if dialect == "responses":
            from bot.llm.openai.responses import to_responses  # only where tools are offered

            parameters = to_responses(parameters)
        return self._quirks[dialect].adapt(parameters)

    def learn(self, prompt: Prompt, sent: Parameters, error: ModelError) -> bool:
        """Read what a refusal says of what was sent. Whether it is worth asking again."""
        if self.tools.learn(prompt, error):
            return True
        words = str(error.details.get("body", error))
        if self._formats.loosen(prompt.response_format, words):
            return True
        if self._thinking_off.learn(prompt, words, thinks=self._habits.thinks):
            return True
        quirks = self._quirks[self.dialect(prompt)]
        if quirks.learn_null(sent, words):
            return True
        return isinstance(error, ModelRejected) and quirks.learn(sent, words)

    def messages(self, prompt: Prompt) -> Any:
        """The messages of a request of Chat Completions."""
        written = format_messages(prompt.messages, self._mark_style, self._provider.name)
        return self.prefill.marked(prompt, written)

    def _parameters(self, prompt: Prompt, room: int) -> Parameters:
        """OpenAI's newer models refuse max_tokens; most other servers know nothing else."""
        parameters: Parameters = {
            "model": self.model,
            "messages": self.messages(prompt),
            "stream": self.tools.is_streamed(prompt),
        }
        if parameters["stream"]:
            parameters["stream_options"] = {"include_usage": True}
        parameters[self._provider.limit_name] = room
        parameters |= {**prompt.generation, **self.prefill.parameters(prompt)}
        parameters |= self._formats.parameters(prompt.response_format)
        parameters |= self._thinking_off.parameters(prompt, thinks=self._habits.thinks)
        if prompt.tools:
            parameters |= {"tools": format_tools(prompt.tools), "tool_choice": prompt.tool_choice}
            parameters |= self.tools.parameters(prompt)
        return parameters | cache_parameters(self._provider, self._mark_style, prompt.cache_key)
