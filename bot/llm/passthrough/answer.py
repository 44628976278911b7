"""What a model's server answered, as bytes."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from bot.domain.api import Written
from bot.domain.model import Usage


@dataclass(slots=True, kw_only=True)
class ModelAnswer:
    """An answer: its `body`, or its `events`, of which the first has come from the model."""

    model: str
    """Who answers: <provider>/<name>, as prices and usage have it."""
    body: Written | None = None
    events: AsyncGenerator[Written, None] | None = None
    """Chunks of Chat Completions, or events of Responses. Closing them ends the model's call."""
    usage: Usage | None = None
    """What it cost, once that is known: with the last event at latest. None where nobody says."""
