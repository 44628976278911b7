"""The log: lines for people at a terminal, JSON for machines; never what people said."""

import functools
import logging
import sys
import traceback
from typing import Any, Literal

import structlog
from structlog.typing import ExcInfo, Processor

from bot.text import clean

Format = Literal["auto", "console", "json"]

_LOUD = 200  # characters of what a library says
_CAUSES = 5  # errors of a chain that are named


def begin(level: str, format: Format) -> None:
    """Write to standard error from now on. `auto` is for people where that is a terminal."""
    machine = format == "json" or (format == "auto" and not sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *_lines(machine, words=level == "debug"),
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


def _render(exc_info: ExcInfo, *, words: bool) -> str:
    """A traceback; without the errors' own words, which may quote people, but in a debugging log.

    Never with the values of variables.
    """
    kind, error, trace = exc_info
    if words:
        return "".join(traceback.format_exception(kind, error, trace)).rstrip()
    why: list[str] = []
    cause: BaseException | None = error
    while cause and len(why) < _CAUSES:
        why.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return "".join(traceback.format_tb(trace)) + " from ".join(why)


def _lines(machine: bool, words: bool) -> list[Processor]:
    render = functools.partial(_render, words=words)
    if machine:
        return [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(render),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    return [
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S"),
        structlog.dev.ConsoleRenderer(
            colors=False,
            exception_formatter=lambda out, error: print(render(error), file=out),  # into the line
        ),
    ]
