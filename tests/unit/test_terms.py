"""The terms that messages are found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.terms import (
    TERM_LIMIT,
    WORD_LIMIT,
    extract_query_terms,
    extract_question_terms,
    extract_terms,
    normalize,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vinux: /var/cache/apt/archives", "vinux var cach apt archiv /var/cache/apt/archives"),
        (
            "https://docs.example.org/a/page.html",
            "doc exampl org page html docs.example.org/a/page.html",
        ),
        ("Running runs; packages, packaged!", "run packag"),
        ("Ubuntu 10.04 (v2.6.15-23) at 0x1f", "ubuntu 10.04 2.6.15 23 0x1f"),
        ("bob@example.com", "bob exampl com bob@example.com"),
        ("NELLIE_MODEL", "nelli model"),
        ("odie5533: try w3m", "odie5533 tri w3m"),
        ("file.txt, end of 2005. 3 more", "file txt end 2005 3 file.txt"),
        ("", ""),
        ("that is what it was", ""),
        (" :-) ¯\\_(ツ)_/¯ ", "ツ"),
    ],
)
def test_finds_words_numbers_and_parts_of_paths(text: str, found: str) -> None:
    assert list(extract_terms(text)) == found.split()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("wi-fi", {"wi", "fi", "wifi"}),
        ("e-mail", {"mail", "email"}),
        ("apt-get", {"apt", "get", "aptget"}),
        ("PostgreSQL", {"postgresql", "postgr", "sql"}),
        ("getHTTPResponse", {"gethttprespons", "get", "respons"}),
    ],
)
def test_finds_joined_words_whole_and_in_parts(text: str, found: set[str]) -> None:
    assert extract_terms(text).keys() == found


@pytest.mark.parametrize("text", ["It's", "don’t", "they'll", "WE'RE", "I've", "dont"])
def test_contractions_are_stop_words(text: str) -> None:
    assert extract_terms(text) == {}


def test_an_apostrophe_hides_no_name() -> None:
    assert extract_terms("John's don'ts, rock'n'roll") == {
        "john": 1,
        "don": 1,
        "ts": 1,
        "rock": 1,
        "roll": 1,
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "cafe"),
        ("ＦＵＬＬ", "full"),
        ("e\u0301tude", "étude"),
        ("STRASSE", "straße"),
        ("Ёлка", "елка"),
        ("\u200bzero\u200dwidth\ufeff", "zerowidth"),
        ("مُحَمَّد", "محمد"),
        ("ﾃﾞｰﾀ", "データ"),
    ],
)
def test_the_same_word_written_otherwise_is_the_same_term(one: str, other: str) -> None:
    assert extract_terms(one) == extract_terms(other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("天気がいい。鳥", ["天気", "気が", "がい", "いい", "鳥"]),
        ("ubuntuの設定", ["ubuntu", "の設", "設定"]),
        ("서버로", ["서버", "버로"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
    ],
)
def test_reads_scripts_with_and_without_spaces(text: str, found: list[str]) -> None:
    assert list(extract_terms(text)) == found


def test_counts_what_is_repeated() -> None:
    assert extract_terms("Disk full. Which disk? The disks.") == {"disk": 3, "full": 1}


def test_drops_what_postgres_cannot_store() -> None:
    assert extract_terms("a\0nul \ud800half") == {"nul": 1, "half": 1}


def test_keeps_the_most_frequent_terms_of_a_paste() -> None:
    paste = " ".join(f"word{number}" for number in range(1_000)) + " disk disk"

    found = extract_terms(paste)

    assert len(found) == TERM_LIMIT
    assert found["disk"] == 2
    assert "word0" in found


@pytest.mark.parametrize("unit", ["word ", "a", "aB", "a-", "a's", "漢", "\0", "_", "1.", "\ufdfa"])
def test_reads_a_megabyte(unit: str) -> None:
    assert len(extract_terms(unit * (1_000_000 // len(unit)))) <= TERM_LIMIT


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_gives_terms_that_can_be_stored(text: str) -> None:
    for term, count in extract_terms(text).items():
        assert 0 < len(term) <= WORD_LIMIT
        assert count > 0
        assert "\0" not in term.encode().decode()


@given(st.text(alphabet="abcXYZ09.-_'/ é漢", max_size=60))
def test_a_question_looks_for_what_the_message_is_found_by(text: str) -> None:
    assert extract_question_terms(text).keys() <= extract_terms(text).keys()


@pytest.mark.parametrize(
    ("question", "sought"),
    [
        ("@nellie what did topyli say about the apt archives?", "topyli apt archiv"),
        ("Does anyone remember when the release is due?", "releas due"),
        ("hey nellie, please tell me who knows zope", "zope"),
        ("who said that?", "said"),
    ],
)
def test_a_question_is_freed_of_the_talk_around_it(question: str, sought: str) -> None:
    assert list(extract_question_terms(question)) == sought.split()


@pytest.mark.parametrize(
    ("said", "sought"),
    [
        ("the budget is 1,000 euros", "1000"),
        ("the budget is 1000 euros", "1,000"),
        ("das Budget ist 1.000 Euro", "1000"),
        ("the budget is 1 000 euros", "1000"),
        ("الميزانية ١٠٠٠", "1,000"),
        ("10.000,50 €", "10,000.50"),
        ("1,00,000 rupees", "100000"),
        ("1,5 Liter", "1.5"),
        ("１，０００円", "1000"),
        ("$1,000.00", "1000"),
        ("Ｃ＃", "C#"),
        ("C++17", "C++"),
        ("we write C#", "c#"),
        ("we write C♯", "C#"),
        ("C++17 or C++", "C++"),
        (".NET 8", ".net"),
        ("python 3.11.7", "3.11.7"),
        ("we release v2", "V2"),
        ("it is in /etc/hosts", "/etc/hosts"),
        ("it is in C:\\data\\a.txt", "C:\\data\\a.txt"),
        ("mail Bob@a.example", "bob@a.example"),
        ("2001:db8:0:0::1", "2001:db8::1"),
        ("00-1b-44-11-3a-b7", "00:1b:44:11:3a:b7"),
        ("revert deadbeef", "deadbeef"),
        ("we shipped 🎉", "🎉"),
        ("👍🏽", "👍"),
        ("🇩🇪", "🇩🇪"),
        ("♥", "♥"),
        ("saved as utf-8", "UTF8"),
        ("saved as UTF16", "utf-16"),
        ("by ISO-8601", "iso8601"),
        ("10⁶ rows", "10^6"),
        ("10^-9 seconds", "10⁻⁹"),
        ("2^32 addresses", "2³²"),
    ],
)
def test_what_is_one_as_a_whole_is_found(said: str, sought: str) -> None:
    assert extract_query_terms(sought).keys() & extract_terms(said).keys()


@pytest.mark.parametrize(
    ("said", "sought"),
    [
        ("the router is at 2001:db8::1", "1,000"),
        ("the router is at 2001:db8::1", "2001:db8::2"),
        ("we write C++", "C#"),
        ("we write C", "C++"),
        ("the net is down", ".NET"),
        ("python 3.11.8", "3.11.7"),
        ("2 cakes", "v2"),
        ("mail rob@a.example", "bob@a.example"),
        ("555 123 4567", "555123"),
        ("🇩🇪", "🇫🇷"),
        ("👍", "👎"),
        ("saved as utf8", "utf-16"),
        ("10⁶ rows", "106"),
        ("10⁶ rows", "10^5"),
        ("in 2019¹", "20191"),
    ],
)
def test_what_only_shares_parts_is_not_mixed_up(said: str, sought: str) -> None:
    assert not extract_query_terms(sought).keys() & extract_terms(said).keys()


def test_long_paths_with_the_same_beginning_are_two_terms() -> None:
    path = "/srv/data/projects/2026/archive/reports/"

    assert extract_terms(path + "march.txt").keys() != extract_terms(path + "april.txt").keys()
    assert next(iter(extract_query_terms(path + "march.txt"))) in extract_terms(path + "march.txt")


def test_a_path_is_sought_as_a_whole_first_then_by_its_parts() -> None:
    assert list(extract_question_terms("what is /etc/hosts?")) == ["/etc/hosts", "etc", "host"]


def test_a_greeting_asks_for_nothing() -> None:
    assert extract_question_terms("hi Nellie, good morning!") == {}
    assert extract_question_terms("thanks 🎉") == {}


def test_the_same_question_compares_equal_however_it_is_written() -> None:
    assert normalize("@Nellie:  Where is\nthe disk?") == normalize("where is the disk")
