"""/classify: a text is sorted into labels that are given, or that the channel keeps."""

import asyncio
import json
import re
import time

import pytest
from doubles.start_nellie import Start

from bot.domain.errors import CommandError, ModelUnavailable, NotAllowed
from bot.domain.model import Author, Channel, Prompt
from bot.llm.extractive import Extractive
from bot.testing import ANA, BOB, GENERAL, RunningNellie
from bot.testing.running_nellie import new_message
from bot.testing.scripted_model import Script, Steps, breaks, says

ELSEWHERE = Channel("fake", "team", "C9", "elsewhere")


def labels(label: str, confidence: float = 0.9) -> Script:
    return says(json.dumps({"label": label, "confidence": confidence}))


def by_first_word(prompt: Prompt) -> Steps:
    """Sorts each text of a prompt into its first word."""
    words = re.findall(r"^\| (\w+)", prompt.messages[1].text, re.MULTILINE)
    found = [{"label": word, "confidence": 1} for word in words]
    numbered = {str(number): one for number, one in enumerate(found, start=1)}
    return says(json.dumps(found[0] if len(found) == 1 else numbered))(prompt)


def shown(nellie: RunningNellie) -> str:
    """What the model was given last, as data."""
    return str(nellie.model.prompts[-1].messages[1].text)


async def keep(nellie: RunningNellie, *commands: str) -> None:
    """People with rights keep labels and examples."""
    for command in commands:
        await nellie.run_command(f"classify {command}", admin=True)


async def test_sorts_a_text_into_labels_that_are_given(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels("bug"))

    reply = await nellie.run_command("classify bug, praise: it: crashes")

    assert reply.text == "bug (90% sure, as the model says)."
    assert reply.private
    assert "| it: crashes" in shown(nellie)
    assert await nellie.texts() == []


@pytest.mark.parametrize("mark", ["--public", "—public"])
async def test_an_answer_is_public_where_that_is_asked(nellie: RunningNellie, mark: str) -> None:
    nellie.model.follow("task", labels("bug"))

    reply = await nellie.run_command(f"classify {mark} bug, praise: it crashes")

    assert not reply.private


async def test_says_that_none_fits(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels("none", 0.5))

    reply = await nellie.run_command("classify bug, praise: hello")

    assert reply.text == "None of bug, praise (50% sure, as the model says)."


async def test_says_that_the_model_answers_rubbish(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says("rubbish @everyone"))

    reply = await nellie.run_command("classify bug, praise: hello")

    assert reply.text == "I cannot tell: what the model answered was no label, twice."


async def test_takes_examples_that_are_given(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels("bug"))

    await nellie.run_command('classify bug, praise [bug = "no; not"; praise = ok]: it crashes')

    assert '| no; not\n= "bug"\n\n| ok\n= "praise"' in shown(nellie)


async def test_sorts_the_message_that_a_menu_was_opened_at(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels("bug"))

    reply = await nellie.run_command("classify bug, praise", about=new_message(BOB, "it crashes"))

    assert reply.text.startswith("bug")
    assert "| it crashes" in shown(nellie)


async def test_sorts_many_messages_and_counts_them(nellie: RunningNellie) -> None:
    nellie.model.follow("task", by_first_word)
    for text in ("bug one", "praise two", "bug three", "none four"):
        await nellie.say(BOB, text)

    reply = await nellie.run_command("classify bug, praise: 2h")

    assert reply.text.startswith("4 messages since ")
    assert reply.text.endswith(": 2 bug, 1 praise, and 1 I cannot tell. I read all of them.")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("classify", "Which labels"),
        ("classify --public", "Which labels"),
        ("classify bug: it crashes", 'at least two labels.*No labels are kept here as "bug"'),
        ("classify bug, bug: it crashes", "twice"),
        ("classify bug, praise [bug = x; praise = x]: y", "already"),
        ("classify bug, praise [x = x]: y", "none of the labels"),
        (f"classify {', '.join(f'l{n}' for n in range(500))}: x", "at most 100"),
        (f"classify {'x' * 1_000_000}", "too long"),
        ("classify set", "Which set of labels"),
        ("classify set kinds", "at least two"),
        ("classify set set bug, praise", "no name for a set"),
        ("classify set theory, algebra: x", "no name for a set"),
        ("classify add kinds", "no labels named kinds"),
        ("classify show kinds", "no labels named kinds"),
        ("classify remove kinds 1", "no labels named kinds"),
    ],
)
async def test_says_what_is_wrong(nellie: RunningNellie, line: str, why: str) -> None:
    with pytest.raises(CommandError, match=why) as caught:
        await nellie.run_command(line, admin=True)

    assert len(str(caught.value)) < 400
    assert nellie.model.prompts == []
    assert await nellie.rows("SELECT name FROM channel") == []


async def test_a_text_of_a_megabyte_is_read_in_part(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels("bug"))

    reply = await nellie.run_command(f"classify bug, praise: {'it crashes ' * 90_000}")

    assert "I read only its beginning" in reply.text


async def test_others_go_on_while_a_megabyte_of_odd_signs_is_read(nellie: RunningNellie) -> None:
    pauses, begun = [0.0], time.perf_counter()
    asked = asyncio.create_task(nellie.run_command("classify a, b: " + "\u200b" * 999_000))
    while not asked.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        pauses.append(time.perf_counter() - before)

    with pytest.raises(CommandError, match="Nothing was said"):
        await asked
    assert max(pauses) < 0.7 * (time.perf_counter() - begun)


async def test_keeps_labels_and_examples_and_uses_them(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels("bug"))
    await keep(
        nellie, "set Kinds bug, praise", "add kinds Bug: it: crashes", "add kinds praise: ok"
    )

    listed = await nellie.run_command("classify list")
    shown_set = await nellie.run_command("classify show KINDS")
    reply = await nellie.run_command("classify kinds: it burns")

    assert listed.text == "kinds: bug, praise (2 examples)"
    lines = shown_set.text.splitlines()
    assert re.fullmatch(r'\d+\. bug = "it: crashes"', lines[1])
    assert shown_set.private
    assert reply.text.startswith("bug")
    assert '| it: crashes\n= "bug"' in shown(nellie)
    assert "| it burns" in shown(nellie)


async def test_a_kept_set_takes_further_examples_that_do_not_contradict(
    nellie: RunningNellie,
) -> None:
    nellie.model.follow("task", labels("bug"))
    await keep(nellie, "set kinds bug, praise", "add kinds bug: it crashes")

    await nellie.run_command("classify kinds [praise = ok]: x")

    assert '| ok\n= "praise"' in shown(nellie)
    with pytest.raises(CommandError, match="already"):
        await nellie.run_command("classify kinds [praise = It crashes]: x")


async def test_a_text_is_no_example_of_two_labels(nellie: RunningNellie) -> None:
    await keep(nellie, "set kinds bug, praise", "add kinds bug: it crashes")

    with pytest.raises(CommandError, match='"It  crashes" is an example of "bug" already'):
        await keep(nellie, "add kinds praise: It  crashes")
    again = await nellie.run_command("classify add kinds bug: it crashes", admin=True)

    assert again.text == 'That is an example of "bug" already.'
    assert await nellie.rows("SELECT label FROM label_example") == [("bug",)]


async def test_other_labels_let_go_of_examples_of_those_that_are_gone(
    nellie: RunningNellie,
) -> None:
    await keep(nellie, "set kinds bug, praise", "add kinds bug: a", "add kinds praise: b")

    reply = await nellie.run_command("classify set kinds bug, question", admin=True)

    assert "1 example of other labels went" in reply.text
    assert await nellie.rows("SELECT label, text FROM label_example") == [("bug", "a")]


@pytest.mark.parametrize("which", ["{arabic}", "²", "b", "{number} yes-2", "9" * 30])
async def test_what_is_no_number_of_an_example_removes_nothing(
    nellie: RunningNellie, which: str
) -> None:
    await keep(nellie, "set kinds bug, praise", "add kinds bug: a", "add kinds praise: b")
    [(number,)] = await nellie.rows("SELECT id FROM label_example WHERE text = 'a'")
    arabic = str(number).translate({ord("0") + n: chr(0x660 + n) for n in range(10)})

    with pytest.raises(CommandError, match="kinds has no example"):
        await keep(nellie, f"remove kinds {which.format(arabic=arabic, number=number)}")

    assert await nellie.rows("SELECT count(*) FROM label_example") == [(2,)]


async def test_removes_an_example_and_a_set(nellie: RunningNellie) -> None:
    await keep(nellie, "set kinds bug, praise", "add kinds bug: a", "add kinds praise: b")
    [(number,)] = await nellie.rows("SELECT id FROM label_example WHERE text = 'a'")

    await keep(nellie, f"remove kinds {number}")
    with pytest.raises(CommandError, match="has no example"):
        await keep(nellie, f"remove kinds {number}")
    asked = await nellie.run_command("classify remove kinds", admin=True)
    before = await nellie.rows("SELECT text FROM label_example")
    reply = await nellie.run_command(f"classify {asked.confirm}", admin=True)

    assert asked.text == "Let go of kinds with 1 example?"
    assert before == [("b",)]
    assert reply.text == "kinds is gone."
    assert await nellie.rows("SELECT text FROM label_example") == []
    assert "No labels are kept" in (await nellie.run_command("classify list")).text


@pytest.mark.parametrize(
    "line", ["set kinds a, b", "add kinds bug: x", "remove kinds", "remove kinds 1"]
)
async def test_keeping_needs_rights(nellie: RunningNellie, line: str) -> None:
    await keep(nellie, "set kinds bug, praise")

    with pytest.raises(NotAllowed):
        await nellie.run_command(f"classify {line}", BOB)


async def test_a_set_is_of_its_channel(nellie: RunningNellie) -> None:
    await keep(nellie, "set kinds bug, praise", "add kinds bug: canary7731")

    with pytest.raises(CommandError, match="at least two"):
        await nellie.run_command("classify kinds: x", channel=ELSEWHERE)
    assert "No labels" in (await nellie.run_command("classify list", channel=ELSEWHERE)).text


async def test_there_are_so_many_sets_and_examples_at_most(nellie: RunningNellie) -> None:
    await keep(nellie, *[f"set kinds{number} bug, praise" for number in range(20)])
    with pytest.raises(CommandError, match="at most 20 sets"):
        await keep(nellie, "set more bug, praise")
    await keep(nellie, "set kinds1 bug, question")
    await nellie.rows(
        "INSERT INTO label_example (channel_id, name, label, text, hash, author_id, added_by)"
        " SELECT channel_id, name, 'bug', n, n, 'U1', 'U1'"
        " FROM label_set, generate_series(1, 200) n WHERE name = 'kinds1'"
    )

    with pytest.raises(CommandError, match="200 examples"):
        await keep(nellie, "add kinds1 bug: x")
    listing = (await nellie.run_command("classify show kinds1")).text
    assert "(160 older examples more)" in listing


async def test_a_message_becomes_an_example_by_its_menu(nellie: RunningNellie) -> None:
    await keep(nellie, "set kinds bug, praise")
    message = new_message(BOB, "it crashes")
    await nellie.parts.inbox.receive(message)

    await nellie.run_command("classify add kinds bug", admin=True, about=message)

    rows = await nellie.rows("SELECT text, author_id, added_by, seq FROM label_example")
    assert rows == [("it crashes", BOB.id, ANA.id, 1)]


async def test_a_message_that_is_not_remembered_becomes_no_example(nellie: RunningNellie) -> None:
    await keep(nellie, "set kinds bug, praise")
    about = new_message(BOB, "it crashes")

    with pytest.raises(CommandError, match="do not remember"):
        await nellie.run_command("classify add kinds bug", admin=True, about=about)


@pytest.mark.parametrize("how", ["forgotten", "edited", "deleted"])
async def test_an_example_goes_with_its_message(nellie: RunningNellie, how: str) -> None:
    await keep(nellie, "set kinds bug, praise", "add kinds bug: stays")
    message = new_message(BOB, "canary7731 crashes")
    await nellie.parts.inbox.receive(message)
    await nellie.run_command("classify add kinds bug", admin=True, about=message)

    if how == "forgotten":
        asked = await nellie.run_command("memory forget 1", BOB)
        if asked.confirm:
            await nellie.run_command(f"memory {asked.confirm}", BOB)
    elif how == "edited":
        await nellie.parts.inbox.edited(GENERAL, message.id, "other words")
    else:
        await nellie.parts.inbox.deleted(GENERAL, message.id)

    assert await nellie.rows("SELECT text FROM label_example") == [("stays",)]
    assert await nellie.find_traces("canary7731") == []


@pytest.mark.parametrize("how", ["memory forget me", "memory optout", "memory forget all"])
async def test_examples_go_with_whose_words_they_are_and_who_added_them(
    nellie: RunningNellie, how: str
) -> None:
    await keep(nellie, "set kinds bug, praise")
    await nellie.run_command("classify add kinds bug: canary7731", BOB, admin=True)
    await nellie.run_command("classify add kinds praise: ok", ANA, admin=True)

    asked = await nellie.run_command(how, BOB, admin=True)
    if asked.confirm:
        await nellie.run_command(f"memory {asked.confirm}", BOB, admin=True)

    left = [] if how.endswith("all") else [("ok",)]
    assert await nellie.rows("SELECT text FROM label_example") == left
    assert await nellie.find_traces("canary7731") == []


async def test_nothing_is_kept_of_who_has_opted_out(nellie: RunningNellie) -> None:
    await keep(nellie, "set kinds bug, praise")
    await nellie.run_command("memory optout", BOB)

    with pytest.raises(CommandError, match="opted out"):
        await nellie.run_command("classify add kinds bug: canary7731", BOB, admin=True)

    assert await nellie.find_traces("canary7731") == []


async def test_the_call_makes_the_row_of_a_channel(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels("bug"))

    await nellie.run_command("classify bug, praise: x", channel=ELSEWHERE)

    assert await nellie.rows(
        "SELECT c.name, u.purpose, u.author_id FROM usage u JOIN channel c ON c.id = u.channel_id"
    ) == [("elsewhere", "task", ANA.id)]


async def test_what_only_quotes_says_that_it_needs_a_model(start_nellie: Start) -> None:
    nellie = await start_nellie(model=Extractive())

    with pytest.raises(CommandError, match="needs a language model"):
        await nellie.run_command("classify bug, praise: x")
    await keep(nellie, "set kinds bug, praise")


async def test_a_model_that_is_away_is_said(nellie: RunningNellie) -> None:
    nellie.model.follow("task", breaks(ModelUnavailable(model="scripted", reason="away")))

    with pytest.raises(CommandError, match=r"could not sort it.*away"):
        await nellie.run_command("classify bug, praise: x")


async def test_who_may_not_read_the_channel_learns_nothing_of_it(nellie: RunningNellie) -> None:
    await keep(nellie, "set kinds bug, praise", "add kinds bug: canary7731")

    for line in ("classify show kinds", "classify kinds: x", "sentiment 2h", "extract a: 2h"):
        with pytest.raises(CommandError, match="not for you"):
            await nellie.run_command(line, Author("U9", "eve"), refusal="That is not for you.")


async def test_a_label_pings_nobody(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels("@everyone"))

    reply = await nellie.run_command("classify @everyone, <!channel>: x")

    assert "@everyone" not in reply.text
