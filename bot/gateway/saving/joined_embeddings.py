"""Texts to embed that come side by side go to their model together.

One call alone goes at once. What comes while it is under way waits for a moment for others of its
kind, of the same team; what fails together is asked for one by one, so that nobody pays for
another's text, or reads of it in an error.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.domain.api import Body, Caller, read_body
from bot.domain.model import Usage
from bot.gateway.models.targets import Target, TargetAnswer
from bot.gateway.saving.sharing import scope_of
from bot.llm.passthrough.estimates import estimate_input

log = structlog.get_logger(__name__)

MOMENT = 0.02  # seconds
# Of one request, by our own estimate: no more than nearly every provider takes.
MOST_INPUTS, MOST_TOKENS = 32, 14_000


@dataclass(slots=True, eq=False)
class Asked:
    """One call that waits for others."""

    target: Target
    caller: Caller
    body: Body
    inputs: list[Any]
    tokens: int
    answer: "asyncio.Future[TargetAnswer]"


@dataclass(slots=True)
class _Kind:
    """Calls that differ in nothing but their inputs."""

    under_way: int = 0
    waiting: list[Asked] = field(default_factory=list)


class JoinedEmbeddings:
    """Those of one replica."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._tasks = set[asyncio.Task[None]]()

    async def ask(self, target: Target, caller: Caller, body: Body) -> TargetAnswer:
        """The vectors of one call. Raises ApiError and ModelError."""
        inputs = _inputs(body.get("input"))
        if caller.alone or not (inputs and target.is_same_for_all):
            return await target.embeddings(caller, body)
        name = _name(target, caller, body, inputs)
        kind = self._kinds.setdefault(name, _Kind())
        if kind.under_way or kind.waiting:
            answer = asyncio.get_running_loop().create_future()
            asked = Asked(target, caller, body, inputs, estimate_input(body), answer)
            return await self._wait(name, kind, asked)
        kind.under_way += 1
        try:
            return await target.embeddings(caller, body)
        finally:
            self._end(name, kind)

    async def close(self) -> None:
        """Break off what still runs."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait(self, name: str, kind: _Kind, asked: Asked) -> TargetAnswer:
        if not kind.waiting:
            asyncio.get_running_loop().call_later(MOMENT, self._send, name, kind)
        kind.waiting.append(asked)
        return await asked.answer

    def _send(self, name: str, kind: _Kind) -> None:
        if not kind.waiting:  # they went when the one before them came back
            return
        waiting = [one for one in kind.waiting if not one.answer.done()]
        kind.waiting = []
        batches = _batches(waiting)
        kind.under_way += len(batches) or 1
        if not batches:  # everybody has left
            self._end(name, kind)
        for batch in batches:
            task = asyncio.create_task(self._run(name, kind, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, name: str, kind: _Kind, batch: Sequence[Asked]) -> None:
        work = asyncio.ensure_future(_answer(batch))
        for asked in batch:  # the last one who leaves ends it
            asked.answer.add_done_callback(
                lambda _: work.cancel() if all(one.answer.done() for one in batch) else None
            )
        try:
            await asyncio.wait([work])
        finally:
            work.cancel()
            self._end(name, kind)
            for asked in batch:
                asked.answer.cancel()

    def _end(self, name: str, kind: _Kind) -> None:
        kind.under_way -= 1
        if kind.under_way:
            return
        if kind.waiting:
            self._send(name, kind)
        elif self._kinds.get(name) is kind:
            del self._kinds[name]


async def _answer(batch: Sequence[Asked]) -> None:
    """Give each call of a batch what is its own."""
    if len(batch) > 1 and await _answer_together(batch):
        return
    await asyncio.gather(*(_answer_alone(asked) for asked in batch))


async def _answer_alone(asked: Asked) -> None:
    try:
        answer = await asked.target.embeddings(asked.caller, asked.body)
    except Exception as error:
        _fail(asked, error)
    else:
        _give(asked, answer)


async def _answer_together(batch: Sequence[Asked]) -> bool:
    """Whether that went well. An error of all is told to none: it may repeat another's text."""
    first = batch[0]
    inputs = [one for asked in batch for one in asked.inputs]
    try:
        answer = await first.target.embeddings(first.caller, {**first.body, "input": inputs})
        shares = _split(answer, batch)
    except Exception as error:  # whatever a server says, in whatever shape
        log.info("embeddings_asked_one_by_one", calls=len(batch), error=type(error).__name__)
        return False
    for asked, share in zip(batch, shares, strict=True):
        _give(asked, share)
    return True


def _split(answer: TargetAnswer, batch: Sequence[Asked]) -> list[TargetAnswer]:
    """Each call's part of an answer to all. Raises whatever it trips over where it cannot tell."""
    body = read_body(answer.body or {})
    total = sum(len(asked.inputs) for asked in batch)
    vectors = {one.get("index"): one for one in body["data"]}
    if len(body["data"]) != total or vectors.keys() != set(range(total)):
        raise ValueError("not one vector for each text")
    shares, start = list[TargetAnswer](), 0
    for asked, used in zip(batch, _used(answer.usage, batch), strict=True):
        data = [{**vectors[start + n], "index": n} for n in range(len(asked.inputs))]
        start += len(asked.inputs)
        counts = {"prompt_tokens": used.input, "total_tokens": used.input}
        own = {**body, "data": data, "usage": counts}
        shares.append(TargetAnswer(model=answer.model, body=own, usage=used))
    return shares


def _used(usage: Usage | None, batch: Sequence[Asked]) -> list[Usage]:
    """What each call used of it, by our own estimate of how long they are; nothing gets lost."""
    if usage is None:
        raise ValueError("nobody has counted")
    whole, shares, given = sum(asked.tokens for asked in batch) or 1, list[Usage](), 0
    for number, asked in enumerate(batch, start=1):
        share = usage.input - given if number == len(batch) else usage.input * asked.tokens // whole
        given += share
        shares.append(Usage(usage.model, share, 0, estimated=True))
    return shares


def _batches(waiting: Sequence[Asked]) -> list[list[Asked]]:
    batches, inputs, tokens = list[list[Asked]](), 0, 0
    for asked in waiting:
        inputs, tokens = inputs + len(asked.inputs), tokens + asked.tokens
        if not batches or inputs > MOST_INPUTS or tokens > MOST_TOKENS:
            batches.append([])
            inputs, tokens = len(asked.inputs), asked.tokens
        batches[-1].append(asked)
    return batches


def _inputs(given: Any) -> list[Any]:
    """The inputs as a list, all of one kind; nothing where they are not to be joined."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list) or not given or len(given) > MOST_INPUTS:
        return []
    if all(isinstance(one, int) for one in given):
        return [given]
    kind = type(given[0])
    return given if kind in (str, list) and all(type(one) is kind for one in given) else []


def _name(target: Target, caller: Caller, body: Body, inputs: Sequence[Any]) -> str:
    rest = {name: value for name, value in body.items() if name != "input"}
    kind = type(inputs[0]).__name__
    return json.dumps([target.id, scope_of(caller), kind, rest], sort_keys=True)


def _give(asked: Asked, answer: TargetAnswer) -> None:
    if not asked.answer.done():
        asked.answer.set_result(answer)


def _fail(asked: Asked, error: Exception) -> None:
    if not asked.answer.done():
        asked.answer.set_exception(error)
