"""/nellie: its replies, its questions before it deletes, and the rights that it needs."""

from datetime import UTC, datetime

import pytest
from doubles.nellie_on_slack import NellieOnSlack


@pytest.mark.parametrize("line", ["help", "", "memory show", "usage", "model show", "persona show"])
async def test_commands_are_answered_to_the_asker_alone(nellie: NellieOnSlack, line: str) -> None:
    slack = nellie.slack
    before = len(slack.visible("C1"))

    slack.command("U2", "C1", line)
    await slack.until(lambda: slack.private("U2"))

    assert len(slack.private("U2")) == 1
    assert len(slack.visible("C1")) == before


async def test_the_answer_to_ask_is_private_and_not_remembered(nellie: NellieOnSlack) -> None:
    slack = nellie.slack

    slack.command("U1", "C1", "ask where is the disk?")
    await slack.until(lambda: slack.private("U1"))
    await nellie.wait_until_idle()

    assert slack.private("U1") == ["You said: where is the disk?"]
    assert slack.answers("C1") == [one for one in slack.answers("C1") if "I am Nellie" in one]
    assert not [text for text in await nellie.remembered() if "disk" in text]


async def test_a_question_without_words_and_an_unknown_command_are_explained(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack

    slack.command("U1", "C1", "ask")
    slack.command("U1", "C1", "dance")
    await slack.until(lambda: len(slack.private("U1")) == 2)

    assert any("/nellie ask where" in one for one in slack.private("U1"))
    assert any("/nellie dance" in one or "/dance" in one for one in slack.private("U1"))


async def test_memory_forget_asks_first(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.say("U1", "C1", "a secret")
    await slack.settled()

    slack.command("U1", "C1", "memory forget me")
    await slack.until(lambda: slack.private("U1"))
    assert "a secret" in await nellie.remembered()
    [question] = slack.ephemeral_messages
    slack.press("U1", "C1", question, "confirm")
    await slack.until(lambda: len(slack.private("U1")) > 1)

    assert "Forgotten" in slack.private("U1")[-1]
    assert "a secret" not in await nellie.remembered()


async def test_commands_need_the_rights_that_slack_gives(nellie: NellieOnSlack) -> None:
    slack = nellie.slack

    slack.command("U2", "C1", "persona set a pirate")
    await slack.until(lambda: slack.private("U2"))
    slack.command("U1", "C1", "persona set a pirate")
    await slack.until(lambda: any("who I am" in one for one in slack.visible("C1")))

    assert "Nothing was changed" in slack.private("U2")[0]


async def test_an_export_is_sent_to_the_askers_direct_messages(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.say("U2", "C1", "something to keep")
    await slack.settled()

    slack.command("U1", "C1", "memory export")
    await slack.until(lambda: slack.private("U1"))

    assert "The file is in your messages" in slack.private("U1")[0]
    assert any(b"something to keep" in content for _, content in slack.files.values())


async def test_a_command_in_a_channel_without_nellie_says_so(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    room = slack.channel("elsewhere", nellie=False)

    slack.command("U1", room, "memory show")
    await slack.until(lambda: slack.private("U1"))

    assert "/invite @Nellie" in slack.private("U1")[0]


async def test_a_day_begins_where_the_person_lives(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    hour = datetime.now(UTC).hour
    slack.people["U1"].tz = f"Etc/GMT{hour if hour <= 12 else hour - 24:+d}"  # a day has just begun
    for text in ("the old boat leaks", "the new boat floats"):
        slack.say("U2", "C1", text)
    await nellie.wait_until_idle()
    await nellie.query(
        "UPDATE message SET said_at = said_at - interval '90 minutes'"
        " WHERE text LIKE '%old boat%' RETURNING 1"
    )

    slack.command("U1", "C1", "catchup today")
    await slack.until(lambda: slack.private("U1"))
    slack.command("U1", "C1", "catchup yesterday")
    await slack.until(lambda: len(slack.private("U1")) == 2)

    today, yesterday = slack.private("U1")
    assert "new boat" in today
    assert "old boat" not in today
    assert "old boat" in yesterday
    assert "new boat" not in yesterday


@pytest.mark.parametrize("line", ["key new", "key new expires=30d models=gpt-*", "key list", "key"])
@pytest.mark.parametrize("place", ["C1", "direct"])
async def test_keys_are_shown_to_their_person_alone_and_remembered_nowhere(
    nellie: NellieOnSlack, line: str, place: str
) -> None:
    slack = nellie.slack
    where = slack.direct("U2").id if place == "direct" else place
    before = len(slack.visible(where))

    slack.command("U2", where, line)
    await slack.until(lambda: slack.private("U2"))

    [shown] = slack.private("U2")
    assert ("nellie-" in shown) == ("new" in line)
    assert len(slack.visible(where)) == before
    assert "nellie-" not in "".join(await nellie.remembered())
