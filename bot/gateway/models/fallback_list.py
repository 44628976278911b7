"""`auto`: the general list of models as one. Before the first byte, another may be asked."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

import structlog

from bot.domain.api import ApiError, Body, Caller, Written
from bot.domain.errors import ContextOverflow, ModelUnavailable
from bot.gateway.errors import to_model_error
from bot.gateway.models.targets import Target, TargetAnswer
from bot.llm.circuit_breaker import CircuitBreaker

AUTO = "auto"
_OVERFLOW = "context_length_exceeded"

Ask = Callable[[Target], Awaitable[TargetAnswer]]

log = structlog.get_logger(__name__)


class FallbackList:
    """The models of NELLIE_MODEL in their order, each spared where it failed too often just now."""

    id = AUTO
    owned_by = "nellie"
    is_same_for_all = True
    adds = 0

    def __init__(
        self, members: Sequence[tuple[Target, CircuitBreaker]], embedder: Target | None = None
    ) -> None:
        """What embeds is another model: that of NELLIE_EMBEDDINGS, where there is one."""
        self.asks = ",".join(target.asks for target, _ in members)
        self._members = members
        self._embedder = embedder

    async def chat(self, caller: Caller, body: Body) -> TargetAnswer:
        return await self._first(lambda target: target.chat(caller, body))

    async def responses(self, caller: Caller, body: Body) -> TargetAnswer | None:
        """None: not all of them may have it, and one that fails is to be followed by any."""
        return None

    async def embeddings(self, caller: Caller, body: Body) -> TargetAnswer:
        if self._embedder:
            return await self._embedder.embeddings(caller, body)
        return await self._first(lambda target: target.embeddings(caller, body))

    async def _first(self, ask: Ask) -> TargetAnswer:
        """The first answer. Raises what says most of why there is none."""
        failures = list[Exception]()
        for target, breaker in self._members:
            if not breaker.admit():
                reason = "it failed too often just now and is spared for half a minute"
                failures.append(ModelUnavailable(model=target.id, reason=reason))
                continue
            try:
                answer = await ask(target)
            except Exception as error:
                known = to_model_error(target.id, error)
                breaker.record(None if _asks_for_what_it_cannot(error) else known)
                log.warning("api_model_failed", model=target.id, error=type(error).__name__)
                failures.append(error)
                if isinstance(known, ContextOverflow):
                    break
                continue
            if answer.events is None:
                breaker.record(None)
            else:
                answer.events = _recorded(answer.events, target.id, breaker)
            return answer
        raise _telling(failures)


async def _recorded(
    events: AsyncGenerator[Written, None], model: str, breaker: CircuitBreaker
) -> AsyncGenerator[Written, None]:
    """The events; how they ended says how their model is. Who leaves says that it was well."""
    failed = None
    try:
        async with aclosing(events):
            async for event in events:
                yield event
    except Exception as error:
        failed = to_model_error(model, error)
        raise
    finally:
        breaker.record(failed)


def _asks_for_what_it_cannot(error: Exception) -> bool:
    """A parameter that this model has no word for says nothing of how it is."""
    return isinstance(error, ApiError) and error.param is not None


def _telling(failures: Sequence[Exception]) -> Exception:
    """What the caller can mend goes before what only time can; else the last."""
    own = [one for one in failures if isinstance(one, ApiError) and one.status in (400, 413, 422)]
    return [*failures, *own[:1]][-1]
