"""Every call of the API: its row, what it reserves of budgets, and its end."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Self

import structlog

from bot.config.settings import Settings
from bot.domain.api import ApiError, Body, Caller
from bot.domain.errors import DatabaseUnavailable
from bot.domain.model import Usage
from bot.gateway.calls import call_rows
from bot.gateway.calls.budgets import require_price, spent
from bot.gateway.errors import unavailable
from bot.limits.reservations import Reserving, looks
from bot.store.api_calls import ApiCalls, Begun, EndedCall, NewCall
from bot.store.reservations import Amount, Limits, Scope
from bot.store.stores import Stores
from bot.telemetry import metrics
from bot.text.fingerprints import fingerprint

Kind = Literal["chat", "responses", "embeddings"]
Saved = Literal["", "coalesced", "cache"]

USUAL_OUTPUT = 8_192  # tokens that are reserved for an answer whose call does not say how many
MOST_OUTPUT = 131_072  # tokens that are reserved for one answer at most
MOST_RESERVED = 128 * MOST_OUTPUT  # and for all answers of a call
TRIES = 5  # of noting an end, while the database is away
PAUSE = 1.0  # seconds between two of them
PATIENCE = 10.0  # seconds that a call waits while others hold what is left of a budget

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """What a caller wants."""

    kind: Kind
    asked: str
    """The model, as the caller names it."""
    model: str
    """The one that will be asked, as NELLIE_MODEL names it; several with commas."""
    stream: bool = False
    input: int = 0
    """Tokens, in our own estimate."""
    max_output: int | None = None
    """Tokens that all answers together may have; None where the caller does not say."""
    address: str = ""
    """Where it came from, which is kept nowhere."""
    body: Body | None = None
    """What is asked: kept only where NELLIE_API_LOG says so."""


class Calls:
    """Calls that are under way in this replica."""

    def __init__(
        self,
        store: ApiCalls,
        reserving: Reserving,
        *,
        keeps_content: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.patience = PATIENCE
        self.keeps_content = keeps_content
        """Whether `CallRequest.body` and the answer are kept."""
        self._store = store
        self._reserving = reserving
        self._clock = clock
        self._ending = set[asyncio.Task[None]]()

    @classmethod
    def on(cls, stores: Stores, reserving: Reserving, settings: Settings) -> Self:
        """On the stores of a replica."""
        return cls(stores.api_calls, reserving, keeps_content=settings.api_log == "content")

    async def begin(self, caller: Caller, request: CallRequest) -> "Call":
        """Note a call and reserve what it may use; its model is asked after that. Raises ApiError.

        The call must be ended, whatever becomes of it.
        """
        new = _to_new(
            caller, request, content=call_rows.kept(request.body, kept=self.keeps_content)
        )
        limits = self._reserving.limits(Scope(payer=new.payer, team=new.team))
        require_price(request.model, limits)
        amount = self._reserving.amount(request.model, request.input, _output(request))
        try:
            begun = await self._begin(new, amount, limits)
        except DatabaseUnavailable as error:
            raise unavailable(error) from None
        if begun.reservation is None:
            assert limits  # noqa: S101  # without any, every call is let in
            metrics.api_calls.add(request.kind, "429")
            refused = spent(self._reserving.refusal(limits, begun.standings))
            refused.request_id = str(begun.call or "")
            raise refused
        self._reserving.keep(begun.reservation)
        return Call(self, begun, new, self._clock)

    async def _begin(self, new: NewCall, amount: Amount, limits: Limits | None) -> Begun:
        """While something is left, and only held by others, it waits for them."""
        async for last in looks(self.patience):
            begun = await self._store.begin(new, amount, limits, last=last)
            if begun.call is not None:
                break
        return begun

    def cost_of(self, usage: Usage) -> float | None:
        """What a call costs; None where nobody set a price."""
        return self._reserving.cost_of(usage)

    async def close(self) -> None:
        """Return once every end is noted."""
        while self._ending:
            await asyncio.wait(self._ending)

    async def end(self, begun: Begun, new: NewCall, ended: EndedCall) -> None:
        """Note an end, even when who waits for that is cancelled."""
        task = asyncio.create_task(self._end(begun, new, ended))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        await asyncio.shield(task)

    async def _end(self, begun: Begun, new: NewCall, ended: EndedCall) -> None:
        if ended.usage and not ended.saved:
            ended = replace(ended, cost=self._reserving.cost_of(ended.usage))
        try:
            for left in reversed(range(TRIES)):
                try:
                    await self._store.end(begun.call or 0, ended, payer=new.payer, team=new.team)
                except DatabaseUnavailable as error:
                    if not left:  # its lease ends what it holds
                        log.warning("api_call_end_not_kept", call=begun.call, reason=str(error))
                    await asyncio.sleep(PAUSE if left else 0)
                else:
                    return
        finally:
            self._reserving.let_go(begun.reservation or 0)


class Call:
    """One call, from the moment that its row stands until its end."""

    def __init__(
        self,
        calls: Calls,
        begun: Begun,
        new: NewCall,
        clock: Callable[[], float],
    ) -> None:
        self.id = begun.call or 0
        """What `x-request-id` says, and what `nellie calls show` takes."""
        self._calls = calls
        self._begun = begun
        self._new = new
        self._clock = clock
        self._began = clock()
        self._first: float | None = None
        self._ended = False

    def first_token(self) -> None:
        """The first of the answer has come; what comes later changes nothing."""
        if self._first is None:
            self._first = self._clock()

    async def end(
        self,
        *,
        status: int = 200,
        usage: Usage | None = None,
        model: str = "",
        saved: Saved = "",
        error: str | ApiError = "",
        answer: Body | None = None,
    ) -> None:
        """Note how it ended, what it used, and give back what it held. Twice changes nothing.

        Who waits may be cancelled: it is noted all the same. Where something was `saved`, `usage`
        is what the answer would have used, which nobody pays.
        """
        if self._ended:
            return
        self._ended = True
        total = self._clock() - self._began
        ended = EndedCall(
            status=str(status),
            model=call_rows.word(model or (usage.model if usage else "") or self._new.model),
            usage=call_rows.sane(usage),
            cost=0.0 if saved else None,
            saved=saved,
            error=call_rows.fault(error, kept=self._calls.keeps_content),
            first_token_ms=None if self._first is None else call_rows.ms(self._first - self._began),
            total_ms=call_rows.ms(total),
            answer=call_rows.kept(answer, kept=self._calls.keeps_content),
        )
        _count(self._new.kind, ended)
        await self._calls.end(self._begun, self._new, ended)


def payer_of(caller: Caller) -> str:
    """Whose budget a call is on, as a fingerprint: a person's questions on their platform too."""
    return fingerprint(caller.platform, caller.person_id)


def _to_new(caller: Caller, request: CallRequest, *, content: str | None) -> NewCall:
    return NewCall(
        key_id=caller.key_id,
        platform=caller.platform,
        person_id=caller.person_id,
        name=caller.name,
        payer=payer_of(caller),
        team=caller.team,
        kind=request.kind,
        asked=call_rows.word(request.asked),
        model=call_rows.word(request.model),
        stream=request.stream,
        request=content,
    )


def _output(request: CallRequest) -> int:
    if request.kind == "embeddings":
        return 0
    asked = USUAL_OUTPUT if request.max_output is None else request.max_output
    return min(max(0, asked), MOST_RESERVED)


def _count(kind: str, ended: EndedCall) -> None:
    metrics.api_calls.add(kind, ended.status)
    if ended.usage is None:
        return
    if ended.saved:
        metrics.api_saved.add(ended.saved, by=ended.usage.input + ended.usage.output)
        return
    for what in ("input", "cached", "cache_write", "output"):
        metrics.api_tokens.add(ended.model, what, by=getattr(ended.usage, what) or 0)
