"""What a model's name stands for: who is asked, and what comes back."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from bot.domain.api import Body, Caller, Written
from bot.domain.model import Usage


@dataclass(slots=True, kw_only=True)
class TargetAnswer:
    """An answer: its `body`, or its `events`, of which the first has come from the model."""

    model: str
    """Who answers: <provider>/<name>, as prices and usage have it."""
    body: Written | None = None
    events: AsyncGenerator[Written, None] | None = None
    """Chunks of Chat Completions, or events of Responses. Closing them ends the model's call."""
    usage: Usage | None = None
    """What it cost, once that is known: with the last event at latest. None where nobody says."""


class Target(Protocol):
    """Whoever answers by a name. Everything raises ApiError or ModelError."""

    id: str
    """As it is offered."""
    owned_by: str

    async def chat(self, caller: Caller, body: Body) -> TargetAnswer:
        """Chat Completions; streamed where `body["stream"]` says so."""
        ...

    async def responses(self, caller: Caller, body: Body) -> TargetAnswer | None:
        """Responses; None where it has none, and is asked by `chat` instead."""
        ...

    async def embeddings(self, caller: Caller, body: Body) -> TargetAnswer:
        """Embeddings."""
        ...
