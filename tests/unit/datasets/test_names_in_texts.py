"""People's names in texts, whatever they are, and what is no name although it looks like one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.datasets.names import Names
from bot.datasets.person import Person
from bot.datasets.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"a key of this test")


def names(*people: tuple[str, str], absent: tuple[str, ...] = ()) -> Names:
    return Names(
        [
            Person(id, name, "someone" if id in absent else f"P{id}", id in absent)
            for id, name in people
        ],
        unknown=PSEUDONYMS.of_name,
    )


TEAM = names(
    ("1", "Ana Vermeulen"),
    ("2", "Will"),
    ("3", "the"),
    ("4", ".*"),
    ("5", "x"),
    ("6", "Иван Петров"),
    ("7", "Seán O'Brien"),
    ("8", "(evil["),
    ("9", ""),
    ("10", "田中"),
    ("11", "Dev Team"),
    ("123456789012345678", "zoe_k"),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ana said so", "P1 said so"),
        ("ask ana vermeulen, or VERMEULEN", "ask P1, or P1"),
        ("Ana's car, Anas Auto", "P1's car, P1 Auto"),
        ("@Ana: yes", "@P1: yes"),
        ("Ивану дали ключ", "P6 дали ключ"),
        ("ask Sean O’Brien", "ask P7"),
        ("O'Brien knows", "O'P7 knows"),
        ("田中さんに聞いて", "P10さんに聞いて"),
        ("I asked Will about it", "I asked P2 about it"),
        ("Will you? It will.", "Will you? It will."),
        ("the x of it: .*", "the x of it: P4"),
        ("@the and @x know", "@P3 and @P5 know"),
        ("(evil[ is here", "(P8[ is here"),
        ("the Dev Team, a dev team", "the P11, a dev team"),
        ("by 123456789012345678", "by P123456789012345678"),
        ("zoe_k and Zoe", "P123456789012345678 and P123456789012345678"),
        ("<@2> and <@!6|Ivan>", "@P2 and @P6"),
        ("Annapurna, banana, Anatomy", "Annapurna, banana, Anatomy"),
        ("Sea\u0301n, sea\u0301n o'brien", "P7, P7"),
        ("A\u200bna, Ver\xadmeu\u2060len, @A\u200bna", "P1, P1, @P1"),
        ("AnaVermeulen, #anavermeulen", "P1, #P1"),
        ("Vermeulen2, vermeulen1985, may2026", "P1, P1, may2026"),
        ("cafe\u0301 au lait, 10\u200b000", "cafe\u0301 au lait, 10\u200b000"),
    ],
)
def test_a_name_is_replaced_where_it_is_one(text: str, shown: str) -> None:
    assert TEAM.replace(text).text == shown


@pytest.mark.parametrize(
    "form", ["Ju\u0308rgen", "j\u200bürgen", "Ju\xadrgen", "JürgenMüller", "Jürgen2", "Ｊürgen"]
)
def test_who_is_absent_is_found_however_the_name_is_encoded(form: str) -> None:
    known = names(("1", "Jürgen Müller-Lüdenscheidt"), absent=("1",))

    replaced = known.replace(f"I believe it is {form} today.")

    assert replaced.names_absent
    assert replaced.text == "I believe it is someone today."


def test_a_name_that_is_encoded_otherwise_is_found() -> None:
    known = names(("1", "Ju\u0308rgen"), absent=("1",))

    assert known.replace("Jürgen was there").names_absent


def test_a_first_name_that_nobody_here_bears_is_replaced_the_same_each_time() -> None:
    first, second = TEAM.replace("Thomas of Acme").text, TEAM.replace("I called Thomas").text

    assert first == f"{PSEUDONYMS.of_name('thomas')} of Acme"
    assert second.endswith(first.split()[0])


def test_a_whole_name_counts_before_a_part_of_another() -> None:
    both = names(("1", "Bob Quill"), ("2", "bob"))

    assert both.replace("bob: ask Bob Quill, or Quill").text == "P2: ask P1, or P1"


def test_a_part_of_who_is_absent_counts_before_a_whole_name() -> None:
    both = names(("1", "Bob Quill"), ("2", "bob"), absent=("1",))

    assert both.replace("ask bob").names_absent


def test_who_is_to_be_absent_is_someone_and_it_is_told() -> None:
    team = names(("1", "Ana Vermeulen"), ("2", "Bob"), absent=("2",))

    assert team.replace("Ana saw it").names_absent is False
    assert team.replace("Ana saw Bobs car") == team.replace("Ana saw Bob car")
    assert team.replace("bob did it").text == "someone did it"
    assert team.replace("bob did it").names_absent
    assert team.replace("<@77> did it").names_absent


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@Mallory Quince has it", True),
        ("ask (@mallory)", True),
        ("@Thomas Quince", True),
        ("@Mallory.", True),
        ("@Ana has it", False),
        ("@everyone @here @Nellie: look", False),
        ("npm i @types/node, @app.route('/'), mail [e-mail] a@b", False),
        ("at 5 @ the office", False),
    ],
)
def test_a_mention_of_nobody_who_is_known_is_told(text: str, told: bool) -> None:
    assert names(("1", "Ana Vermeulen")).replace(text).names_absent is told
    assert Names([], kept=[Person("1", "Ana", "Ana")]).replace(text).names_absent is told


def test_kept_names_stay_and_ids_become_names() -> None:
    team = Names([], kept=[Person("77", "Ana", "Ana")])

    assert team.replace("Ana, thomas and <@77>").text == "Ana, thomas and @Ana"


LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßéñøłабвгдежзиклмнопрстуфхαβγδεζηικλ"
word = st.text(alphabet=LETTERS, min_size=4, max_size=12).map(lambda one: one.capitalize() + "qz")


@given(st.lists(word, min_size=1, max_size=3), st.text(max_size=30), st.text(max_size=30))
def test_no_made_up_name_is_left_in_any_text(parts: list[str], before: str, after: str) -> None:
    name = " ".join(parts)

    replaced = names(("1", name)).replace(f"{before} {name} {after}").text

    assert name.casefold() not in replaced.casefold()


@given(st.text(max_size=40), st.text(max_size=200))
def test_whatever_a_name_is_it_breaks_nothing(name: str, text: str) -> None:
    replaced = names(("1", name)).replace(text)

    assert isinstance(replaced.text, str)
    assert replaced.text.count("\n") == text.count("\n") or not re.search(r"\w", name)


@given(st.text(max_size=200))
def test_where_nobody_is_known_texts_stay_as_they_are(text: str) -> None:
    assert Names([]).replace(text.replace("<@", "")).text == text.replace("<@", "")


def test_two_runs_with_one_key_agree_and_another_key_does_not() -> None:
    one, same, other = Pseudonyms(b"k" * 32), Pseudonyms(b"k" * 32), Pseudonyms(b"o" * 32)

    assert one.of_person("slack", "U1") == same.of_person("slack", "U1")
    assert one.of_person("slack", "U1") != other.of_person("slack", "U1")
    assert one.of_person("slack", "U1") != one.of_person("discord", "U1")


def test_a_thousand_people_have_as_good_as_a_thousand_names() -> None:
    made = {PSEUDONYMS.of_person("slack", f"U{number}") for number in range(1_000)}

    assert len(made) >= 998
    assert all(re.fullmatch(r"[A-Z][a-z]{7}", one) for one in made)
