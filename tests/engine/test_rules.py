"""Rules on arrival: each message is labelled once, off the path that accepts it, within limits."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from doubles.sorting_script import asked_texts, sorts
from doubles.start_nellie import Start

from bot.core.message_checks import checked
from bot.domain.errors import CommandError, ModelUnavailable, NotAllowed
from bot.domain.model import Channel
from bot.llm.extractive.model import Extractive
from bot.testing import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    breaks,
    new_message,
    says,
    waits,
)

ONCALL = "<@&S1|oncall>"
SORTER = sorts(outage="down", bug="crash", praise="thanks")


def sorting(*scripts: Any) -> ScriptedModel:
    """A model that sorts, after these scripts."""
    model = ScriptedModel()
    model.follow("rule", *scripts, SORTER)
    return model


@pytest.fixture
async def nellie(start_nellie: Start) -> RunningNellie:
    """A Nellie whose model sorts."""
    return await start_nellie(model=sorting())


async def rule(nellie: RunningNellie, *lines: str, channel: Channel = GENERAL) -> None:
    """A rule named triage, and what is set for it."""
    for line in ("add triage: bug, praise, outage", *lines):
        await nellie.run_command(f"rules {line}", admin=True, channel=channel)


async def look(nellie: RunningNellie) -> None:
    """What the clock does, and what comes of it."""
    await nellie.parts.jobs.label_arrived()
    await nellie.parts.jobs.open_rule_posts()
    await nellie.parts.lanes.idle()


async def labels(nellie: RunningNellie) -> list[tuple[str, str | None]]:
    """What was made of which message."""
    rows = await nellie.rows(
        "SELECT m.text, l.label FROM rule_label l JOIN message m"
        " ON m.channel_id = l.channel_id AND m.seq = l.seq ORDER BY m.seq"
    )
    return [(row.text, row.label) for row in rows]


def posts(nellie: RunningNellie) -> list[str]:
    """What stands on the platform."""
    return list(nellie.platform.shown.values())


async def test_what_arrives_is_labelled_and_what_was_said_before_is_not(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "the site is down, long ago")
    await rule(nellie)
    await nellie.say(BOB, "the site is down")
    await nellie.say(CARL, "what a day")

    await look(nellie)
    await look(nellie)

    assert await labels(nellie) == [("the site is down", "outage"), ("what a day", None)]
    assert len(nellie.model.prompts_for("rule")) == 1
    assert await nellie.rows("SELECT purpose, author_id, payer FROM usage") == [
        ("rule", None, None)
    ]


async def test_what_is_read_in_from_before_is_not_labelled(nellie: RunningNellie) -> None:
    await rule(nellie)
    old = datetime.now(UTC) - timedelta(days=1)
    await nellie.parts.acceptance.remember([checked(new_message(BOB, "down then", at=old))])

    await look(nellie)

    assert await labels(nellie) == []
    assert nellie.model.prompts == []


async def test_hers_private_ones_and_those_of_who_opted_out_are_not_labelled(
    nellie: RunningNellie,
) -> None:
    await rule(nellie)
    await nellie.run_command("memory optout", CARL)
    await nellie.say(CARL, "down at mine")
    await nellie.ask(BOB, "is it down in private?", private=True)
    await nellie.ask(BOB, "is it down?")

    await look(nellie)

    assert await labels(nellie) == [("is it down?", "outage")]


async def test_a_role_is_told_of_a_label_with_a_ping_of_it_alone(nellie: RunningNellie) -> None:
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(
        BOB, "down! <!channel> @everyone <@U9> [free](https://evil.example)", link="https://c/1"
    )

    await look(nellie)

    [text] = posts(nellie)
    assert text.startswith("@oncall: triage says outage (90 %): https://c/1\nbob: “down!")
    assert "<!channel>" not in text
    assert "@everyone" not in text
    assert "<@U9>" not in text
    assert "](" not in text
    [(ping,)] = nellie.platform.pinged.values()
    assert (ping.kind, ping.id) == ("group", "S1")
    assert await nellie.texts() == ["down! <!channel> @everyone <@U9> [free](https://evil.example)"]


async def test_answers_of_a_model_ping_nobody(nellie: RunningNellie) -> None:
    await rule(nellie, f"tell triage outage {ONCALL}")

    await nellie.ask(BOB, "@oncall: is it down?")

    assert list(nellie.platform.pinged.values()) == [()]


async def test_it_is_told_once_however_many_replicas_look(start_nellie: Start) -> None:
    gate = asyncio.Event()
    one = await start_nellie(model=sorting(waits(gate, SORTER)))
    two = await start_nellie(model=sorting())
    await rule(one, f"tell triage outage {ONCALL}")
    await one.say(BOB, "the site is down")

    looking = asyncio.create_task(one.parts.jobs.label_arrived())
    await one.model.called.wait()
    await look(two)
    assert two.model.prompts == []
    gate.set()
    await looking
    await asyncio.gather(*(look(each) for each in (one, two, one, two)))

    assert len(posts(one) + posts(two)) == 1
    assert await labels(one) == [("the site is down", "outage")]


async def test_two_that_worked_on_the_same_keep_it_once(start_nellie: Start) -> None:
    gate = asyncio.Event()
    one = await start_nellie(model=sorting(waits(gate, SORTER)))
    two = await start_nellie(model=sorting())
    await rule(one, f"tell triage outage {ONCALL}")
    await one.say(BOB, "the site is down")

    looking = asyncio.create_task(one.parts.jobs.label_arrived())
    await one.model.called.wait()
    await one.parts.stores.locks.close()  # its connection broke: Postgres gave the lock back
    await look(two)
    gate.set()
    await looking
    await asyncio.gather(look(one), look(two))

    assert len(two.model.prompts_for("rule")) == 1
    assert len(posts(one) + posts(two)) == 1


async def test_what_is_deleted_before_it_is_told_is_not_told(nellie: RunningNellie) -> None:
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "the site is down", id="m-gone")
    await nellie.parts.jobs.ruling.labelling.label_due()

    await nellie.parts.inbox.deleted(GENERAL, "m-gone")
    await look(nellie)

    assert posts(nellie) == []
    assert await labels(nellie) == []
    assert await nellie.rows("SELECT state FROM turn") == [("done",)]


async def test_what_is_deleted_while_a_model_reads_it_is_not_labelled(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=sorting(waits(gate, SORTER)))
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "the site is down", id="m-gone")
    looking = asyncio.create_task(nellie.parts.jobs.label_arrived())
    await nellie.model.called.wait()

    await nellie.parts.inbox.deleted(GENERAL, "m-gone")
    gate.set()
    await looking
    await look(nellie)

    assert posts(nellie) == []
    assert await nellie.rows("SELECT * FROM rule_label") == []


async def test_what_is_edited_is_told_once_and_without_its_former_words(
    nellie: RunningNellie,
) -> None:
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "the site is down", id="m-edited", link="https://c/1")
    await nellie.parts.jobs.ruling.labelling.label_due()

    at = datetime.now(UTC) + timedelta(seconds=1)
    await nellie.parts.inbox.edited(GENERAL, "m-edited", "the site is down again", at=at)
    await look(nellie)
    await nellie.parts.inbox.edited(GENERAL, "m-edited", "it is down, down, down")
    await look(nellie)

    [text] = posts(nellie)
    assert text == "@oncall: triage says outage (90 %): https://c/1\n(It was edited since.)"
    assert len(nellie.model.prompts_for("rule")) == 1


async def test_what_is_edited_while_a_model_reads_it_is_told_without_its_words(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=sorting(waits(gate, SORTER)))
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "the site is down", id="m-edited")
    looking = asyncio.create_task(nellie.parts.jobs.label_arrived())
    await nellie.model.called.wait()

    await nellie.parts.inbox.edited(GENERAL, "m-edited", "my wage is 5000", datetime.now(UTC))
    gate.set()
    await looking
    await look(nellie)

    [text] = posts(nellie)
    assert text == "@oncall: triage says outage (90 %).\n(It was edited since.)"


async def test_what_was_edited_before_a_model_reads_it_is_told_with_its_words(
    nellie: RunningNellie,
) -> None:
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "the site is up", id="m-edited")
    await nellie.parts.inbox.edited(GENERAL, "m-edited", "the site is down", datetime.now(UTC))

    await look(nellie)

    [text] = posts(nellie)
    assert "“the site is down”" in text


async def test_a_storm_is_told_five_times_and_then_summed_up(nellie: RunningNellie) -> None:
    await rule(nellie, f"tell triage outage {ONCALL}")
    for number in range(19):
        await nellie.say(BOB, f"down {number}", link=f"https://c/{number}")
    for _ in range(2):
        await look(nellie)
    for number in range(19, 22):
        await nellie.say(BOB, f"down {number}", link=f"https://c/{number}")
    await look(nellie)
    assert len(posts(nellie)) == 5

    await nellie.rows("UPDATE rule_tell SET at = now() WHERE summed")
    await look(nellie)
    await look(nellie)

    assert len(posts(nellie)) == 6
    assert posts(nellie)[-1] == (
        "@oncall: triage says outage of 17 more messages in the last hour:"
        " https://c/5 https://c/6 https://c/7 and 14 more"
    )


async def test_a_delivery_that_breaks_is_made_good_in_its_place(start_nellie: Start) -> None:
    nellie = await start_nellie(model=sorting(), platform=FakePlatform(failures=1))
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "the site is down")

    await look(nellie)

    assert len(posts(nellie)) == 1
    assert len(nellie.platform.started) == 2


async def test_what_could_not_be_posted_is_tried_again_later(start_nellie: Start) -> None:
    nellie = await start_nellie(model=sorting(), platform=FakePlatform(failures=3))
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "the site is down")
    await look(nellie)
    await look(nellie)
    assert nellie.platform.finished == []

    await nellie.rows("UPDATE rule_tell SET at = now()")
    await look(nellie)
    await look(nellie)

    assert len(nellie.platform.finished) == 1
    assert await nellie.rows("SELECT posted_at IS NULL FROM rule_tell") == [(False,)]


async def test_a_model_that_fails_for_an_hour_loses_and_doubles_nothing(
    start_nellie: Start,
) -> None:
    down = breaks(ModelUnavailable(model="scripted", reason="down"))
    nellie = await start_nellie(model=sorting(down, down))
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "the site is down")
    await nellie.say(BOB, "still down")
    for _ in range(2):
        await look(nellie)
        await look(nellie)  # it is not due yet
        shown = (await nellie.run_command("rules show triage")).text
        assert "It waits: The model failed" in shown
        assert "2 more messages to be labelled" in shown
        await nellie.rows("UPDATE rule SET due_at = now()")

    for _ in range(3):
        await look(nellie)

    assert len(posts(nellie)) == 2
    assert [label for _, label in await labels(nellie)] == ["outage", "outage"]
    assert "It waits" not in (await nellie.run_command("rules show triage")).text


async def test_what_is_paid_for_is_kept_where_a_later_call_fails(start_nellie: Start) -> None:
    down = breaks(ModelUnavailable(model="scripted", reason="down"))
    nellie = await start_nellie(model=sorting(SORTER, SORTER, down))
    await rule(nellie, f"tell triage outage {ONCALL}")
    for number in range(35):
        await nellie.say(BOB, f"down {number}")

    await look(nellie)
    asked = len(nellie.model.prompts_for("rule"))
    assert [text for text, _ in await labels(nellie)] == [f"down {n}" for n in range(20)]
    assert len(posts(nellie)) == 5
    assert "It waits: The model failed" in (await nellie.run_command("rules show triage")).text

    await nellie.rows("UPDATE rule SET due_at = now()")
    await look(nellie)

    assert [text for text, _ in await labels(nellie)] == [f"down {n}" for n in range(35)]
    assert [asked_texts(one)[0] for one in nellie.model.prompts_for("rule")[asked:]] == [
        "| down 20",
        "| down 30",
    ]


async def test_a_budget_that_ends_in_the_middle_pays_for_nothing_twice(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=sorting(), limit_channel_tokens=1_000)
    await rule(nellie)
    for number in range(40):
        await nellie.say(BOB, f"down {number} {'blah ' * 40}")

    done = list[int]()
    for _ in range(4):  # as many days
        await look(nellie)
        done.append(len(await labels(nellie)))
        await nellie.rows("DELETE FROM usage")
        await nellie.rows("UPDATE rule SET due_at = now()")

    assert 0 < done[0] < 40
    assert done[-1] == 40
    said = [text for one in nellie.model.prompts_for("rule") for text in asked_texts(one)]
    assert len(said) == len(set(said)) == 40


async def test_what_one_message_spoils_is_asked_again_and_kept_as_it_comes(
    start_nellie: Start,
) -> None:
    down = breaks(ModelUnavailable(model="scripted", reason="down"))
    bad = says("nonsense")
    nellie = await start_nellie(model=sorting(bad, bad, SORTER, SORTER, down))
    await rule(nellie)
    for number in range(4):
        await nellie.say(BOB, f"down {number}")

    await look(nellie)
    assert [text for text, _ in await labels(nellie)] == ["down 0", "down 1"]
    await nellie.rows("UPDATE rule SET due_at = now()")
    await look(nellie)

    assert await labels(nellie) == [(f"down {number}", "outage") for number in range(4)]


async def test_a_model_that_is_never_understood_is_asked_alone_only_so_often(
    start_nellie: Start,
) -> None:
    model = ScriptedModel()
    model.follow("rule", says("nonsense"))
    nellie = await start_nellie(model=model)
    await rule(nellie)
    for number in range(50):
        await nellie.say(BOB, f"down {number}")

    await look(nellie)

    assert await labels(nellie) == [(f"down {number}", None) for number in range(50)]
    assert len(nellie.model.prompts) == 2 * (5 + 10)


async def test_a_rule_switched_off_in_the_middle_asks_no_more(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=sorting(SORTER, waits(gate, SORTER)))
    await rule(nellie)
    for number in range(35):
        await nellie.say(BOB, f"down {number}")
    looking = asyncio.create_task(nellie.parts.jobs.label_arrived())
    async with asyncio.timeout(20):
        while len(nellie.model.prompts_for("rule")) < 2:  # noqa: ASYNC110  # its second call
            await asyncio.sleep(0.01)

    await nellie.run_command("rules off triage", admin=True)
    gate.set()
    await looking

    assert len(await labels(nellie)) == 10
    assert len(nellie.model.prompts_for("rule")) == 2


async def test_quotas_stop_it_and_it_goes_on_when_they_allow_it(start_nellie: Start) -> None:
    nellie = await start_nellie(model=sorting(), limit_channel_tokens=1_000)
    await rule(nellie)
    await nellie.rows(
        "INSERT INTO usage (channel_id, purpose, model, input, output, attempt, estimated)"
        " SELECT id, 'answer', 'x', 999, 1, 1, false FROM channel"
    )
    await nellie.say(BOB, "the site is down")

    await look(nellie)

    assert await labels(nellie) == []
    assert "It waits: " in (await nellie.run_command("rules show triage")).text
    assert nellie.model.prompts == []
    await nellie.rows("DELETE FROM usage")
    await nellie.rows("UPDATE rule SET due_at = now()")
    await look(nellie)
    assert await labels(nellie) == [("the site is down", "outage")]


async def test_its_own_limit_stops_it_until_tomorrow(nellie: RunningNellie) -> None:
    await rule(nellie, "limit triage 2")
    for number in range(3):
        await nellie.say(BOB, f"down {number}")
    for _ in range(3):
        await look(nellie)

    shown = (await nellie.run_command("rules show triage")).text
    assert len(await labels(nellie)) == 2
    assert "Its limit of 2 messages a day is reached. It goes on tomorrow (UTC)." in shown
    [(at,)] = await nellie.rows("SELECT due_at FROM rule")
    assert at.astimezone(UTC).date() == datetime.now(UTC).date() + timedelta(days=1)

    await nellie.rows("UPDATE rule SET day = day - 1, due_at = now()")
    await look(nellie)

    assert len(await labels(nellie)) == 3


async def test_forgetting_what_was_labelled_gives_no_more_room_today(
    nellie: RunningNellie,
) -> None:
    await rule(nellie, "limit triage 1")
    await nellie.say(BOB, "down", id="m-first")
    await look(nellie)
    await nellie.parts.inbox.deleted(GENERAL, "m-first")
    await nellie.say(BOB, "down again")

    await look(nellie)

    assert await labels(nellie) == []


async def test_ten_thousand_that_wait_are_labelled_a_part_at_a_look(
    nellie: RunningNellie,
) -> None:
    await rule(nellie, "limit triage 20000")
    await nellie.rows(
        "INSERT INTO message (channel_id, seq, external_id, author_id, author_name, nellie, text,"
        " said_at, addressed, tokens, thread, reply_to, link, mentions)"
        " SELECT id, n, 'bulk' || n, 'U2', 'bob', false, 'number ' || n, now(), false, 5,"
        " '', '', '', '{}' FROM channel, generate_series(1, 10000) n"
    )
    await nellie.rows("UPDATE channel SET seq = 10000")

    await look(nellie)
    assert len(await labels(nellie)) == 50
    await look(nellie)

    assert len(await labels(nellie)) == 100
    assert all(len(asked_texts(one)) <= 10 for one in nellie.model.prompts_for("rule"))
    assert "9,900 more" in (await nellie.run_command("rules show triage")).text


async def test_what_waited_for_two_days_is_passed_and_counted(nellie: RunningNellie) -> None:
    await rule(nellie)
    await nellie.say(BOB, "the site is down")
    await nellie.rows("UPDATE rule SET since = now() - interval '9 days'")
    await nellie.rows("UPDATE message SET said_at = now() - interval '3 days'")
    await nellie.say(BOB, "down now")

    await look(nellie)

    assert await labels(nellie) == [("down now", "outage")]
    shown = (await nellie.run_command("rules show triage")).text
    assert "Passed without a label, as they waited for two days: 1." in shown


async def test_what_is_said_while_it_is_off_is_never_labelled(nellie: RunningNellie) -> None:
    await rule(nellie, f"tell triage outage {ONCALL}", "off triage")
    await nellie.say(BOB, "down while off")
    await look(nellie)
    assert nellie.model.prompts == []

    await nellie.run_command("rules on triage", admin=True)
    await nellie.say(BOB, "down now")
    await look(nellie)

    assert await labels(nellie) == [("down now", "outage")]


async def test_what_was_owed_is_not_told_once_it_is_off(nellie: RunningNellie) -> None:
    await rule(nellie, f"tell triage outage {ONCALL}")
    await nellie.say(BOB, "down")
    await nellie.parts.jobs.ruling.labelling.label_due()

    await nellie.run_command("rules off triage", admin=True)
    await look(nellie)

    assert posts(nellie) == []


async def test_labels_that_are_kept_come_with_their_examples_as_they_are_now(
    nellie: RunningNellie,
) -> None:
    for line in (
        "classify set kinds bug, praise, outage",
        "rules add triage: Kinds",
        f"rules tell triage outage {ONCALL}",
        "classify add kinds bug: it falls over",
        "classify set kinds bug, praise, cry",
    ):
        await nellie.run_command(line, admin=True)
    nellie.model.follow("rule", sorts(bug="down", cry="help"))
    await nellie.say(BOB, "the site is down")
    await nellie.say(BOB, "help")

    await look(nellie)

    [prompt] = nellie.model.prompts_for("rule")
    assert "it falls over" in prompt.messages[1].text
    assert [label for _, label in await labels(nellie)] == ["bug", "cry"]
    assert posts(nellie) == []
    shown = (await nellie.run_command("rules show triage")).text
    assert "outage is told to @oncall. It is no label of the rule any more." in shown
    await nellie.run_command("rules tell triage cry <@U1|ana>", admin=True)
    ended = await nellie.run_command("rules tell triage OUTAGE off", admin=True)
    assert ended.text == "Nobody is told of outage any more."
    assert "oncall" not in (await nellie.run_command("rules show triage")).text


async def test_a_rule_goes_on_with_the_labels_that_it_had_where_their_set_is_gone(
    nellie: RunningNellie,
) -> None:
    for line in (
        "classify set kinds bug, outage",
        "rules add triage: kinds",
        f"rules tell triage outage {ONCALL}",
        "classify remove kinds",
    ):
        reply = await nellie.run_command(line, admin=True)
        if reply.confirm:
            await nellie.run_command(f"classify {reply.confirm}", admin=True)
    await nellie.say(BOB, "the site is down")

    await look(nellie)

    assert len(posts(nellie)) == 1
    assert "(kept as kinds)" in (await nellie.run_command("rules")).text


async def test_one_message_that_no_model_takes_holds_up_no_other(start_nellie: Start) -> None:
    def refuses(prompt: Any) -> Any:
        if any("poison" in text for text in asked_texts(prompt)):
            return says("", finish="content_filter")(prompt)
        return SORTER(prompt)

    model = ScriptedModel()
    model.follow("rule", refuses)
    nellie = await start_nellie(model=model)
    await rule(nellie)
    for text in ("down", "poison", "a crash"):
        await nellie.say(BOB, text)

    for _ in range(12):
        await look(nellie)
        await nellie.rows("UPDATE rule SET due_at = now()")

    assert await labels(nellie) == [("down", "outage"), ("poison", None), ("a crash", "bug")]


async def test_who_has_opted_out_is_not_set_to_be_told(nellie: RunningNellie) -> None:
    await rule(nellie)
    await nellie.run_command("memory optout", BOB)

    with pytest.raises(CommandError, match="@bob has opted out here, so I tell them nothing"):
        await nellie.run_command("rules tell triage bug <@U2|bob>", admin=True)

    assert await nellie.rows("SELECT * FROM rule_ping") == []
    await nellie.run_command("rules tell triage bug <@&S1|oncall>", admin=True)
    await nellie.run_command("memory optout off", BOB)
    await nellie.run_command("rules tell triage bug <@U2|bob>", admin=True)


async def test_labels_that_are_all_words_for_none_are_labels(start_nellie: Start) -> None:
    model = ScriptedModel()
    model.follow("rule", says('{"label": "none", "confidence": 1}'))
    nellie = await start_nellie(model=model)
    every = "none, none of these, (none of these), no label at all"
    await nellie.run_command(f"rules add x: {every}", admin=True)
    await nellie.say(BOB, "the site is down")

    await look(nellie)

    assert await labels(nellie) == [("the site is down", "none")]


async def test_rules_of_a_channel_are_its_own(nellie: RunningNellie) -> None:
    other = Channel("fake", "team", "C2")
    await rule(nellie, channel=other)
    await nellie.say(BOB, "the site is down")

    await look(nellie)

    assert await labels(nellie) == []
    assert "no rules here" in (await nellie.run_command("rules")).text
    with pytest.raises(CommandError, match="no rule triage here"):
        await nellie.run_command("rules show triage")


@pytest.mark.parametrize(
    "line",
    [
        "add x: a, b",
        "recap x daily 09:00",
        f"tell x a {ONCALL}",
        "limit x 5",
        "off x",
        "on x",
        "remove x",
    ],
)
async def test_changes_need_rights(nellie: RunningNellie, line: str) -> None:
    with pytest.raises(NotAllowed):
        await nellie.run_command(f"rules {line}", ANA)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("add", "Give it a name"),
        ("add two words: a, b", "Give it a name"),
        (f"add {'x' * 41}: a, b", "Give it a name"),
        ("add x a, b", "Give it a name"),
        ("add x: a", 'at least two labels.*No labels are kept here as "a"'),
        ("add x: a, a", "twice"),
        ("add triage: a, b", "already"),
        ("add TRIAGE: a, b", "already"),
        ("recap triage friday", "When?"),
        ("recap triage weekly friday 16:00 Mars/Phobos", "no time zone Mars/Phobos"),
        ("recap triage daily 25:00", "hours from 00:00 to 23:59"),
        ("recap nobody daily 09:00", "no rule nobody"),
        ("tell triage", "Whom of which label"),
        ("tell triage outage", "Whom of which label"),
        ("tell triage storm <@U1|ana>", "knows no label"),
        ("tell triage outage @oncall", "Pick the person or the group.*needs Slack or Discord"),
        ("tell triage outage @everyone", "never pinged"),
        ("tell triage outage <!channel>", "never pinged"),
        ("tell triage outage <@&everyone>", "never pinged"),
        ("tell triage outage <@&C1|@everyone>", "never pinged"),
        ("tell triage storm off", "knows no label"),
        ("tell triage outage <@U1> <@U2>", "knows no label"),
        ("limit triage 0", "How many"),
        ("limit triage -5", "How many"),
        ("limit triage 999999999999", "How many"),
        ("limit triage ٣", "How many"),
        ("show", "/rules list"),
        ("remove", "/rules list"),
    ],
)
async def test_what_is_not_understood_is_said(nellie: RunningNellie, line: str, why: str) -> None:
    await rule(nellie)

    with pytest.raises(CommandError, match=why):
        await nellie.run_command(f"rules {line}", admin=True)


async def test_a_channel_has_ten_at_most(nellie: RunningNellie) -> None:
    adding = [nellie.run_command(f"rules add r{n}: a, b", admin=True) for n in range(14)]

    done = await asyncio.gather(*adding, return_exceptions=True)

    assert sum(isinstance(one, CommandError) for one in done) == 4
    assert await nellie.rows("SELECT count(*) FROM rule") == [(10,)]


async def test_it_is_shown_with_its_counts_and_removed_after_asking(
    nellie: RunningNellie,
) -> None:
    await rule(
        nellie, "recap triage weekly friday 16:00 Europe/Berlin", 'tell triage "Bug" <@U1|ana>'
    )
    for text in ("down", "a crash", "another crash", "hm"):
        await nellie.say(BOB, text)
    await look(nellie)
    await nellie.rows("UPDATE rule_label SET at = at - interval '2 days' WHERE label = 'outage'")

    shown = (await nellie.run_command("rules show Triage")).text
    listed = (await nellie.run_command("rules list")).text
    asked = await nellie.run_command("rules remove triage", admin=True)
    await nellie.run_command(f"rules {asked.confirm}", admin=True)

    assert "- bug: 2 today, 2 in all\n- praise: 0 today, 0 in all\n- outage: 0 today, 1 in" in shown
    assert "- (unclear): 1 today, 1 in all" in shown
    assert "bug is told to @ana." in shown
    assert "posted weekly friday 16:00 Europe/Berlin, next at" in shown
    assert " 16:00 Europe/Berlin.\n" in shown
    assert "Today (UTC) 4 of at most 1,000 messages." in shown
    assert listed == "triage: bug, praise, outage; recap weekly friday 16:00 Europe/Berlin."
    assert "4 labels" in asked.text
    assert await nellie.rows("SELECT id FROM rule UNION ALL SELECT rule_id FROM rule_ping") == []
    assert await nellie.rows("SELECT rule_id FROM rule_label") == []


async def test_where_she_only_quotes_it_waits_and_says_so(start_nellie: Start) -> None:
    nellie = await start_nellie(model=Extractive())
    reply = await nellie.run_command("rules add triage: bug, praise", admin=True)
    await nellie.say(BOB, "a crash")

    await look(nellie)

    assert "it waits until I have one" in reply.text
    assert "That needs a language model" in (await nellie.run_command("rules show triage")).text
    assert await labels(nellie) == []
