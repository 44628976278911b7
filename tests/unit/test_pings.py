"""Whom a command may name to be pinged: one person or one group, by an id that can be pinged."""

import pytest

from bot.domain.pings import Ping


@pytest.mark.parametrize(
    ("text", "ping"),
    [
        ("<@U12AB|ana>", Ping("person", "U12AB", "ana")),
        ("<@W12AB>", Ping("person", "W12AB", "W12AB")),
        ("<@&S12AB|@oncall>", Ping("group", "S12AB", "oncall")),
        (" <@80351110224678912|Nelly> ", Ping("person", "80351110224678912", "Nelly")),
        ("<@&165511591545143296|Mods>", Ping("group", "165511591545143296", "Mods")),
    ],
)
def test_reads_a_person_and_a_group(text: str, ping: Ping) -> None:
    assert Ping.read(text) == ping
    assert Ping.read(ping.markup) == ping


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "<@everyone>",
        "<@&everyone>",
        "<@&EVERYONE>",
        "<@&C1|@everyone>",
        "<@&S1|@everyone>",
        "<@U1|Here>",
        "<@U1|@ channel>",
        "<!channel>",
        "<@&U1>",
        "<@S1>",
        "<@u1>",
        "<@U1> <@U2>",
        "<@١>",
        f"<@{'9' * 21}>",
        "",
    ],
)
def test_reads_nobody_else_and_never_everybody(text: str) -> None:
    assert Ping.read(text) is None
