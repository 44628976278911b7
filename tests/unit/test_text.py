"""Cleaning, splitting, fencing and defusing of text."""

import re
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.chunking import close_fence, split, split_first, truncate
from bot.text.graphemes import UTF_16, find_boundary
from bot.text.sanitize import clean, defuse, take_stable

WORDS = ("word ", "a", "  indented", ". ", "。", "—é", "e\u0301", "x" * 70, "👩\u200d💻")
GAPS = (" ", "\t", "\n", "\n\n")
FENCES = ("`` ", "``` ", "```py\n", "\n```\n", "````\n")
MASS_PINGS = ("@everyone", "@here", "@channel", "@Here", "<!channel>", "<!here>", "<!everyone>")
PINGS = ("<!subteam^S1>", "<!subteam^S1|@team>", "<@U123>", "<@!123>", "<@&123>", "<@U1|bob>")
ANSWERS = st.lists(st.sampled_from(WORDS + GAPS + FENCES), max_size=60).map("".join)


def bare(text: str) -> str:
    """What stays when whitespace and fences, the repaired ones too, are taken away."""
    return re.sub(r"\s|`", "", text.replace("```py", ""))


@given(ANSWERS, st.integers(50, 120))
@example("```py\n" + "x" * 200 + "\n```", 50)
@example("`" * 300, 50)
@example("intro\n```py\n" + "\n" * 200 + "x\n```", 50)
def test_pieces_fit_stand_alone_and_lose_nothing(text: str, limit: int) -> None:
    pieces = split(text, limit)

    assert all(0 < len(piece) <= limit for piece in pieces)
    assert all(close_fence(piece) == piece for piece in pieces)
    assert bare("".join(pieces)) == bare(text)


@given(st.text(alphabet=st.characters(exclude_characters="`")), st.integers(50, 99))
def test_any_text_without_fences_comes_back_whole(text: str, limit: int) -> None:
    pieces = split(text, limit)

    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(max_size=50))
def test_a_short_text_is_one_piece(text: str) -> None:
    assert len(split(text.replace("`", ""), 50)) == bool(text.replace("`", "").strip())


@pytest.mark.parametrize("separator", ["\n\n", "\n", ". "])
def test_cuts_at_the_best_place(separator: str) -> None:
    first, second = "to be read " * 4 + "first", "then the other " * 3

    pieces = split(first + separator + second, 70)

    assert pieces[0] == (first + separator).rstrip()


def test_cuts_between_words_else() -> None:
    assert split("word " * 30, 54)[0] == ("word " * 10).rstrip()


def test_keeps_a_long_word_whole_where_it_can() -> None:
    link = "https://example.com/" + "a" * 60

    assert split(f"See {link}", 80) == ["See", link]


def test_a_cut_fence_is_closed_and_reopened_with_its_language() -> None:
    code = "\n".join(f"print({number})" for number in range(8))

    pieces = split(f"```python\n{code}\n```\nDone.", 60)

    assert pieces[0].startswith("```python\nprint(0)")
    assert pieces[0].endswith("\n```")
    assert pieces[1].startswith("```python\nprint(")
    assert pieces[-1].endswith("```\nDone.")


def test_code_keeps_its_indentation_across_a_cut() -> None:
    pieces = split("```\nif ready:\n" + "    go_on()\n" * 6 + "```", 60)

    assert all(piece.startswith("```\n    go_on()") for piece in pieces[1:])


def test_no_piece_holds_an_empty_code_block() -> None:
    text = "An introduction of some length.\n```py\n" + "y" * 43 + "\n```\nThe end, at last."

    pieces = split(text, 60)

    assert pieces[0] == "An introduction of some length."
    assert not any(re.search(r"```(py)?\s*```", piece) for piece in pieces)


@pytest.mark.parametrize(
    "character",
    [
        "🇧🇷",  # a flag of two letters
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # and one of tags
        "👩🏽\u200d💻",
        "👩\u200d👩\u200d👧\u200d👦",
        "👍🏿",
        "❤️\u200d🔥",
        "7️⃣",
        "e\u0301\u0323",
        "क्षि",
        "각",
    ],
)
@pytest.mark.parametrize("before", ["", "x", "xy"])
def test_what_people_see_as_one_character_is_never_cut_in_half(character: str, before: str) -> None:
    for pieces in (
        split(before + character * 400, 100),
        split(before + character * 400, 99, UTF_16),
    ):
        assert len(pieces) > 3
        assert all(piece.removeprefix(before).replace(character, "") == "" for piece in pieces)
    assert truncate(character * 400, 100).removesuffix("…").replace(character, "") == ""


@pytest.mark.parametrize("text", ["😀" * 900, "🇧🇷 " * 400, "plain words " * 100, "𝔘nicode " * 200])
def test_a_piece_is_no_longer_than_the_limit_however_a_platform_counts(text: str) -> None:
    pieces = split(text, 100, UTF_16)

    assert max(map(len, pieces)) <= 100  # code points
    assert max(len(piece.encode("utf-16-le")) // 2 for piece in pieces) <= 100


def test_an_accent_on_a_space_stays_with_it() -> None:
    assert "".join(split("word " * 9 + "a \u0301" + "b" * 60, 50)).count(" \u0301") == 1


def test_a_character_that_goes_on_and_on_is_cut_all_the_same() -> None:
    pieces = split("e" + "\u0301" * 400, 100)

    assert "".join(pieces) == "e" + "\u0301" * 400
    assert max(map(len, pieces)) <= 100


@pytest.mark.parametrize("fence", ["````", "``````", "~~~", "~~~~~"])
@pytest.mark.parametrize("language", ["", "md"])
def test_every_kind_of_fence_is_closed_and_reopened_as_what_it_is(
    fence: str, language: str
) -> None:
    code = "\n".join(f"```py\nprint({number})\n```" for number in range(15))

    pieces = split(f"See:\n\n{fence}{language}\n{code}\n{fence}\nDone.", 90)

    assert len(pieces) > 3
    for piece in pieces[1:-1]:
        assert piece.startswith(f"{fence}{language}\n")
        assert piece.endswith(f"\n{fence}")
    assert pieces[-1].endswith("Done.")
    assert [line for piece in pieces for line in piece.splitlines() if "print" in line] == [
        f"print({number})" for number in range(15)
    ]


@pytest.mark.parametrize("text", ["a ~~~ b", "~~~~ is no fence here: ~~~", "~~struck~~"])
def test_tildes_within_a_line_are_no_fence(text: str) -> None:
    assert close_fence(f"so {text}") == f"so {text}"


def test_the_first_piece_says_what_reopens_its_fence() -> None:
    text = "~~~sh\n" + "echo hello\n" * 20 + "~~~"

    first, reopened, rest = split_first(text, 80, UTF_16)

    assert first.endswith("\n~~~")
    assert reopened == "~~~sh\n"
    assert rest.startswith("echo hello\n")
    assert split_first("``` not code", 80, UTF_16)[1:] == ("```\n", "")


@given(st.text(alphabet="ae\u0301\u0323\u200d👩🏽\ud83d\ude00", max_size=20), st.integers(0, 20))
def test_a_boundary_never_lies_beyond_the_wanted_end(text: str, end: int) -> None:
    end = min(end, len(text))

    assert 0 <= find_boundary(text, end) <= end


@pytest.mark.parametrize(
    "filler", ["x", " ", "\n", "`", "```\n", "a b\n", "é", "漢", "😀", "~~~\n"]
)
def test_splits_a_megabyte(filler: str) -> None:
    text = "```py\n" + filler * (1_000_000 // len(filler))

    assert all(len(piece) <= 2000 for piece in split(text, 2000))


@given(ANSWERS)
def test_closing_a_fence_adds_at_most_one_and_only_once(text: str) -> None:
    closed = close_fence(text)

    assert re.fullmatch(r"(\n?`{3,})?", closed.removeprefix(text))
    assert close_fence(closed) == closed


@pytest.mark.parametrize(
    ("partial", "shown"),
    [
        ("plain", "plain"),
        ("```py\nprint(1)", "```py\nprint(1)\n```"),
        ("```py\nprint(1)\n", "```py\nprint(1)\n```"),
        ("a ```b``` c", "a ```b``` c"),
    ],
)
def test_a_text_being_streamed_is_shown_with_its_fence_closed(partial: str, shown: str) -> None:
    assert close_fence(partial) == shown


@pytest.mark.parametrize("ping", MASS_PINGS + PINGS)
def test_a_mention_can_ping_nobody_and_reads_the_same(ping: str) -> None:
    harmless = defuse(f"so {ping}, look")

    assert ping not in harmless
    assert harmless.replace("\u200b", "") == f"so {ping}, look"


@given(
    st.lists(st.sampled_from(["<", "@", "!", "&", "here", "everyone", "channel", "U1", ">"])).map(
        "".join
    )
)
def test_defusing_leaves_nothing_to_defuse(text: str) -> None:
    harmless = defuse(text)

    assert defuse(harmless) == harmless
    assert harmless.replace("\u200b", "") == text
    assert not re.search(r"@here|@everyone|@channel|<@[!&]?U1|<!here\b", harmless)


REMOVED = ("\u202e", "\u2066\u2069", "\x07", "\x1b", "\x9f")


def streamed(pieces: list[str]) -> str:
    """What is shown of a text that comes in these pieces."""
    shown, held = "", ""
    for piece in pieces:
        safe, held = take_stable(held + piece)
        shown += safe
    return shown + defuse(clean(held))


@pytest.mark.parametrize("ping", MASS_PINGS + PINGS)
@pytest.mark.parametrize("removed", REMOVED)
def test_a_mention_with_what_is_removed_between_its_letters_pings_nobody_in_any_pieces(
    ping: str, removed: str
) -> None:
    spelled = (removed * 12).join(ping)

    for cut in range(len(spelled)):
        shown = streamed([f"so {spelled[:cut]}", spelled[cut:], " look"])
        assert ping not in shown
        assert shown.replace("\u200b", "") == f"so {ping} look"


@given(
    st.lists(st.sampled_from(["<", "@", "!here", "every", "one", "\u202e" * 11, "\r", "\n", "é"]))
)
def test_a_text_in_pieces_is_shown_as_the_whole_is(pieces: list[str]) -> None:
    assert streamed(pieces) == defuse(clean("".join(pieces)))


@pytest.mark.parametrize("text", ["bob@example.com", "a @ b", "<#C1>", "<!DOCTYPE html>", "x < y"])
def test_what_pings_nobody_stays_as_it_is(text: str) -> None:
    assert defuse(text) == text


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\ud800b", "a\ufffdb"),
        ("a\ud83d\ude00b", "a😀b"),
        ("a\0b", "a\ufffdb"),
        ("a\x07\x1b[0mb", "a[0mb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u2028b\x85c", "a\nb\nc"),
        ("\tcode\n", "\tcode\n"),
        ("admin\u202egpj.exe\u2066", "admingpj.exe"),
        ("שלום e\u0301 👩\u200d💻", "שלום e\u0301 👩\u200d💻"),
    ],
)
def test_cleans_what_comes_in(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "P", "Cc", "Cf", "Cs"])))
def test_a_cleaned_text_is_clean_and_can_be_stored(text: str) -> None:
    cleaned = clean(text)

    assert clean(cleaned) == cleaned
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned


@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "P", "S", "Cc", "Cf"])))
def test_cleaning_changes_no_letter(text: str) -> None:
    def letters(any_text: str) -> list[str]:
        return [letter for letter in any_text if unicodedata.category(letter)[0] in "LMN"]

    assert letters(clean(text)) == letters(text)


def test_no_sign_that_may_be_seen_is_removed() -> None:
    printable = "".join(filter(str.isprintable, map(chr, range(sys.maxunicode + 1))))

    assert clean(printable) == printable
    assert clean(f"{printable}\n") == f"{printable}\n"  # the long way says the same
