"""What Slack is asked about: ids alone, whatever an event names."""

import pytest

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
