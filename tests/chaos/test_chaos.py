"""`nellie run`, three times, on both platforms, while everything goes wrong: nothing is lost."""

import pytest
from chaos.driver import Plan, run


@pytest.mark.stress
@pytest.mark.timeout(600)
async def test_everything_is_remembered_and_answered_once_whatever_goes_wrong() -> None:
    result = await run(Plan(seed=5, seconds=20, replicas=2, rate=5, every=1.2, patience=240))

    assert result.sound, f"{result.story}\n{result.line()}"
    assert result.verdict.answered > 0
