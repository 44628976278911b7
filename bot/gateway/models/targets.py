"""What a model's name stands for: who is asked, and what comes back."""

from typing import Protocol

from bot.domain.api import Body, Caller
from bot.llm.passthrough.answer import ModelAnswer

TargetAnswer = ModelAnswer


class Target(Protocol):
    """Whoever answers by a name. Everything raises ApiError or ModelError."""

    id: str
    """As it is offered."""
    owned_by: str
    asks: str
    """The models that are asked, as prices name them; several with commas."""
    adds: int
    """Tokens that it adds to what is sent, at most."""
    is_same_for_all: bool
    """What it answers does not depend on who calls: equal calls of a team are made once."""

    async def chat(self, caller: Caller, body: Body) -> TargetAnswer:
        """Chat Completions; streamed where `body["stream"]` says so."""
        ...

    async def responses(self, caller: Caller, body: Body) -> TargetAnswer | None:
        """Responses; None where it has none, and is asked by `chat` instead."""
        ...

    async def embeddings(self, caller: Caller, body: Body) -> TargetAnswer:
        """Embeddings."""
        ...
