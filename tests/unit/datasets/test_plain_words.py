"""Texts of plain words are not looked through, and nothing is missed by that."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.datasets import plain_words
from bot.datasets.anonymizing import Anonymizer, People
from bot.datasets.plain_words import PlainWords
from bot.datasets.pseudonyms import Pseudonyms
from bot.datasets.scrubbing import Scrubber
from bot.domain.training import WhoWrote

TEAM = ("Ana Vermeulen", "Will", "the", ".*", "Иван Петров", "Seán O'Brien", "李雷", "Dev Team")
PIECES = st.sampled_from((
    *TEAM, "ana", "Ивану", "O’Brien,", "(李雷說)", ".*", "Thomas", "will", "dev", "<@2>", "<@2|Ana",
    "V>", "@nobody", "x@y.example", "+49 170", "1234567", "+1 (212) 456-7890", "password:",
    "hunter2!", "=", "API_KEY=abcdefgh", "ghp_0bcdefghijkLmnopqrstUvwxyz0123456789",
    "-----BEGIN RSA PRIVATE KEY-----", "postgres://app:s3cret@db", "it", "is", "fine", "deploys",
    "naïve", "ΟΔΟΣ", "İ", "kEy", "🙂",
))  # fmt: skip
GAPS = st.sampled_from((" ", "\n", "", "\xa0", "\u2028", "\x1c", "-", ".", "\t"))


async def everybody() -> AsyncIterator[WhoWrote]:
    for number, name in enumerate(TEAM):
        yield WhoWrote("slack", str(number), name, name == "Will")


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber()


@pytest.fixture
async def people() -> People:
    people = People(Pseudonyms(b"a key of this test"), keep_names=False)
    await people.read(everybody())
    return people


async def test_a_text_is_shown_as_if_all_of_it_had_been_looked_through(
    people: People, scrubber: Scrubber
) -> None:
    shown = Anonymizer(people, scrubber, line_limit=64)

    @given(st.lists(st.tuples(PIECES, GAPS), max_size=12))
    def same(pieces: list[tuple[str, str]]) -> None:
        text = "".join(part for piece in pieces for part in piece)
        whole = people.names("slack").replace(scrubber.scrub(text))
        assert shown.text(text, "slack") == whole

    same()


def test_a_word_is_looked_at_once_and_what_is_not_plain_each_time() -> None:
    looked = list[str]()
    words = PlainWords(lambda word: looked.append(word) is None and word != "Ana")

    told = [words.make_up(text) for text in ("it is so", "is it", "it is Ana", "Ana", "")]

    assert told == [True, True, False, False, True]
    assert looked == ["it", "is", "so", "Ana", "Ana"]


def test_no_more_words_are_remembered_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plain_words, "KEPT", 10)
    words = PlainWords(str.isalpha)

    assert all(words.make_up("a" * size) for size in range(1, 100))
    assert len(words._known) <= 10
