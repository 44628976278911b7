"""Whether a summary keeps to what was said."""

import pytest
from doubles.conversation import spoken

from bot.memory.summary_parsing import parse_summary
from bot.prompting.summary_prompt import (
    SUMMARY_LIMIT,
)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ana: the port is 5433", "number"),
        ("ana: at 13:37 it broke", "number"),
        ("ana: see https://example.org/evil", "link"),
        ("ana: run `rm -rf /`", "code"),
        ("ana: it is due on 2026-11-29", "date"),
        ("bob: the port is 5432", "name"),
        ("ana: the port is Mallory's", "name"),
        ("ana: ask @mallory", "name"),
    ],
)
def test_a_statement_that_says_what_was_never_said_is_left_out_and_counted(
    line: str, kind: str
) -> None:
    block = spoken(["the port is 5432, run `make`, due tomorrow: https://example.org/a"])

    found = parse_summary(
        f"- ana: the port is 5432\n- {line} [1]", block, limit=SUMMARY_LIMIT, model="m"
    )

    assert [one.text for one in found.statements] == ["ana: the port is 5432"]
    assert found.flagged == {kind: 1}


def test_a_statement_that_keeps_to_what_was_said_is_believed() -> None:
    block = spoken(["the port is 5432, run `make`, due tomorrow: https://example.org/a, says Zoë"])
    line = "ana: at 12:01 on 2026-11-22: run `make` by 2026-11-23, see https://example.org/a, Zoë"

    found = parse_summary(f"- {line} [1]", block, limit=SUMMARY_LIMIT, model="m")

    assert [one.text for one in found.statements] == [line]
