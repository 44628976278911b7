"""Kept answers take as much room as they are given, whatever shape they have."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from bot.domain.api import ApiError, Written
from bot.gateway.calls.runs import AHEAD_SIZE, Run
from bot.gateway.calls.weights import weigh
from bot.gateway.models.targets import TargetAnswer
from bot.gateway.saving import answer_cache
from bot.gateway.saving.answer_cache import AnswerCache

LETTERS = 1_000_000
SHAPES: list[Callable[[str], Any]] = [
    lambda text: text.encode(),
    lambda text: {"choices": [{"message": {"content": text}}]},
    lambda text: {text: None},
    lambda text: {"output": [{"content": [[{"text": text}]]}]},
    lambda text: {"numbers": [float(number) for number in range(len(text) // 30)]},
]


class NoAccount:
    """Notes nothing."""

    async def begin(self) -> None: ...

    def first_token(self) -> None: ...

    async def end(self, run: Run, status: int, error: str | ApiError) -> None: ...


async def run_of(answer: TargetAnswer) -> Run:
    async def ask() -> TargetAnswer:
        return answer

    run = Run(ask, NoAccount(), shared=True)
    listener = run.listen()
    await listener.started()
    if answer.body is None:
        async for _ in listener:
            pass
    await run.task
    return run


async def events_of(*events: Written) -> AsyncGenerator[Written, None]:
    for event in events:
        yield event


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_weighed_is_what_it_takes_in_memory(shape: Callable[[str], Any]) -> None:
    tracemalloc.start()
    try:
        written = shape("".join(["x"] * LETTERS))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 0.7 * taken < weigh(written) < 1.5 * taken


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("stream", [False, True])
async def test_no_more_is_kept_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch, shape: Callable[[str], Any], stream: bool
) -> None:
    monkeypatch.setattr(answer_cache, "MOST", 3_500_000)
    cache = AnswerCache(60)

    for number in range(10):
        body = shape(f"{number}" * LETTERS)
        answer = TargetAnswer(model="m", body=None if stream else body)
        answer.events = events_of(body) if stream else None
        cache.put(bytes([number]), await run_of(answer))

    kept = [number for number in range(10) if cache.get(bytes([number]))]
    assert kept[-1:] == [9]
    assert len(kept) <= 3


@pytest.mark.parametrize("shape", SHAPES)
async def test_too_large_an_answer_is_not_kept(shape: Callable[[str], Any]) -> None:
    cache = AnswerCache(60)

    cache.put(b"k", await run_of(TargetAnswer(model="m", body=shape("x" * LETTERS * 5))))

    assert cache.get(b"k") is None


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_model_is_not_read_far_ahead_of_who_takes_it(shape: Callable[[str], Any]) -> None:
    given = 0

    async def endless() -> AsyncGenerator[Written, None]:
        nonlocal given
        while True:
            given += 1
            yield shape("x" * (AHEAD_SIZE // 4))
            await asyncio.sleep(0)

    async def ask() -> TargetAnswer:
        return TargetAnswer(model="m", events=endless())

    run = Run(ask, NoAccount(), shared=False)
    listener = run.listen()
    await listener.started()
    for _ in range(100):
        await asyncio.sleep(0)
    assert given <= 6
    for _ in range(5):
        await anext(listener)
    for _ in range(100):
        await asyncio.sleep(0)
    assert 6 <= given <= 11

    await listener.aclose()
    await run.task
