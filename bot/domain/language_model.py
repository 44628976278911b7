"""What a language model must offer (bot.domain.ports)."""

from collections.abc import AsyncIterator
from typing import Protocol

from bot.domain.model import Chunk, Prompt


class Model(Protocol):
    """A language model. `stream` is all of it; the rest has working defaults."""

    name: str
    """As in NELLIE_MODEL, e.g. "openai/gpt-5.4-mini": it is what /model and usage rows show."""

    filters_thoughts: bool = False
    """Its text never holds what it only thinks (`Chunk.thought`), and it gives itself the room to
    think. Of any other model, thoughts in the text's usual marks are taken out."""

    calls_tools: bool = False
    """It may call `Prompt.tools` (`Chunk.calls`), and reads what came of that; any other model is
    given a prompt without."""

    def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        """The answer as it is generated. Closing the iterator stops the generation.

        Raises subclasses of ModelError only. A whole answer has one chunk with `finish` set.
        """
        ...

    async def can_see(self) -> bool | None:
        """Whether it takes pictures (`ChatMessage.images`); None where only trying shows it.

        What cannot is given a prompt without them, with a line in the place of each.
        """
        return False

    async def context_window(self) -> int | None:
        """Tokens that prompt and answer may take together; None where nobody says."""
        return None

    async def close(self) -> None:
        """Give back what it holds."""
        return
