"""A step is repeated while the database is away, and nothing else is."""

import pytest

from adapters.kit.database_retry import retry_while_database_is_away
from bot.domain.errors import DatabaseUnavailable, Refused


class Step:
    """A step that fails a few times before it succeeds."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.failures = failures
        self.error = error or DatabaseUnavailable(reason="it is being repaired")
        self.runs = 0

    async def __call__(self) -> str:
        self.runs += 1
        if self.runs <= self.failures:
            raise self.error
        return "stored"


async def test_a_step_is_repeated_until_the_database_is_back() -> None:
    step, lost, recovered = Step(failures=3), [], []

    result = await retry_while_database_is_away(
        step,
        pause=0,
        on_lost=lambda error: lost.append(str(error)),
        on_recovered=lambda: recovered.append(step.runs),
    )

    assert result == "stored"
    assert step.runs == 4
    assert len(lost) == 1
    assert "it is being repaired" in lost[0]
    assert recovered == [4]


async def test_a_step_that_succeeds_is_run_once_and_nothing_is_reported() -> None:
    step, events = Step(failures=0), []

    await retry_while_database_is_away(
        step, on_lost=events.append, on_recovered=lambda: events.append("recovered")
    )

    assert step.runs == 1
    assert events == []


async def test_another_error_is_raised_at_once() -> None:
    step = Step(failures=1, error=Refused(reason="it has no text."))

    with pytest.raises(Refused):
        await retry_while_database_is_away(step, pause=0)

    assert step.runs == 1
