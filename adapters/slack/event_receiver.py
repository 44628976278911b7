"""Events are committed before Slack is told so.

Bolt hears of no events: its middleware would only add to the time before they are committed.
"""

from collections.abc import Mapping
from typing import Any

import structlog

from adapters.slack.backfill import Backfill
from adapters.slack.events import Events
from bot.domain.errors import DatabaseUnavailable
from bot.text.json_fields import read_field

COMMITTED = 200
NOT_UNDERSTOOD = 400
NOT_COMMITTED = 503  # Slack has to deliver the event again

log = structlog.get_logger(__name__, platform="slack")


class EventReceiver:
    """Acknowledges an event once it is committed, and not otherwise: then Slack sends it again."""

    def __init__(self, *, events: Events, backfill: Backfill) -> None:
        self._events = events
        self._backfill = backfill

    async def take(self, body: Mapping[str, Any]) -> int | None:
        """Take an event in, and return an HTTP status; None for what is none."""
        if body.get("type") == "event_callback":
            return await self._commit(body)
        if body.get("type") == "app_rate_limited":
            log.warning("events_left_out", reason="Slack limits how many it delivers an hour")
            self._backfill.request()
            return COMMITTED
        return None

    async def _commit(self, body: Mapping[str, Any]) -> int:
        event = body.get("event")
        kind = str(event.get("type"))[:60] if isinstance(event, dict) else "none"
        try:
            await self._events.handle(read_field(body, "event", dict))
        except DatabaseUnavailable as error:
            log.warning("event_not_acknowledged", type=kind, reason=str(error))
            return NOT_COMMITTED
        except ValueError as error:
            log.warning("event_not_understood", type=kind, reason=str(error))
            return NOT_UNDERSTOOD
        except Exception as error:  # a fault of ours is no reason to lose a message
            log.error("event_failed", type=kind, exc_info=error)
            return NOT_COMMITTED
        return COMMITTED
