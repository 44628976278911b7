"""Whatever fails on the way to an answer -> ApiError, in one place."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.domain.api import ApiError
from bot.domain.errors import (
    AnswerFiltered,
    ContextOverflow,
    DatabaseUnavailable,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    NellieError,
)
from bot.llm.error_mapping import map_error

_SERVER = "server_error"

log = structlog.get_logger(__name__)


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Whatever the block raises, it is an ApiError."""
    try:
        yield
    except Exception as error:
        raise to_api_error(error) from None


def to_api_error(error: Exception) -> ApiError:
    """What a caller is told of it."""
    match error:
        case ApiError():
            return error
        case DatabaseUnavailable():
            return unavailable(error)
        case ModelError():
            return _of_model(error)
        case NellieError():
            return ApiError(str(error), status=500, type=_SERVER)
        case RecursionError():
            reason = "The body of this request is nested too deeply."
            return ApiError(reason, status=400, code="invalid_json")
    log.error("api_call_failed", exc_info=error)
    return ApiError("Something went wrong here; it is in the log.", status=500, type=_SERVER)


def unavailable(error: DatabaseUnavailable) -> ApiError:
    """The database is away: nothing can be said of a key, a budget or a channel."""
    return ApiError(
        f"{error.what_happened} Try again in a moment.",
        status=503,
        type=_SERVER,
        code="database_unavailable",
        retry_after=2.0,
    )


def to_model_error(model: str, error: Exception) -> ModelError:
    """What it says of the model: a circuit breaker asks."""
    if isinstance(error, ModelError):
        return error
    status = error.status if isinstance(error, ApiError) else None
    return map_error(model, status, str(error))


def _of_model(error: ModelError) -> ApiError:
    named = error.details.get("status")
    status = named if isinstance(named, int) and 400 <= named < 600 else None
    match error:
        case ContextOverflow():
            return ApiError(str(error), status=400, code="context_length_exceeded")
        case AnswerFiltered():
            return ApiError(str(error), status=400, code="content_filter")
        case ModelTimeout():
            return ApiError(str(error), status=504, type=_SERVER, code="model_timeout")
        case ModelOverloaded():
            kind = _SERVER if status == 503 else "rate_limit_error"
            return ApiError(str(error), status=status or 429, type=kind, code="model_overloaded")
        case ModelRejected():
            return ApiError(str(error), status=status or 400)
        case ModelUnavailable():
            return ApiError(
                str(error), status=status or 503, type=_SERVER, code="model_unavailable"
            )
    return ApiError(str(error), status=502, type=_SERVER, code="model_failed")
