"""What questions' vectors cost is kept a moment later, and lost only with a word."""

import asyncio
from collections.abc import Sequence

import pytest
import structlog

from bot.domain.errors import DatabaseAway
from bot.domain.model import Purpose, Usage
from bot.memory import late_usage
from bot.memory.late_usage import LateUsage
from bot.store.usage import UsageLog


class Ledger(UsageLog):
    """Keeps what it is given; slow, away or refusing some channel when told to."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, int]] = []
        self.tried = 0
        self.away = False
        self.refused: set[int] = set()
        self._heard = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def add(
        self,
        channel_id: int,
        usage: Sequence[Usage],
        purpose: Purpose,
        *,
        author: str | None = None,
        payer: str | None = None,
    ) -> None:
        self.tried += 1
        self._heard.set()
        await self.gate.wait()
        if self.away:
            raise DatabaseAway(reason="it rests")
        if channel_id in self.refused:
            raise LookupError(channel_id)
        self.kept += [(channel_id, one.input) for one in usage]

    async def hears_it_again(self) -> None:
        self._heard.clear()
        async with asyncio.timeout(10):
            await self._heard.wait()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def late(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> LateUsage:
    monkeypatch.setattr(late_usage, "AGAIN", 0.02)
    return LateUsage(ledger)


def of(tokens: int) -> Usage:
    return Usage("embedder", tokens, 0)


async def test_nobody_waits_for_it_and_what_comes_meanwhile_goes_together(
    ledger: Ledger, late: LateUsage
) -> None:
    ledger.gate.clear()
    for channel, tokens in ((1, 10), (2, 20), (2, 21), (1, 11)):
        late.add(channel, of(tokens))
        await asyncio.sleep(0)
    assert (ledger.tried, ledger.kept) == (1, [])

    ledger.gate.set()
    await late.close()

    assert ledger.kept == [(1, 10), (2, 20), (2, 21), (1, 11)]
    assert ledger.tried == 3


async def test_it_is_kept_once_the_database_is_back(ledger: Ledger, late: LateUsage) -> None:
    ledger.away = True
    late.add(1, of(10))
    await ledger.hears_it_again()
    late.add(1, of(11))
    late.add(2, of(20))
    await ledger.hears_it_again()

    ledger.away = False
    await ledger.hears_it_again()
    await late.close()

    assert sorted(ledger.kept) == [(1, 10), (1, 11), (2, 20)]


async def test_at_the_end_it_is_tried_once_more_at_once(
    ledger: Ledger, late: LateUsage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_usage, "AGAIN", 600)
    ledger.away = True
    for channel in (1, 2):
        late.add(channel, of(10 * channel))
    await ledger.hears_it_again()

    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(10):
            await late.close()

    assert ledger.kept == []
    assert sorted((line["event"], line["channel"], line["tokens"]) for line in logs) == [
        ("usage_not_kept", 1, 10),
        ("usage_not_kept", 2, 20),
    ]


async def test_one_channel_s_trouble_is_no_other_s(ledger: Ledger, late: LateUsage) -> None:
    ledger.refused.add(1)

    with structlog.testing.capture_logs() as logs:
        for channel in (1, 2):
            late.add(channel, of(10 * channel))
        await late.close()

    assert ledger.kept == [(2, 20)]
    assert [(line["event"], line["channel"]) for line in logs] == [("usage_not_kept", 1)]


@pytest.mark.parametrize("patient", [True, False])
async def test_who_closes_does_not_wait_for_ever_and_what_is_not_kept_is_told(
    ledger: Ledger, late: LateUsage, monkeypatch: pytest.MonkeyPatch, patient: bool
) -> None:
    monkeypatch.setattr(late_usage, "ENDING", 0.05 if patient else 600)
    ledger.gate.clear()
    for channel in (1, 2):
        late.add(channel, of(10 * channel))
    await ledger.hears_it_again()

    with structlog.testing.capture_logs() as logs:
        closing = asyncio.create_task(late.close())
        await asyncio.sleep(0)
        if not patient:  # as a second signal does
            closing.cancel()
        async with asyncio.timeout(10):
            await asyncio.gather(closing, return_exceptions=True)

    assert closing.cancelled() != patient
    assert ledger.kept == []
    assert sorted((line["event"], line["channel"], line["tokens"]) for line in logs) == [
        ("usage_not_kept", 1, 10),
        ("usage_not_kept", 2, 20),
    ]


async def test_where_nothing_was_used_there_is_nothing_to_wait_for(late: LateUsage) -> None:
    await late.close()
