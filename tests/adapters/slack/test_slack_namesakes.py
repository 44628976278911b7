"""People who call themselves as others do: ids decide, and not names."""

import pytest
from doubles.nellie_on_slack import NellieOnSlack


async def rename_to_ben(nellie: NellieOnSlack) -> str:
    """Ben has spoken; Mallory has too, and calls herself Ben from now on. Returns her id."""
    slack = nellie.slack
    ben, mallory = slack.person("ben"), slack.person("mallory")
    slack.say(ben.id, "C1", "the pump is broken")
    await slack.settled()
    mallory.name = "ben"
    return mallory.id


@pytest.mark.parametrize(
    "typed", ["person <@{id}>", "person <@{id}|ben>", "<@{id}>", "Person  <@{id}>"]
)
async def test_whom_a_mention_means_is_forgotten_and_not_who_is_called_so(
    nellie: NellieOnSlack, typed: str
) -> None:
    slack, mallory = nellie.slack, await rename_to_ben(nellie)
    forget = f"memory forget {typed.format(id=mallory)}"

    slack.command("U1", "C1", forget)
    await slack.until(lambda: slack.private("U1"))
    slack.say(mallory, "C1", "the pump is fine")
    await slack.settled()
    slack.command("U1", "C1", forget)
    await slack.until(lambda: len(slack.private("U1")) == 2)
    [*_, question] = slack.ephemeral_messages
    slack.press("U1", "C1", question, "confirm")
    await slack.until(lambda: "Forgotten" in slack.private("U1")[-1])

    assert "nothing to forget" in slack.private("U1")[0]
    assert await nellie.query("SELECT text FROM message WHERE NOT deleted") == [
        ("the pump is broken",)
    ]


async def test_a_search_for_a_mention_shows_what_that_person_said(nellie: NellieOnSlack) -> None:
    slack, mallory = nellie.slack, await rename_to_ben(nellie)
    slack.say(mallory, "C1", "the pump was sold")
    slack.say("U2", "C1", "ben, where is the pump?")
    await slack.settled()

    for words in (f"<@{mallory}> pump", f"pump <@{mallory}|ben>", f"<@{mallory}>"):
        slack.command("U1", "C1", f"memory search {words}")
    await slack.until(lambda: len(slack.private("U1")) == 3)

    for shown in slack.private("U1"):
        assert "the pump was sold" in shown
        assert "broken" not in shown
        assert "where is" not in shown


async def test_words_and_channels_in_a_command_are_read_as_they_were_typed(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    slack.say("U2", "C1", "R&amp;D moved to &lt;#7&gt;, see <#C1>")
    await slack.settled()

    slack.command("U1", "C1", "memory forget R&amp;D &lt;#7&gt; <#C1|general>")
    await slack.until(lambda: slack.private("U1"))
    [question] = slack.ephemeral_messages
    slack.press("U1", "C1", question, "confirm")
    await slack.until(lambda: "Forgotten" in slack.private("U1")[-1])

    assert "with “R&D <#7> #general”" in slack.private("U1")[0]
    assert await nellie.query("SELECT text FROM message WHERE NOT deleted") == []
