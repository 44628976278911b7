"""What a model said to a prompt, collected; and prompts to ask any model with."""

from contextlib import aclosing
from dataclasses import dataclass, field

from bot.domain.errors import ModelError
from bot.domain.model import ChatMessage, Chunk, Prompt, Usage
from bot.domain.ports import Model


@dataclass(slots=True)
class ModelOutput:
    """What a model said, and how it ended."""

    chunks: list[Chunk] = field(default_factory=list)
    error: ModelError | None = None

    @property
    def text(self) -> str:
        """All of its text."""
        return "".join(chunk.text for chunk in self.chunks)

    @property
    def finishes(self) -> list[str]:
        """Why it stopped, by its own account: a whole answer has one."""
        return [chunk.finish for chunk in self.chunks if chunk.finish]

    @property
    def usages(self) -> list[Usage]:
        """What it says that the call cost."""
        return [chunk.usage for chunk in self.chunks if chunk.usage]


async def collect(model: Model, prompt: Prompt) -> ModelOutput:
    """All that a model says to a prompt; a ModelError is kept, whatever else it raises is not."""
    output = ModelOutput()
    try:
        async with aclosing(model.stream(prompt)) as chunks:  # type: ignore[type-var]  # generators close
            async for chunk in chunks:
                output.chunks.append(chunk)
    except ModelError as error:
        output.error = error
    return output


def prompt_of(*texts: str, max_output: int = 100, cache_key: str = "") -> Prompt:
    """A prompt of these messages: a person's, then the model's, and so on by turns."""
    messages = [ChatMessage("system", "You are Nellie.")]
    for number, text in enumerate(texts or ("Hello?",)):
        messages.append(ChatMessage("assistant" if number % 2 else "user", text))
    return Prompt("answer", tuple(messages), max_output, cache_key)
