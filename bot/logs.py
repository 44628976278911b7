"""The log: lines for people at a terminal, JSON for machines; never what people said."""

import logging
import sys
from typing import Any, Literal

import structlog
from structlog.typing import Processor

from bot.text import clean

Format = Literal["auto", "console", "json"]

_LOUD = 200  # characters of what a library says


def begin(level: str, format: Format) -> None:
    """Write to standard error from now on. `auto` is for people where that is a terminal."""
    machine = format == "json" or (format == "auto" and not sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *(_FOR_MACHINES if machine else _FOR_PEOPLE),
            lambda logger, name, line: clean(str(line)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(handlers=[Libraries()], level=logging.WARNING)


class Libraries(logging.Handler):
    """What libraries say by themselves, as lines of ours, without what they filled in."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        fields: dict[str, Any] = {"error": kind.__name__} if kind else {}
        said = str(record.msg)[:_LOUD]
        structlog.get_logger().warning("a library says", library=record.name, said=said, **fields)


_FOR_PEOPLE: list[Processor] = [
    structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S"),
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
]
_FOR_MACHINES: list[Processor] = [
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,  # without the values of variables: they quote people
    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
]
