"""What goes wrong, as a page that says what to do."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from aiohttp import web

from adapters.web.answers import Answers, is_part
from adapters.web.streams import TooManyReaders
from bot.domain.errors import DatabaseUnavailable, NellieError, NotAllowed
from bot.domain.page import (
    ArchiveTooLarge,
    FileRefused,
    FileTooLarge,
    ImportRunning,
    LinkSpent,
    NoRoomForFiles,
    NotImported,
    NotThere,
    TooManyTries,
)

AWAY = "The database does not answer just now. Nothing is lost; this page looks again by itself."
AGAIN = 5  # seconds
SPENT = "This link no longer works"  # a title
BROKEN = "What was sent did not come whole, or not as it says."
WENT_WRONG = "Something went wrong here; it is in the log."

log = structlog.get_logger(__name__, platform="web")

_STATUS = {
    NotThere: 404,
    NotAllowed: 403,
    LinkSpent: 403,
    TooManyTries: 429,
    TooManyReaders: 429,
    NotImported: 422,
    ImportRunning: 409,
    ArchiveTooLarge: 413,
    FileRefused: 422,
    FileTooLarge: 413,
    NoRoomForFiles: 429,
}


@dataclass(frozen=True, slots=True)
class Troubles:
    """Errors as answers."""

    answers: Answers

    def show(self, request: web.Request, error: Exception) -> web.Response:
        """A page, or a part where only a part was asked for."""
        status, words = _explain(error)
        again = AGAIN if isinstance(error, DatabaseUnavailable) else None
        title = SPENT if isinstance(error, LinkSpent) else HTTPStatus(status).phrase
        template = "away.html" if again and is_part(request) else "trouble.html"
        response = self.answers.show(
            request, template, status=status, title=title, words=words, look_again=again
        )
        if isinstance(error, TooManyTries):
            response.headers["Retry-After"] = str(error.details["wait"])
        return response


def _explain(error: Exception) -> tuple[int, str]:
    match error:
        case DatabaseUnavailable():
            return 503, AWAY
        case NellieError():
            return _STATUS.get(type(error), 400), str(error)
        case web.RequestPayloadError():  # a body that is not coded as it says
            return 400, BROKEN
        case web.HTTPNotFound():
            return 404, str(NotThere())
        case web.HTTPException():
            return error.status, error.reason
    log.error("page_failed", exc_info=error)
    return 500, WENT_WRONG
