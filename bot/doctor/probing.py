"""How the examination asks a server, and reads why it refused."""

from bot.config.settings import Settings
from bot.domain.errors import ModelRejected

SILENCE = 20.0  # seconds that a server may be silent here
QUESTION = "Are you well?"


def with_short_timeout(settings: Settings) -> Settings:
    """The settings, with a timeout that somebody at a terminal waits for."""
    return settings.model_copy(update={"read_timeout": min(SILENCE, settings.read_timeout)})


def is_about_the_key(error: ModelRejected) -> bool:
    """Whether a server refused the key, and not the name or the parameters."""
    reason = str(error.details["reason"]).lower()
    return any(word in reason for word in ("key", "auth", "401", "quota"))
