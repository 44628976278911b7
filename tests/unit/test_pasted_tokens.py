"""What is pasted as a token is the token, whatever people and programs put around it."""

import pytest

from adapters.kit.setup.wizard import unwrapped

TOKEN = "xoxb-12-Ab_c.d"


@pytest.mark.parametrize(
    "pasted",
    [
        TOKEN,
        f"  {TOKEN}\t",
        f'"{TOKEN}"',
        f"`{TOKEN}`",
        f"\u201c{TOKEN}\u201d",
        f"<{TOKEN}>",
        f"{TOKEN};",
        f"\u00a0{TOKEN}\u00a0",
        f"\ufeff{TOKEN}\u200b",
        f"\x1b[200~{TOKEN}\x1b[201~",
        f"SLACK_BOT_TOKEN={TOKEN}",
        f"export SLACK_BOT_TOKEN='{TOKEN}'",
        f"'SLACK_BOT_TOKEN={TOKEN}'",
        f"SLACK_BOT_TOKEN: {TOKEN}",
        f'SLACK_BOT_TOKEN: "{TOKEN}",',
        f"Bearer {TOKEN}",
        f"Bot {TOKEN}",
    ],
)
def test_what_stands_around_a_token_is_taken_off(pasted: str) -> None:
    assert unwrapped(pasted, "SLACK_BOT_TOKEN") == TOKEN


@pytest.mark.parametrize("pasted", ["", " ", '""', "SLACK_BOT_TOKEN=", "<>"])
def test_nothing_around_nothing_is_nothing(pasted: str) -> None:
    assert unwrapped(pasted, "SLACK_BOT_TOKEN") == ""


@pytest.mark.parametrize("pasted", ["two words", "xoxb-1 xapp-2", "Nellie"])
def test_what_is_no_token_stays_what_it_is(pasted: str) -> None:
    assert unwrapped(pasted, "SLACK_BOT_TOKEN") == pasted
