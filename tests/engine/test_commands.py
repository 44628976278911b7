"""Commands, as a person types them on any platform."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from doubles.house import ANA, BOB, CARL, LINES, SMALL, House, Open
from doubles.model import breaks, says

from bot.archive import JSONL
from bot.commands import HELP
from bot.conversation import Author, Channel
from bot.errors import CommandError, ModelUnavailable, NotAllowed
from bot.schedule import tidy

DIRECT = Channel("stage", "team", "D1", "ana", direct=True)
PLAIN = ["help", "usage", "memory", "memory show", "memory log", "persona", "persona show", "model"]


@pytest.mark.parametrize("line", [*PLAIN, "model show", "catchup", "catchup 2h", "memory search x"])
async def test_every_question_about_an_empty_channel_has_an_answer(house: House, line: str) -> None:
    reply = await house.command(line)

    assert reply.text
    assert reply.private
    assert await house.texts() == []


async def test_help_names_every_command(house: House) -> None:
    reply = await house.command("help")

    assert all(f"/{usage}" in reply.text for usage in HELP)


@pytest.mark.parametrize(
    "line", ["memory what", "persona dance", "model fly", "memory searching x"]
)
async def test_an_unknown_command_says_so(house: House, line: str) -> None:
    with pytest.raises(CommandError, match=f"do not know /{line.partition(' x')[0]}"):
        await house.command(line)


@pytest.mark.parametrize(
    "line",
    [
        "memory search",
        "memory forget",
        "memory forget person",
        "catchup soonish",
        "catchup 3 months",
        "catchup 2026-13-45",
        "persona set",
        "persona set " + "x" * 2_001,
        "model set nothing/known",
        "model set",
    ],
)
async def test_bad_input_is_explained(house: House, line: str) -> None:
    with pytest.raises(CommandError) as caught:
        await house.command(line, admin=True)

    assert 10 < len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "line",
    ["memory {}", "memory search {}", "memory forget {}", "catchup {}", "model set {}", "help {}"],
)
@pytest.mark.parametrize("argument", ["x" * 1_000_000, "y " * 300_000, "\x00\ud83d", "@everyone"])
async def test_no_argument_is_too_much(house: House, line: str, argument: str) -> None:
    await house.say(BOB, "hello")
    try:
        reply = (await house.command(line.format(argument), admin=True)).text
    except CommandError as error:
        reply = str(error)

    assert 0 < len(reply) < 1_500
    assert "@everyone" not in reply


RIGHTS = [
    "memory forget all",
    "memory forget person bob",
    "memory forget topic disk",
    "memory export",
    "persona set x",
]


@pytest.mark.parametrize("line", [*RIGHTS, "persona clear", "model set extractive"])
async def test_what_is_everybodys_needs_rights(open_house: Open, line: str) -> None:
    house = await open_house(admins=("U3",))
    await house.say(BOB, "the disk is red")

    with pytest.raises(NotAllowed, match="Nothing was changed"):
        await house.command(line, ANA)

    assert await house.command(line, ANA, admin=True)
    assert await house.command(line, CARL)
    assert await house.command(line, ANA, channel=DIRECT)


async def test_show_tells_what_is_remembered(open_house: Open) -> None:
    house = await open_house(window_high=400, window_low=100)
    await house.history(*(f"talk number {n} about the harbour" for n in range(60)))
    await house.compact()
    await house.command("memory optout", ANA)

    reply = await house.command("memory show", ANA)

    assert "I remember 60 messages here, since 20" in reply.text
    assert "summarized in 1 block:" in reply.text
    assert "you opted out" in reply.text
    assert "talk number 0" in reply.text


async def test_search_shows_author_time_number_and_link(house: House) -> None:
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    await house.say(BOB, "the backup disk is red\nand old", at=at, link="https://x/1")
    await house.say(CARL, "something else")

    reply = await house.command("memory search disk backup")

    assert reply.text == "#1 [2026-01-02 03:04] bob: the backup disk is red\n| and old https://x/1"


async def test_search_finds_any_of_the_words_and_shows_the_best(house: House) -> None:
    await house.history(*(f"the disk {n} is full" for n in range(30)), "the backup disk is red")

    reply = await house.command("memory search backup disk tape")

    assert reply.text.startswith("#31 ")
    assert len(reply.text.splitlines()) == 10


async def test_nobody_finds_what_was_said_elsewhere(house: House) -> None:
    await house.say(BOB, "the backup disk is red", channel=Channel("stage", "team", "C2"))

    assert "nothing" in (await house.command("memory search backup disk")).text
    assert "nothing" in (await house.command("memory show")).text


async def test_forgetting_asks_first_and_then_forgets(house: House) -> None:
    await house.say(ANA, "mine one")
    await house.say(BOB, "not mine")
    await house.say(ANA, "mine two")

    asked = await house.command("memory forget me", ANA)
    before = await house.texts()
    done = await house.command(f"memory {asked.confirm}", ANA)

    assert "2 messages of yours" in asked.text
    assert len(before) == 3
    assert "2 messages of yours" in done.text
    assert not done.confirm
    assert await house.texts() == ["not mine"]


async def test_words_that_end_in_yes_are_no_confirmation(house: House) -> None:
    await house.say(BOB, "I said yes")

    asked = await house.command("memory forget I said yes", admin=True)

    assert asked.confirm
    assert await house.texts() == ["I said yes"]


async def test_a_confirmation_is_good_for_what_was_shown(house: House) -> None:
    await house.say(ANA, "mine one")
    asked = await house.command("memory forget me", ANA)
    await house.say(ANA, "mine two")

    again = await house.command(f"memory {asked.confirm}", ANA)

    assert "2 messages of yours" in again.text
    assert again.confirm != asked.confirm
    assert len(await house.texts()) == 2


async def test_a_message_is_forgotten_by_its_number(house: House) -> None:
    await house.say(ANA, "one")
    await house.say(BOB, "two")

    with pytest.raises(NotAllowed, match="its author"):
        await house.command("memory forget 2", ANA)
    for author, number in ((BOB, "#2"), (BOB, "1")):
        reply = await house.command(f"memory forget {number}", author, admin=number == "1")
        await house.command(f"memory {reply.confirm}", author, admin=number == "1")

    assert await house.texts() == []


@pytest.mark.parametrize("number", ["99", "0", "#99", "99999999999999999999999", "٣"])
async def test_a_number_that_is_none_is_nothing_to_forget(house: House, number: str) -> None:
    await house.say(ANA, "one")

    reply = await house.command(f"memory forget {number}", ANA, admin=True)

    assert "nothing to forget" in reply.text
    assert await house.texts() == ["one"]


async def test_a_topic_is_forgotten_where_all_its_words_are(house: House) -> None:
    await house.say(BOB, "the backup disk is red")
    await house.say(BOB, "the disk is full")
    await house.say(BOB, "a backup of the disk failed")

    reply = await house.command("memory forget topic backup disk", admin=True)
    await house.command(f"memory {reply.confirm}", admin=True)

    assert "2 messages" in reply.text
    assert await house.texts() == ["the disk is full"]


@pytest.mark.parametrize("name", ["bob", "@Bob", "Robert", "U2", "<@U2>", "<@!U2>", "<@U2|bob>"])
async def test_a_person_is_forgotten_by_a_mention_or_any_name_of_theirs(
    house: House, name: str
) -> None:
    await house.say(BOB, "one")
    await house.say(ANA, "I said bob U2")
    await house.say(Author("U2", "Robert"), "two")

    with pytest.raises(NotAllowed):
        await house.command(f"memory forget person {name}", ANA)
    asked = await house.command(f"memory forget person {name}", ANA, admin=True)
    before = await house.texts()
    await house.command(f"memory {asked.confirm}", ANA, admin=True)

    assert "2 messages of" in asked.text
    assert len(before) == 3
    assert await house.texts() == ["I said bob U2"]


async def test_of_two_people_by_one_name_she_asks_which(house: House) -> None:
    await house.say(BOB, "one")
    await house.say(Author("U9", "BOB"), "two")
    await house.say(Author("U8", "U9"), "three")

    with pytest.raises(CommandError, match=r"U2 \(bob, 1 said\); U9 \(BOB") as caught:
        await house.command("memory forget person bob", admin=True)
    reply = await house.command("memory forget person U9", admin=True)
    await house.command(f"memory {reply.confirm}", admin=True)

    assert "/memory forget person U2" in str(caught.value)
    assert await house.texts() == ["one", "three"]


@pytest.mark.parametrize("name", ["zoe", "nellie", "<@bob>", "@", "x" * 100_000])
async def test_a_person_unknown_here_is_nobody_to_forget(house: House, name: str) -> None:
    await house.ask(BOB, "hello")
    try:
        reply = (await house.command(f"memory forget person {name}", admin=True)).text
    except CommandError as error:
        reply = str(error)

    assert "nothing to forget" in reply or "Forget whom?" in reply
    assert len(await house.texts()) == 2


async def test_everything_is_forgotten_with_its_summaries(open_house: Open) -> None:
    house = await open_house(window_high=400, window_low=100)
    await house.history(*(f"talk number {n} about canary7731" for n in range(60)))
    await house.compact()
    await house.ask(ANA, "canary7731?")

    reply = await house.command("memory forget all", admin=True)
    await house.command(f"memory {reply.confirm}", admin=True)
    await house.engine.compaction.repair(await house.id())

    assert await house.texts() == []
    assert await house.traces("canary7731") == []
    assert "nothing here yet" in (await house.command("memory show")).text


async def test_opting_out_says_what_happens_and_can_be_undone(house: House) -> None:
    out = await house.command("memory optout", BOB)
    again = await house.command("memory optout", BOB)
    back = await house.command("memory optout off", BOB)

    assert "I remember nothing that you say here" in out.text
    assert again.text == out.text
    assert "remember again" in back.text


async def test_the_log_tells_each_compaction(open_house: Open) -> None:
    house = await open_house(window_high=400, window_low=100)
    await house.history(*(f"talk number {n} about the harbour" for n in range(60)))
    await house.compact()

    reply = await house.command("memory log")

    assert "  #1-#" in reply.text
    assert "messages, " in reply.text
    assert reply.text.endswith("tokens, actor")


async def test_summaries_are_rebuilt_by_the_clock(open_house: Open) -> None:
    house = await open_house(**SMALL)
    none = await house.command("memory rebuild", admin=True)
    await house.history(*LINES)
    await house.compact()
    made = await house.engine.summaries.segments(await house.id())
    house.model.plays("compaction", says("- bob: the ships [1]"))

    with pytest.raises(NotAllowed):
        await house.command("memory rebuild")
    reply = await house.command("memory rebuild", admin=True)
    hidden = (await house.command("memory show")).text
    await tidy(house.engine.compaction)

    again = await house.engine.summaries.segments(await house.id())
    shown = (await house.command("memory show")).text
    assert none.text == "I have summarized nothing here yet."
    assert reply.text.startswith(f"I make {len(made)} summar")
    assert "In short" not in hidden
    assert [(one.first, one.last) for one, _ in again] == [(one.first, one.last) for one, _ in made]
    assert "bob: the ships" in shown
    assert "talk number" not in shown
    assert (await house.command("memory log")).text.count(" (rebuilt)") == len(made)


async def test_an_export_can_be_imported_again(house: House, tmp_path: Path) -> None:
    await house.ask(BOB, "where is the\ndisk? @everyone <b>", thread="t1", link="https://x/1")
    await house.say(CARL, "here ✓", reply_to="m1")

    reply = await house.command("memory export", admin=True)

    path = tmp_path / "out.jsonl"
    path.write_text(reply.attachment, encoding="utf-8")
    copy = Channel("stage", "team", "copy")
    read = list(JSONL().read(path, copy))
    await house.engine.remember(house.engine.checked(one) for one in read)  # type: ignore[arg-type]  # no bad lines
    assert reply.text == "3 messages."
    again = await house.command("memory export", admin=True, channel=copy)
    assert again.attachment == reply.attachment
    assert len([json.loads(line) for line in reply.attachment.splitlines()]) == 3


async def test_an_export_that_is_too_long_says_where_to_turn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.commands.EXPORTED", 2)
    await house.history("one", "two", "three")

    with pytest.raises(CommandError, match="nellie export"):
        await house.command("memory export", admin=True)


async def test_a_persona_is_set_shown_used_and_cleared(house: House) -> None:
    said = await house.command("persona set You are\na pirate @everyone.", admin=True)
    shown = await house.command("persona")
    await house.ask(ANA, "hello")
    await house.command("persona clear", admin=True)

    assert not said.private
    assert shown.text.replace("\u200b", "") == "You are\na pirate @everyone."
    assert house.model.prompts[-1].said[0].text.startswith("You are\na pirate")
    assert "general one" in (await house.command("persona show")).text


async def test_a_model_is_chosen_from_the_list(open_house: Open) -> None:
    house = await open_house(models=("extractive", "openai/other"))

    with pytest.raises(CommandError, match="openai/other"):
        await house.command("model set openai/dear", admin=True)
    await house.command("model set openai/other", admin=True)

    assert (await house.command("model")).text.startswith("Answering here: openai/other.")


async def test_usage_tells_calls_and_tokens(house: House) -> None:
    await house.ask(ANA, "hello")

    reply = await house.command("usage")

    assert "answer, actor: 1 call," in reply.text
    assert "(0% cached)" in reply.text


async def test_catching_up_tells_what_was_said_since_one_last_spoke(house: House) -> None:
    then = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
    await house.say(ANA, "good night")
    await house.say(BOB, "the disk is red", at=then, link="https://chat.example/2")
    await house.say(CARL, "no, blue", at=then, link="https://chat.example/3")

    reply = await house.command("catchup", ANA)

    [prompt] = house.model.asked("catchup")
    assert [one.text for one in prompt.source] == ["the disk is red", "no, blue"]
    assert reply.text.splitlines() == [
        "2 messages since 2026-03-01 09:05 UTC:",
        "- bob: the disk is red (09:05) https://chat.example/2",
        "- carl: no, blue (09:05) https://chat.example/3",
    ]
    assert await house.rows("SELECT purpose FROM usage") == [("catchup",)]
    assert len(await house.texts()) == 3


@pytest.mark.parametrize(("when", "count"), [("2h", 1), ("since 3 days", 2), ("today", None)])
async def test_catching_up_since_a_moment(house: House, when: str, count: int | None) -> None:
    now = datetime.now(UTC)
    await house.say(BOB, "old", at=now - timedelta(days=2))
    await house.say(BOB, "older", at=now - timedelta(days=20))
    await house.say(BOB, "new", at=now)

    reply = await house.command(f"catchup {when}", ANA)

    if count:
        assert reply.text.startswith(f"{count} messages")
    assert house.model.asked("catchup")[-1].source[-1].text == "new"


async def test_catching_up_over_days_says_which_and_leaves_out_what_nobody_said(
    house: House,
) -> None:
    await house.say(BOB, "the disk is red", at=datetime(2026, 3, 1, 9, 5, tzinfo=UTC))
    await house.say(CARL, "no, blue", at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC), link="https://x/2")
    house.model.plays("catchup", says("- carl: it is blue [2]\n- carl: call 555-0199 [2]"))

    reply = await house.command("catchup 3650d", ANA)

    assert reply.text.splitlines()[1:] == ["- carl: it is blue (2026-03-02 09:05) https://x/2"]


async def test_a_telling_without_a_word_leaves_an_honest_line(house: House) -> None:
    await house.say(BOB, "the disk is red", link="https://x/1")
    house.model.plays("catchup", says("Hm."))

    reply = await house.command("catchup", ANA)

    assert reply.text.endswith("It could not be summed up; it begins here: https://x/1")


async def test_catching_up_on_a_lot_reads_the_newest_that_fit(open_house: Open) -> None:
    house = await open_house(context_window=2048)
    await house.history(*(f"talk number {n} about the harbour" for n in range(300)))

    reply = await house.command("catchup", ANA)

    [prompt] = house.model.asked("catchup")
    assert "300 messages since" in reply.text
    assert "I read the newest" in reply.text
    assert prompt.source[-1].text == "talk number 299 about the harbour"
    assert prompt.tokens * 1.35 + prompt.max_output <= 2048


async def test_catching_up_without_a_model_says_so(house: House) -> None:
    await house.say(BOB, "the disk is red")
    house.model.plays("catchup", breaks(ModelUnavailable(model="m", reason="gone")))

    with pytest.raises(CommandError, match="cannot be reached: gone"):
        await house.command("catchup", ANA)

    assert len(await house.rows("SELECT * FROM usage")) == 1


async def test_a_telling_pings_nobody(house: House) -> None:
    await house.say(BOB, "the disk is red")
    house.model.plays("catchup", says("- @every", "one: red\x00"))

    reply = await house.command("catchup", ANA)

    assert "@everyone" not in reply.text
    assert "\x00" not in reply.text


async def test_no_command_is_remembered(house: House) -> None:
    await house.say(BOB, "hello")
    for line in PLAIN:
        await house.command(line, Author("U9", "canary7731"))

    assert await house.traces("canary7731") == []
    assert len(await house.texts()) == 1


async def test_every_message_with_the_words_is_forgotten_however_many(house: House) -> None:
    await house.history(*(f"canary7731 number {n}" for n in range(60)))

    reply = await house.command("memory forget canary7731", admin=True)
    await house.command(f"memory {reply.confirm}", admin=True)

    assert "60 messages" in reply.text
    assert await house.traces("canary7731") == []
