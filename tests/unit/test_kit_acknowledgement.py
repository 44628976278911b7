"""An interaction is acknowledged when its work has ended, or after a moment."""

import asyncio

import pytest

from adapters.kit import acknowledgement
from adapters.kit.acknowledgement import run_and_acknowledge


class Interaction:
    """Writes down what happened, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.acknowledged = asyncio.Event()

    async def acknowledge(self) -> None:
        self.events.append("acknowledged")
        self.acknowledged.set()

    async def quick(self) -> str:
        self.events.append("done")
        return "result"

    async def slow(self) -> str:
        await self.acknowledged.wait()
        return await self.quick()

    async def failing(self) -> str:
        self.events.append("failed")
        raise ValueError("no")


async def test_work_that_ends_in_time_is_acknowledged_afterwards() -> None:
    interaction = Interaction()

    result = await run_and_acknowledge(interaction.quick(), interaction.acknowledge)

    assert result == "result"
    assert interaction.events == ["done", "acknowledged"]


async def test_work_that_takes_long_is_acknowledged_before_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(acknowledgement, "ACKNOWLEDGE_AFTER", 0.01)
    interaction = Interaction()

    result = await run_and_acknowledge(interaction.slow(), interaction.acknowledge)

    assert result == "result"
    assert interaction.events == ["acknowledged", "done"]


async def test_work_that_fails_is_acknowledged_and_its_error_raised() -> None:
    interaction = Interaction()

    with pytest.raises(ValueError, match="no"):
        await run_and_acknowledge(interaction.failing(), interaction.acknowledge)

    assert interaction.events == ["failed", "acknowledged"]


async def test_where_the_reply_acknowledges_only_late_work_is_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(acknowledgement, "ACKNOWLEDGE_AFTER", 0.01)
    in_time, late = Interaction(), Interaction()

    await run_and_acknowledge(in_time.quick(), in_time.acknowledge, only_if_late=True)
    await run_and_acknowledge(late.slow(), late.acknowledge, only_if_late=True)

    assert in_time.events == ["done"]
    assert late.events == ["acknowledged", "done"]
