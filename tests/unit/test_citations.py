"""Marks of passages in an answer: each becomes its file with a link, or is taken out."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.citations import Citations, break_up_citations, format_citation

LINK = "https://team.example/archives/C1/p17"
CITED = [format_citation("contract.pdf", "p. 4", LINK), format_citation("prices.xlsx", "", LINK)]
ONE, TWO = CITED


def cited(text: str, sizes: list[int] | None = None, given: list[str] = CITED) -> str:
    """What is shown of a text that comes in pieces of these sizes."""
    citations, shown, place = Citations(given), "", 0
    for size in sizes or [len(text)]:
        shown += citations.feed(text[place : place + size])
        place += size
    return shown + citations.feed(text[place:]) + citations.finish()


def test_a_mark_becomes_the_file_and_page_with_a_link() -> None:
    assert cited("Thirty days [doc 1].") == f"Thirty days [contract.pdf, p. 4]({LINK})."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a [Doc 1]", f"a {ONE}"),
        ("a [DOC 1].", f"a {ONE}."),
        ("a[doc1]", f"a{ONE}"),
        ("a [doc 1, doc 2]", f"a {ONE}, {TWO}"),
        ("a [doc 1, 2]", f"a {ONE}, {TWO}"),
        ("a [docs 1 and 2]", f"a {ONE}, {TWO}"),
        ("a [doc 1; doc 2; doc 1]", f"a {ONE}, {TWO}"),
        ("a [doc 1-2]", f"a {ONE}, {TWO}"),
        ("a [doc 1][doc 2]", f"a {ONE} {TWO}"),
        ("a [doc 1] [doc 2]", f"a {ONE} {TWO}"),
        ("a 【doc 1】", f"a {ONE}"),
        ("a [doc 1, p. 4]", f"a {ONE}"),
        ("a [doc 1, p. 4; doc 2, p. 1]", f"a {ONE}, {TWO}"),
        ("a [doc 1: contract.pdf]", f"a {ONE}"),
        ("a [doc 1 und doc 2]", f"a {ONE}, {TWO}"),
        ("**[doc 1]**", f"**{ONE}**"),
        ("a [doc ١]", f"a {ONE}"),
    ],
)
def test_marks_are_known_however_they_are_written(written: str, shown: str) -> None:
    assert cited(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It is so [doc 3].", "It is so."),
        ("It is so [doc 0].", "It is so."),
        ("It is so [doc 9999].", "It is so."),
        ("It is so [doc 1, doc 7].", f"It is so {ONE}."),
        ("It is so [doc 8][doc 9], yes", "It is so, yes"),
        ("[doc 7] It is so", "It is so"),
        ("[doc 7] [doc 1] It is so", f"{ONE} It is so"),
        ("one\n[doc 7] two", "one\ntwo"),
        ("- [doc 7] two", "- two"),
        ("It is [doc 7] so", "It is so"),
        ("[doc 7]", ""),
    ],
)
def test_a_number_that_was_not_given_is_taken_out_with_the_space_before_it(
    written: str, shown: str
) -> None:
    assert cited(written) == shown


def test_where_nothing_was_given_every_mark_is_taken_out() -> None:
    assert cited("so it is [doc 1].", given=[]) == "so it is."


@pytest.mark.parametrize(
    "written",
    [
        "use `[doc 1]` here",
        "use ``a ` [doc 1]`` here",
        "```\n[doc 1]\n```\nend",
        "````md\n```\n[doc 1]\n```\n[doc 2]\n````",
        "~~~\n[doc 1]\n~~~",
        "and:\n  ~~~py\n[doc 1]",
        "a `code\n[doc 1]` there",
        "[document 1] and [docs] and [doc] and [doc x] and [doc 1 of three]",
        "[doc 1\n]",
        "a [link](https://team.example) and [text]",
    ],
)
def test_code_and_what_is_no_mark_stay_as_they_are(written: str) -> None:
    assert cited(written) == written


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("the ` key [doc 1]", f"the ` key {ONE}"),
        ("the ` key [doc 1]\n\nand ` again", f"the ` key {ONE}\n\nand ` again"),
        ("\\`not code [doc 1]\\`", f"\\`not code {ONE}\\`"),
        ("`a` [doc 1] `b`", f"`a` {ONE} `b`"),
        ("```\nx\n``` [doc 1]", f"```\nx\n``` {ONE}"),
        ("x ~~~ [doc 1]", f"x ~~~ {ONE}"),
    ],
)
def test_a_mark_beside_code_is_one(written: str, shown: str) -> None:
    assert cited(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("pay [doc 1](http://evil.example/(x)) now", f"pay {ONE} now"),
        ("pay [doc 1](see below) now", f"pay {ONE}(see below) now"),
        ("look![doc 1]", f"look! {ONE}"),
        ("look!\\[doc 1]", f"look! {ONE}"),
    ],
)
def test_a_mark_is_neither_the_text_of_another_link_nor_a_picture(written: str, shown: str) -> None:
    assert cited(written) == shown


@pytest.mark.parametrize("cut", ["[", "[d", "[do", "[doc", "[doc ", "[doc 1", "[doc 1, doc"])
def test_nothing_is_left_of_a_mark_that_was_cut_off(cut: str) -> None:
    assert cited(f"Thirty days {cut}") == ("Thirty days [" if cut == "[" else "Thirty days")


def test_what_was_given_and_what_was_not_is_counted() -> None:
    citations = Citations(CITED)

    citations.feed("a [doc 1, doc 2, doc 5] [doc 1] `[doc 1]` [doc 6]")
    citations.finish()

    assert (citations.given, citations.not_given) == (3, 2)


PIECES = st.sampled_from(
    [
        "[doc 1]", "[doc 2, doc 7]", "[doc 9]", " ", "  ", "\n", "\n\n", "`", "``", "```", "~~~",
        "word ", "[", "]", "(", ")", "(http://x.example/a)", "!", "\\", "[doc", "1]", "【doc 2】",
        "[doc 1](", "\t", "- ", "\xa0", "[doc 1, p. 4", "a", "d", "公",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40), st.lists(st.integers(1, 7), max_size=60))
def test_however_a_text_is_cut_into_pieces_it_is_shown_the_same(
    pieces: list[str], sizes: list[int]
) -> None:
    text = "".join(pieces)

    assert cited(text, sizes) == cited(text)


@given(st.lists(PIECES, max_size=40))
def test_nothing_is_lost_where_there_is_no_mark(pieces: list[str]) -> None:
    text = "".join(pieces).replace("doc", "dog")

    assert cited(text) == text or text.endswith(("[d", "[do"))


def test_text_without_marks_does_not_wait() -> None:
    citations = Citations(CITED)

    shown = citations.feed("The notice is thirty days, and [the price](https://x.example) is 3")

    assert shown == "The notice is thirty days, and [the price](https://x.example) is 3"


@pytest.mark.parametrize(
    "hostile",
    [
        " " * 100_000,
        "`" * 100_001 + "x",
        "[" * 100_000,
        "[doc 1" * 20_000,
        "[doc 1](" + "(" * 50_000,
        "[doc 1" + ", 1" * 30_000 + "]",
        "` " * 40_000,
        "\n~" * 50_000,
        "[doc 1" + " doc 1" * 30_000,
        "`x\n" * 30_000,
    ],
)
def test_no_text_makes_it_slow(hostile: str) -> None:
    began = time.process_time()

    cited(hostile, [11] * (len(hostile) // 11))

    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("report [final].pdf", "report (final).pdf"),
        ("a](http://evil.example) b.pdf", "a)(evil.example) b.pdf"),
        ("a|b||c.pdf", "a¦b¦¦c.pdf"),
        ("`x`.pdf", "'x'.pdf"),
        ("<!channel> <@U2>.pdf", "‹!channel› ‹@U2›.pdf"),
        ("https://evil.example/login", "evil.example/login"),
        ("my_file_v2.pdf", "my_file_v2.pdf"),
        ("__init__.py", r"\_\_init\_\_.py"),
        ("*bold*~~gone~~.pdf", r"\*bold\*\~\~gone\~\~.pdf"),
        ("a\nb\r\n\u202ec\0.pdf", "a b c\ufffd.pdf"),
        ("Übersicht 報告 עברית تقرير отчёт.pdf", "Übersicht 報告 עברית تقرير отчёт.pdf"),
        ("", "a file"),
        ("x" * 300, "x" * 79 + "…"),
        ("back\\slash\\", "back/slash/"),
    ],
)
def test_no_name_breaks_out_of_its_link(name: str, label: str) -> None:
    assert format_citation(name, "", LINK) == f"[{label}]({LINK})"


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://a.example/b?c=d&e=%20#f", "https://a.example/b?c=d&e=%20#f"),
        ("https://a.example/)![x](http://evil.example", "https://a.example/%29!%5Bx%5D%28http://evil.example"),
        ("https://a.example/<@U1>|`x`\"'", "https://a.example/%3C%40U1%3E%7C%60x%60%22%27"),
        ("https://a.example/a b\nc", "https://a.example/a%20b%0Ac"),
        ("https://a.example/報告", "https://a.example/%E5%A0%B1%E5%91%8A"),
    ],
)  # fmt: skip
def test_no_sign_of_a_link_ends_it(link: str, shown: str) -> None:
    assert format_citation("a.pdf", "p. 1", link) == f"[a.pdf, p. 1]({shown})"


@pytest.mark.parametrize(
    "link",
    ["", "javascript:alert(1)", "file:///etc/passwd", "/srv/a.pdf", "https://", "http://[", "x" * 9,
     "https://a.example/" + "x" * 3_000],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_no_link(link: str) -> None:
    assert format_citation("a.pdf", "p. 1", link) == "(a.pdf, p. 1)"


def test_what_people_write_is_no_mark() -> None:
    written = "as [doc 1] says, [Docs 2, 3] and 【doc 4】; not [docker 1] or doc 1"

    broken_up = break_up_citations(written)

    assert cited(broken_up) == broken_up
    assert broken_up.replace("\u200b", "") == written
    assert broken_up.count("\u200b") == 3
