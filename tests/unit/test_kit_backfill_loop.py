"""The backfill loop reads every channel on request, whatever one of them does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from adapters.kit import backfill_loop
from adapters.kit.backfill_loop import BackfillLoop
from bot.domain.errors import DatabaseUnavailable


@dataclass
class Room:
    id: str


@dataclass
class Reader:
    """A platform with these channels; the errors are raised first, one a call."""

    rooms: list[str]
    read: list[str] = field(default_factory=list)
    errors: dict[str, list[Exception]] = field(default_factory=dict)
    at_once: int = 0
    most_at_once: int = 0

    async def list_channels(self) -> list[Room]:
        self.fail("list")
        return [Room(name) for name in self.rooms]

    async def read_channel(self, channel: Room) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.fail(channel.id)
        self.read.append(channel.id)

    def fail(self, step: str) -> None:
        if errors := self.errors.get(step):
            raise errors.pop(0)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_loop, "DATABASE_PAUSE", 0.01)


@pytest.fixture
def reader() -> Reader:
    return Reader(["C1", "C2", "C3", "C4"])


async def run(loop: BackfillLoop, reader: Reader) -> AsyncIterator[None]:
    """Run the loop, and wait at each step until everything requested has been read."""
    task = asyncio.create_task(loop.run(reader))
    try:
        while True:
            async with asyncio.timeout(5):
                await loop.caught_up.wait()
            yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_reads_every_channel_in_order_on_each_request(reader: Reader) -> None:
    loop = BackfillLoop("slack")
    loop.request()
    rounds = run(loop, reader)

    await anext(rounds)
    loop.request()
    await anext(rounds)

    assert reader.read == ["C1", "C2", "C3", "C4"] * 2
    assert reader.most_at_once == 1
    await rounds.aclose()


async def test_reads_hourly_without_a_request(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill_loop, "HOURLY", 0.01)
    rounds = run(BackfillLoop("slack"), reader)

    await anext(rounds)

    assert reader.read[:4] == ["C1", "C2", "C3", "C4"]
    await rounds.aclose()


async def test_reads_some_channels_at_once(reader: Reader) -> None:
    loop = BackfillLoop("discord", at_once=3)
    loop.request()
    rounds = run(loop, reader)

    await anext(rounds)

    assert reader.most_at_once == 3
    await rounds.aclose()


async def test_waits_for_a_database_that_is_away(reader: Reader) -> None:
    away = DatabaseUnavailable(reason="it restarts")
    reader.errors = {"list": [away], "C2": [away, away]}
    loop = BackfillLoop("slack")
    loop.request()
    rounds = run(loop, reader)

    await anext(rounds)

    assert reader.read == ["C1", "C2", "C3", "C4"]
    await rounds.aclose()


async def test_a_channel_that_fails_is_logged_and_the_others_are_read(reader: Reader) -> None:
    reader.errors = {"C2": [KeyError("a fault of ours")]}
    with capture_logs() as lines:
        loop = BackfillLoop("slack")
        loop.request()
        rounds = run(loop, reader)
        await anext(rounds)

    assert reader.read == ["C1", "C3", "C4"]
    [line] = [line for line in lines if line["log_level"] != "debug"]
    assert (line["event"], line["channel"], line["platform"], line["error"]) == (
        "channel_not_read",
        "C2",
        "slack",
        "KeyError",
    )
    await rounds.aclose()


async def test_goes_on_after_a_round_in_which_channels_could_not_be_listed(reader: Reader) -> None:
    reader.errors = {"list": [OSError("the platform is away")]}
    loop = BackfillLoop("slack")
    loop.request()
    rounds = run(loop, reader)

    await anext(rounds)
    assert reader.read == []
    loop.request()
    await anext(rounds)

    assert reader.read == ["C1", "C2", "C3", "C4"]
    await rounds.aclose()


@dataclass
class Reviewer(Reader):
    """The same, which is reviewed too; the errors of "review" are raised first."""

    reviewed: list[tuple[str, bool]] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def review_channel(self, channel: Room, *, thorough: bool) -> None:
        self.fail("review")
        if self.gate:
            await self.gate.wait()
        self.reviewed.append((channel.id, thorough))


async def rounds_of(loop: BackfillLoop, reviewer: Reviewer, until: int) -> None:
    """Run the loop until so many channels were reviewed."""
    task = asyncio.create_task(loop.run(reviewer, reviewer))
    async with asyncio.timeout(5):
        while len(reviewer.reviewed) < until:  # noqa: ASYNC110  # it happens in the loop
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_reviews_thoroughly_on_request_once_every_channel_is_read() -> None:
    reviewer = Reviewer(["C1", "C2"])
    loop = BackfillLoop("slack")
    loop.request()

    await rounds_of(loop, reviewer, 2)

    assert reviewer.read == ["C1", "C2"]
    assert reviewer.reviewed == [("C1", True), ("C2", True)]


async def test_reviews_thoroughly_once_in_so_many_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_loop, "HOURLY", 0.001)
    monkeypatch.setattr(backfill_loop, "THOROUGH_EVERY", 3)
    reviewer = Reviewer(["C1"])
    loop = BackfillLoop("slack")
    loop.request()

    await rounds_of(loop, reviewer, 9)

    depths = [thorough for _, thorough in reviewer.reviewed[:9]]
    assert depths == [True, False, False, False, True, False, False, False, True]


async def test_a_thorough_review_that_failed_comes_again_with_the_next_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backfill_loop, "HOURLY", 0.001)
    reviewer = Reviewer(["C1", "C2"])
    reviewer.errors = {"review": [OSError("away"), DatabaseUnavailable(reason="it restarts")]}
    loop = BackfillLoop("slack")
    loop.request()

    await rounds_of(loop, reviewer, 4)

    assert reviewer.reviewed[:4] == [("C2", True), ("C1", True), ("C2", True), ("C1", False)]


async def test_a_request_ends_a_review_and_history_is_read_first() -> None:
    reviewer = Reviewer(["C1", "C2"], gate=asyncio.Event())
    loop = BackfillLoop("slack")
    loop.request()
    task = asyncio.create_task(loop.run(reviewer, reviewer))
    async with asyncio.timeout(5):
        await loop.caught_up.wait()
    loop.request()
    async with asyncio.timeout(5):
        await loop.caught_up.wait()
    assert reviewer.gate
    reviewer.gate.set()
    async with asyncio.timeout(5):
        while len(reviewer.reviewed) < 2:  # noqa: ASYNC110  # it happens in the loop
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert reviewer.read == ["C1", "C2"] * 2
    assert reviewer.reviewed == [("C1", True), ("C2", True)]


async def test_a_request_may_say_that_nothing_was_deleted_or_edited_unheard() -> None:
    reviewer = Reviewer(["C1"])
    loop = BackfillLoop("slack")
    loop.request(thorough=False)
    await rounds_of(loop, reviewer, 1)
    loop.request()
    loop.request(thorough=False)  # does not take back what the one before said

    await rounds_of(loop, reviewer, 2)

    assert reviewer.reviewed == [("C1", False), ("C1", True)]
