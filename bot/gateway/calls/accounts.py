"""What is noted of a call: its row with what it reserves, and its end with what it cost."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.api import ApiError, Body, Caller, read_body
from bot.domain.model import Usage
from bot.gateway.calls.calls import Call, CallRequest, Calls
from bot.gateway.calls.runs import LEFT, Run


class RunAccount:
    """The row of a call that a model is asked for."""

    def __init__(self, calls: Calls, caller: Caller, request: CallRequest) -> None:
        self.call: Call | None = None
        self._calls = calls
        self._caller = caller
        self._request = request

    async def begin(self) -> None:
        """Raises ApiError. What has begun is ended, also where nobody waits any more."""
        beginning = asyncio.create_task(self._calls.begin(self._caller, self._request))
        try:
            self.call = await asyncio.shield(beginning)
        except asyncio.CancelledError:
            self.call = await beginning
            raise

    def first_token(self) -> None:
        """The first of the answer has come."""
        if self.call:
            self.call.first_token()

    async def end(self, run: Run, status: int, error: str | ApiError) -> None:
        """It is over: what it used is settled, estimated where nobody reported it."""
        if self.call is None:
            return
        usage = run.usage
        if usage is None and run.was_asked and status == LEFT:
            usage = Usage(self._request.model, self._request.input, 0, estimated=True)
        await self.call.end(
            status=status,
            usage=usage,
            model=run.answer.model if run.answer else "",
            error=error,
            answer=written_answer(run) if self._calls.keeps_content else None,
        )


@contextmanager
def naming(account: RunAccount) -> Iterator[None]:
    """An error of the block says which call failed."""
    try:
        yield
    except ApiError as error:
        if account.call:  # else it may name the row of a call that was let in nowhere
            error.request_id = str(account.call.id)
        raise


def written_answer(run: Run) -> Body | None:
    """What was answered, to be kept."""
    if run.answer and run.answer.body is not None:
        return read_body(run.answer.body)
    return {"events": [read_body(event) for event in run.events if event]} if run.events else None
