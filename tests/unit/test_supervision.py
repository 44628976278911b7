"""What runs as long as the process: adapters start again, and the rest ends all when it dies."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.core.supervision import Supervisor
from bot.core.takeover import Takeover
from bot.domain.errors import BackgroundTaskDied, SettingsError
from bot.domain.model import Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog, Inbox, TurnControl


class Shaky(Adapter):
    """A platform that fails a few times before it ends."""

    name = "shaky"

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.runs = 0

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        self.runs += 1
        if self.faults:
            raise self.faults.pop()

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Nobody asks anything here."""


class Closed:
    """Lanes on which nothing runs."""

    closing = True

    async def close(self, *, seconds: float) -> None:
        """At once."""


def supervisor(lanes: Any = None) -> Supervisor:
    """A supervisor of adapters that nothing is reported to."""
    lanes = lanes or Closed()
    takeover = Takeover(turns=None, lanes=lanes, platforms=())  # type: ignore[arg-type]  # unused
    unused: dict[str, Any] = {"inbox": None, "turns": None, "commands": None, "reading_queue": None}
    return Supervisor(lanes=lanes, takeover=takeover, **unused)


async def test_an_adapter_that_fails_is_started_again_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.core.supervision.RESTART", 0)
    monkeypatch.setattr("bot.core.supervision.MISCONFIGURED", 0)
    monkeypatch.setattr("bot.core.supervision.log", Silent())
    shaky = Shaky(OSError("no network"), SettingsError(name="TOKEN", reason="it is not accepted"))
    calm = Shaky()

    await supervisor().serve([shaky, calm])

    assert (shaky.runs, calm.runs) == (3, 1)


class Door(Shaky):
    """It hears nothing, and lets programs in."""

    hears = False


async def test_programs_that_cannot_be_let_in_end_what_does_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.core.supervision.MISCONFIGURED", 0)
    monkeypatch.setattr("bot.core.supervision.log", Silent())
    taken = SettingsError(name="NELLIE_API", reason="it is in use")

    with pytest.raises(SettingsError, match="it is in use"):
        await supervisor().serve([Door(taken)])

    beside, calm = Door(taken), Shaky()
    await supervisor().serve([beside, calm])
    assert (beside.runs, calm.runs) == (2, 1)


class Patient(Adapter):
    """A platform that is there until it is told to go."""

    name = "patient"

    def __init__(self) -> None:
        self.there = asyncio.Event()

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        self.there.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.there.clear()

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Nobody asks anything here."""


async def test_what_is_being_answered_ends_before_its_platform_goes() -> None:
    platform, seen = Patient(), []

    class Lanes:
        async def close(self, *, seconds: float) -> None:
            seen.append(platform.there.is_set())

    task = asyncio.create_task(supervisor(Lanes()).serve([platform]))
    await platform.there.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert seen == [True]
    assert not platform.there.is_set()


class Silent:
    """A log that nobody reads."""

    def error(self, event: str, **details: object) -> None:
        """Nothing."""


async def _dies() -> None:
    raise ZeroDivisionError


async def test_a_background_task_that_dies_ends_what_it_is_needed_for() -> None:
    class Lanes(Closed):
        async def renew_leases(self) -> None:
            await _dies()

    with pytest.raises(BackgroundTaskDied, match=r"heartbeat task died \(ZeroDivisionError\)"):
        async with supervisor(Lanes()).at_work(None):
            await asyncio.Event().wait()


async def test_what_goes_wrong_in_the_block_is_raised_as_it_is() -> None:
    class Lanes(Closed):
        async def renew_leases(self) -> None:
            await asyncio.Event().wait()

    with pytest.raises(SettingsError):
        async with supervisor(Lanes()).at_work(None):
            raise SettingsError(name="NELLIE_MODEL", reason="it is wrong")
