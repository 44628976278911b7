"""The composition root: builds every part finished, opens them, and closes them in reverse."""

from bot.bootstrap import lazy_packages  # noqa: F401  # before all that imports them
from bot.telemetry import structlog_alone  # noqa: F401  # before all that imports structlog

# isort: split
from bot.bootstrap.building import build
from bot.bootstrap.opening import opened, running, started
from bot.bootstrap.parts import Nellie

__all__ = ["Nellie", "build", "opened", "running", "started"]
