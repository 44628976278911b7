"""What Slack is asked about: ids alone, whatever an event names."""

import asyncio

import pytest

from adapters.slack import lookups as slack_lookups
from adapters.slack.lookups import Lookups


@pytest.mark.parametrize("text", ["é" * 40_000, "x" * 5_000, "9" * 309, "чат"])
async def test_what_cannot_be_an_id_is_not_asked_for(text: str) -> None:
    asked: list[str] = []

    async def fetch(id_: str) -> str:
        asked.append(id_)
        return "known"

    lookups = Lookups(fetch)
    await lookups.fetch(["U1", text], None)

    assert asked == ["U1"]
    assert (lookups.get("U1"), lookups.get(text)) == ("known", None)


async def test_nobody_waits_for_a_name_that_is_known_though_it_is_an_hour_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slack_lookups, "FRESH", 0.0)
    names, may_answer = iter(["ana", "ana b."]), asyncio.Event()
    may_answer.set()

    async def fetch(id_: str) -> str:
        await may_answer.wait()
        return next(names)

    lookups = Lookups(fetch)
    await lookups.fetch(["U1"], None, old_will_do=True)  # unknown: this is waited for
    may_answer.clear()
    await lookups.fetch(["U1"], None, old_will_do=True)
    assert lookups.get("U1") == "ana"

    may_answer.set()
    await lookups.fetch(["U1"], None)  # it was asked for again, once
    assert lookups.get("U1") == "ana b."


async def test_what_was_not_found_before_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_lookups, "FRESH_UNKNOWN", 0.0)
    found = iter([None, "ana"])

    async def fetch(id_: str) -> str | None:
        return next(found)

    lookups = Lookups(fetch)
    await lookups.fetch(["U1"], None, old_will_do=True)
    await lookups.fetch(["U1"], None, old_will_do=True)

    assert lookups.get("U1") == "ana"
