"""The test of the test: without one of Nellie's safeguards, a run of the same kind fails."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from chaos import safeguards
from chaos.driver import run
from chaos.mutants import MUTANTS

EVERYTHING = "import bot.__main__, bot.bootstrap, adapters.slack.adapter"
APPLIED = "from chaos import safeguards; print(*safeguards.applied, sep='\\n')"
IN_VAIN = "print('in vain:', {*safeguards.wanted} - {*safeguards.applied})"
CHANGES = {
    "the fence": ["Heartbeat.alive", "sql: (SELECT 1 FROM lane"],
    "the dedupe key": ["sql: AND m\\.external_id = i\\.external_id"],
    "the look for what is posted": [".find"],
    "the commit before the acknowledgement": ["Inbox.receive"],
    "the review of what was said": ["Inbox.review"],
    "the row before the call": ["ToolCalls.start"],
}

long_run = [pytest.mark.stress, pytest.mark.timeout(600)]


def test_every_safeguard_has_a_run_that_notices() -> None:
    assert MUTANTS.keys() == safeguards.SAFEGUARDS.keys() == CHANGES.keys()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_safeguard_can_be_taken_out(name: str) -> None:
    with safeguards.removed(name) as environ:
        done = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", f"{EVERYTHING}; {APPLIED}; {IN_VAIN}"],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert "in vain: set()" in done.stdout
    for change in CHANGES[name]:
        assert change in done.stdout


@pytest.mark.parametrize("name", [pytest.param(name, marks=long_run) for name in MUTANTS])
async def test_a_run_without_a_safeguard_fails(name: str) -> None:
    result = await run(MUTANTS[name])

    assert not result.passed, result.to_json()


@pytest.mark.parametrize("name", [pytest.param(name, marks=long_run) for name in MUTANTS])
async def test_the_same_run_with_it_does_not(name: str) -> None:
    result = await run(replace(MUTANTS[name], without="", drain_seconds=240))

    assert result.passed, f"{result.report}\n{result.to_json()}"
