"""What came of a form, as the answer to it: done, asked once more, or refused, with no script."""

import secrets
from collections.abc import Awaitable
from dataclasses import dataclass

from aiohttp import web

from adapters.web.answers import Answers
from bot.domain.errors import CommandError, LimitReached, NotAllowed
from bot.domain.page import DoneAlready, NotAsked, Visitor

STATUS: dict[type[Exception], int] = {
    CommandError: 400,
    NotAllowed: 403,
    DoneAlready: 409,
    LimitReached: 429,
    NotAsked: 503,
}
LONGEST_ONCE = 64  # characters


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said after a form."""

    text: str
    confirm: str = ""
    """It asks: what to send for yes."""
    kind: str = ""


async def answer_form(
    answers: Answers,
    request: web.Request,
    visitor: Visitor,
    doing: Awaitable[Outcome],
    *,
    back: str,
) -> web.Response:
    """Wait for what a form asks for, and say what came of it."""
    status = 200
    try:
        outcome = await doing
    except tuple(STATUS) as error:
        status, outcome = STATUS[type(error)], Outcome(str(error))
    return answers.show(
        request,
        "done.html",
        visitor,
        status=status,
        refused=status != 200,
        outcome=outcome,
        back=back,
        once=new_once,
    )


def new_once() -> str:
    """For a form that must not be carried out twice."""
    return secrets.token_urlsafe(16)
