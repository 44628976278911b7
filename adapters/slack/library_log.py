"""What Slack's own libraries log, as lines of ours, each complaint at most every ten minutes."""

import logging
import time

import structlog

from bot.domain.bounded_cache import BoundedCache

REPEAT_AFTER = 600.0  # seconds until the same complaint is shown again
LONGEST = 200  # characters of a complaint that are shown
KIND = 30  # characters by which two complaints are the same one
KINDS = 100

log = structlog.get_logger(__name__, platform="slack")


class LibraryLog(logging.Handler):
    """Shows the libraries' errors as warnings: the libraries try again by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self._shown_at: BoundedCache[str, float] = BoundedCache(KINDS)

    def emit(self, record: logging.LogRecord) -> None:
        """Log a complaint's first line."""
        text = record.getMessage().partition("\n")[0][:LONGEST]
        if record.levelno < logging.ERROR or self._was_shown(text[:KIND]):
            log.debug("library_message", text=text)
        else:
            log.warning("library_message", text=text)

    def _was_shown(self, kind: str) -> bool:
        now = time.monotonic()
        if now - self._shown_at.get(kind, -REPEAT_AFTER) < REPEAT_AFTER:
            return True
        self._shown_at[kind] = now
        return False


LIBRARY_LOGGER = logging.getLogger("nellie.slack")
"""The logger for slack_bolt and slack_sdk: theirs would show payloads and stack traces."""
LIBRARY_LOGGER.setLevel(logging.WARNING)
LIBRARY_LOGGER.propagate = False
LIBRARY_LOGGER.addHandler(LibraryLog())
