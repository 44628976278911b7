"""What people may ask, offered where they open their messages with Nellie."""

import time

from adapters.slack.workspace import Workspace
from bot.domain.bounded_cache import BoundedCache

PROMPTS = (
    ("Catch me up", "What happened here since yesterday?"),
    ("Find a decision", "What did we decide, and who said so?"),
    ("What do you remember?", "What do you remember of our conversation?"),
)
AGAIN = 3600.0  # seconds in which the same person is not offered them again
REMEMBERED = 5_000  # direct messages, of which it is known when that was


class SuggestedPrompts:
    """Offers them, now and then."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._offered_at: BoundedCache[str, float] = BoundedCache(REMEMBERED)
        """By direct message."""

    async def offer(self, channel_id: str) -> None:
        """Offer them in these direct messages, unless that was done lately."""
        now = time.monotonic()
        if now - self._offered_at.get(channel_id, -AGAIN) < AGAIN:
            return
        self._offered_at[channel_id] = now
        await self._workspace.api.try_write(
            "assistant.threads.setSuggestedPrompts",
            feature="suggested prompts in the messages tab",
            channel_id=channel_id,
            title="Ask me",
            prompts=[{"title": title, "message": message} for title, message in PROMPTS],
        )
