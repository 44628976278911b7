"""The test of the test: without one of her safeguards, a run of the same kind fails."""

from dataclasses import replace

import pytest
from chaos.driver import run
from chaos.mutants import MUTANTS, without

pytestmark = [pytest.mark.stress, pytest.mark.timeout(600)]


@pytest.mark.parametrize("what", MUTANTS)
async def test_a_run_without_a_safeguard_fails(what: str) -> None:
    with without(what) as plan:
        mutant = await run(plan)

    assert not mutant.sound, mutant.line()


@pytest.mark.parametrize("what", MUTANTS)
async def test_the_same_run_with_it_does_not(what: str) -> None:
    result = await run(replace(MUTANTS[what].plan, patience=240))

    assert result.sound, f"{result.story}\n{result.line()}"
