"""The log: lines for people at a terminal, JSON for machines; never what people said."""

import functools
import logging
import sys
import traceback
from io import TextIOBase
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import ExcInfo, Processor

from bot.text.sanitize import clean

LogFormat = Literal["auto", "console", "json"]

_LIBRARY_TEXT = 200  # characters of a library's log line that are kept
_CAUSES = 5  # errors of a chain that are named


def configure(level: str, format: LogFormat, file: TextIOBase | None = None) -> None:
    """Log to standard error, or a file, from now on; `auto`: `console` where that is a terminal."""
    as_json = format == "json" or (format == "auto" and not (file or sys.stderr.isatty()))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *_renderers(as_json=as_json, with_texts=level == "debug"),
            lambda logger, name, line: clean(str(line)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, file or sys.stderr)),
    )
    logging.basicConfig(handlers=[LibraryLogHandler()], level=logging.WARNING)


def tell_operator(text: str) -> None:
    """Write one line to standard error; nothing in it can steer the terminal."""
    sys.stderr.write(f"nellie: {clean(text)}\n")
    sys.stderr.flush()


class LibraryLogHandler(logging.Handler):
    """Logs what libraries log, without the arguments: they may quote people."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        fields: dict[str, Any] = {"error": kind.__name__} if kind else {}
        template = str(record.msg)[:_LIBRARY_TEXT]
        structlog.get_logger().warning("library_log", library=record.name, said=template, **fields)


def _format_exception(exc_info: ExcInfo, *, with_texts: bool) -> str:
    """A traceback without the values of variables.

    The texts of errors may quote people, so only a debugging log has them.
    """
    kind, error, trace = exc_info
    if with_texts:
        return "".join(traceback.format_exception(kind, error, trace)).rstrip()
    chain: list[str] = []
    cause: BaseException | None = error
    while cause and len(chain) < _CAUSES:
        chain.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return "".join(traceback.format_tb(trace)) + " from ".join(chain)


def _renderers(*, as_json: bool, with_texts: bool) -> list[Processor]:
    format_exception = functools.partial(_format_exception, with_texts=with_texts)
    if as_json:
        return [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(format_exception),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    return [
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S"),
        structlog.dev.ConsoleRenderer(
            colors=False,
            exception_formatter=lambda out, error: print(format_exception(error), file=out),
        ),
    ]
