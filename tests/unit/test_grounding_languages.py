"""Summaries in many languages: what is true is kept, what was made up is left out, by value."""

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.errors import NellieError
from bot.domain.model import Author, Channel, Message
from bot.memory.grounding import Evidence
from bot.memory.summary_parsing import parse_summary
from bot.prompting.summary_prompt import SUMMARY_LIMIT

TABLES = sorted((Path(__file__).parent / "grounding").glob("*.txt"))
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
MOST_KEPT, MOST_CAUGHT, FEWEST = 0.95, 0.90, 30


def say(text: str, author: str = "ana", at: datetime = MONDAY) -> Message:
    return Message(Channel("stage", "team", "C1"), "1", Author("U1", author), text, at, seq=1)


def is_kept(statement: str, said: Message) -> bool:
    try:
        return bool(
            parse_summary(f"- {statement} [1]", [said], limit=SUMMARY_LIMIT, model="m").statements
        )
    except NellieError:
        return False


def flag(said: str, told: str, author: str = "ana") -> str | None:
    block = [say(said, author)]
    return Evidence.from_messages(block).find_unfounded(f"{author}: {told}", block)


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_in_each_language_true_statements_are_kept_and_made_up_ones_are_not(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [line.split(" | ") for line in table.read_text("utf-8").splitlines()]
    lost, passed, kinds = [], [], Counter[str]()
    for author, text, true, made_up in rows:
        said = say(text, author)
        if not is_kept(true, said):
            lost.append(true)
        if is_kept(made_up, said):
            passed.append(made_up)
        else:
            bare = made_up.removeprefix("decision: ").removeprefix("question: ")
            kinds[Evidence.from_messages([said]).find_unfounded(bare, [said]) or "none"] += 1

    kept, caught = 1 - len(lost) / len(rows), 1 - len(passed) / len(rows)
    shares = f"{table.stem}: {len(rows)} each, {kept:.1%} kept, {caught:.1%} caught, {dict(kinds)}"
    with capsys.disabled():
        sys.stdout.write(f"\n{shares}")

    assert len(rows) >= FEWEST
    assert kept >= MOST_KEPT, lost
    assert caught >= MOST_CAUGHT, passed
    assert {"number", "date", "name"} <= kinds.keys()


def test_there_are_tables_for_ten_languages_and_more() -> None:
    assert len(TABLES) >= 16


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("it costs 1,000", "it costs 1.000"),
        ("it costs 1 000", "it costs 1000"),
        ("it costs ١٠٠٠", "it costs 1,000"),
        ("three of them", "3 of them"),
        ("5k users", "5,000 users"),
        ("the db is 2001:db8:0:0:0:0:0:1", "the db is 2001:DB8::1"),
        ("we meet at the café", "we meet at the Cafe"),
        ("commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "commit 9fceb02d"),
        ("see https://a.example/x/", "see a.example/x."),
        ("at 2:30 pm", "at 14:30"),
        ("ask the dbas", "ask the DBAs"),
        ("open a pull request", "a PR is to be opened"),
        ("k8s is down", "the Kubernetes is down"),
        ("редис упал", "Redis is down, says ana"),
        ("use `git rebase -i`", "use `rebase -i`"),
    ],
)
def test_the_same_value_written_otherwise_is_the_same(said: str, told: str) -> None:
    assert flag(said, told) is None


@given(
    st.text(min_size=1, max_size=60)
    | st.lists(
        st.sampled_from([*"0123456789:./-,'²½⅓①٣五万k€%@#a \ue000", "10:30", "https://a.b", "db4"]),
        min_size=1,
        max_size=12,
    ).map("".join)
)
@example("1²")
@example("B2¼")
@example("5 mln. is 0K.")
def test_what_was_said_word_for_word_is_believed(text: str) -> None:
    assert flag(" ".join(text.split()), " ".join(text.split())) is None


def test_a_quote_that_is_cut_short_is_no_quote() -> None:
    assert flag("it costs 1234.5", "it costs 1234") == "number"
    assert flag("see https://a.example/abc", "see https://a.example") is None  # its site
    assert flag("the db is at 10.0.0.12", "the db is at 10.0.0") is not None


@pytest.mark.parametrize(
    ("said", "told", "kind"),
    [
        ("the db is at 10.0.0.12", "the db is at 10.0.0.1", "address"),
        ("the db is at fd00::12", "the db is at fd00::1", "address"),
        ("the printer is 00:1b:44:11:3a:b7", "it is 00:1b:44:11:3a:b8", "address"),
        ("mail bob-rob@a.example", "mail rob@a.example", "address"),
        ("see https://a.example/abc", "see https://a.example/a", "link"),
        ("see notevil.example", "see evil.example", "link"),
        ("see readme.md", "see license.md", "link"),
        ("it is in /etc/hosts", "it is in /etc/host", "code"),
        ("it is in C:\\data\\a", "it is in C:\\data\\b", "code"),
        ("the farm is big", "run `rm`", "code"),
        ("revert deadbeef", "revert feedface", "code"),
        ("ticket A-12", "ticket A-1", "code"),
        ("use C++", "use C#", "code"),
        ("python 3.11.7", "python 3.11.17", "number"),
        ("2.5 GB", "5 GB", "number"),
        ("it costs 10,000", "it costs 1,000", "number"),
        ("due on Friday", "due on Tuesday", "date"),
        ("due on 15 March", "due on 16 March", "date"),
        ("due in March", "due in September", "date"),
        ("@bobby please", "@bob please", "name"),
        ("ask bob about it", "ask zeynep about it", "name"),
        ("ask bob", "ask l'Oréal and d'Artagnan", "name"),
        ("it works", "Mallory made it work", "name"),
    ],
)
def test_what_only_looks_alike_is_flagged_by_its_kind(said: str, told: str, kind: str) -> None:
    assert flag(said, told) == kind


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("we ship the day after tomorrow", "2026-03-04"),
        ("we ship in two weeks", "2026-03-16"),
        ("due March 15", "2026-03-15"),
        ("due on the 15th", "2026-03-15"),
        ("due 3/15", "15 March"),
        ("am 15.3.2026 fertig", "March 15th, 2026"),
        ("next Friday", "2026-03-13"),
        ("next Friday", "2026-03-06"),
        ("it broke on Friday", "2026-02-27"),
        ("a week from Friday", "2026-03-13"),
        ("at the end of the month", "2026-03-31"),
        ("nächsten Freitag", "2026-03-13"),
        ("через неделю", "2026-03-09"),
        ("avant-hier", "2026-02-28"),
        ("3日後に", "2026-03-05"),
        ("모레", "2026-03-04"),
        ("بعد ثلاثة أيام", "2026-03-05"),
    ],
)
def test_a_right_date_is_kept_whichever_way_it_was_said(said: str, told: str) -> None:
    assert flag(said, f"on {told}") is None
    assert flag(said, "on 2026-07-19") == "date"


@pytest.mark.parametrize(
    ("lead", "kept"),
    [("Decision", True), ("Frage", True), ("Решение", True), ("結論", True), ("bob", False)],
)
def test_a_label_is_nobodys_name(lead: str, kept: bool) -> None:
    block = [say("we take lemons")]

    assert (
        Evidence.from_messages(block).find_unfounded(f"{lead}: ana: we take lemons", block) is None
    ) is kept


@given(st.text(max_size=300), st.text(max_size=300), st.datetimes(timezones=st.just(UTC)))
def test_no_text_is_too_odd(said: str, told: str, at: datetime) -> None:
    block = [say(said, at=at)]

    Evidence.from_messages(block).find_unfounded(told, block)


@given(st.text(alphabet="abcdefgh ıİßéёΣתش漢ありहिक가123٣", max_size=60))
def test_what_is_repeated_word_for_word_is_believed(text: str) -> None:
    block = [say(text)]

    assert Evidence.from_messages(block).find_unfounded(text, block) is None


UNITS = ["1.", "a.", "a:", ":", "--", "a/", "a-b-", "1:", "a@", "Ab ", "in 3 ", "3 ", "漢", "さん"]


@pytest.mark.parametrize("unit", UNITS)
def test_no_hostile_text_takes_for_ever(unit: str) -> None:
    text = unit * (8_000 // len(unit))
    block = [say(text)]

    Evidence.from_messages(block).find_unfounded(text[:2_000], block)
