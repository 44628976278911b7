"""Markdown on the page: what it shows, and that nothing of it becomes more than that."""

import time
import tracemalloc

import pytest
from doubles.markdown_injections import INJECTIONS
from doubles.markup_injections import INJECTIONS as MARKUP
from doubles.page_shape import Shape
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.markdown import LONGEST, NESTING, to_html
from adapters.web.rendering import codes, markdown
from bot.text.sanitize import clean, show_hidden

REL = {"rel": "noopener noreferrer nofollow", "target": "_blank"}
BARE = (
    *("p", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "table", "thead", "tbody"),
    *("tr", "th", "td", "em", "strong", "s", "br", "hr", "pre", "code"),
)
ALLOWED: dict[str, set[str]] = {tag: set() for tag in BARE} | {
    "p": {"class"},
    "ol": {"start"},
    "th": {"class"},
    "td": {"class"},
    "span": {"class"},
    "a": {"href", "rel", "target"},
    "div": {"class", "tabindex", "role", "aria-label"},
}
SIGNS = "[]()<>!*_~`#|\\&;:/\"'=-+.>\n\t 1ax\u202e\U000e0041"
PIECES = (
    *("[", "](", ")", "![", "<", ">", "`", "```", "*", "**", "_", "~~", "|", "\n|-|\n", "\n> "),
    *("\n- ", "\n1. ", "\n# ", "    ", "&lt;", "&#58;", "&Tab;", "\\", '"', "'", "javascript:"),
    *("https://a.example/", "data:", "onerror=", "<script>", "</pre>", "<!--", "-->", "\n[x]: "),
)
MANY = st.lists(st.sampled_from(PIECES) | st.text(SIGNS, max_size=5), max_size=40).map("".join)


def check(html: str) -> Shape:
    """Only the elements and attributes that Markdown may come to, closed as they were opened."""
    shape = Shape(html)
    for tag, attributes in shape.elements:
        assert set(attributes) <= ALLOWED[tag], (tag, attributes)
        assert attributes.get("class") in (None, "wide", "number", "language", "soft", "said")
        if tag == "a":
            href = attributes["href"] or ""
            assert href.lower().startswith(("https://", "http://")), href
            assert attributes == REL | {"href": href}
    assert html.count("<") == len(shape.elements) + html.count("</")
    assert shape.text == clean(show_hidden(shape.text))
    return shape


def test_there_are_a_hundred_of_them() -> None:
    assert len({*INJECTIONS}) > 100


@pytest.mark.parametrize("text", [*INJECTIONS, *MARKUP])
def test_nothing_gets_out_of_it(text: str) -> None:
    for around in ("@", "> @", "- @", "*@*", "[@](https://a.example)", "|@|\n|-|\n|@|"):
        check(to_html(around.replace("@", text)))


@pytest.mark.parametrize("text", [one for one in INJECTIONS if "javascript" in one.lower()])
def test_what_would_run_is_shown_and_never_a_link(text: str) -> None:
    links = Shape(to_html(text)).all("a")

    assert not any(
        (link["href"] or "").lower().startswith(("java", "data", "vb")) for link in links
    )


@given(st.text() | st.text(SIGNS) | MANY)
def test_whatever_the_text_only_these_elements_come_out(text: str) -> None:
    check(to_html(text))


@given(st.text("abc äöü漢字😀.,\n", max_size=200))
def test_no_letter_is_lost(text: str) -> None:
    assert Shape(to_html(text)).text.split() == clean(text).split()


def test_what_markdown_means_is_shown() -> None:
    shape = check(
        to_html("# A\n\nb *c* **d** ~~e~~ ~f~ `g`\nh\n\n> i\n\n- j\n  1. k\n\n3. l\n\n***")
    )

    assert [tag for tag, _ in shape.elements] == [
        *("h3", "p", "em", "strong", "s", "s", "code", "br", "blockquote", "p"),
        *("ul", "li", "ol", "li", "ol", "li", "hr"),
    ]
    assert shape.all("ol") == [{}, {"start": "3"}]


def test_tables_have_their_cells_and_numbers_stand_right() -> None:
    shape = check(to_html("| a | b |\n|---|--:|\n| 1 | 2 |"))

    assert shape.all("th") == [{}, {"class": "number"}]
    assert shape.all("td") == [{}, {"class": "number"}]
    assert shape.all("div") == [
        {"class": "wide", "tabindex": "0", "role": "region", "aria-label": "Table"}
    ]


def test_code_is_shown_with_its_language() -> None:
    html = to_html("```python\nif a < b:\n    *c*\n```\n\n    indented <b>")

    assert '<pre><span class="language">python</span><code>if a &lt; b:\n    *c*\n</code>' in html
    assert "<pre><code>indented &lt;b&gt;" in html


@pytest.mark.parametrize(
    ("text", "leads", "says"),
    [
        ("[docs](https://a.example/x)", "https://a.example/x", "docs"),
        ("![a picture](https://a.example/x.png 'title')", "https://a.example/x.png", "a picture"),
        ("<https://a.example>", "https://a.example", "https://a.example"),
        ("see https://a.example/x_y_z.", "https://a.example/x_y_z", "see https://a.example/x_y_z."),
        ("(https://a.example/b)", "https://a.example/b", "(https://a.example/b)"),
        ("https://a.example/b_(c)", "https://a.example/b_(c)", "https://a.example/b_(c)"),
        ("HTTP://a.example", "HTTP://a.example", "HTTP://a.example"),
    ],
)
def test_addresses_are_links(text: str, leads: str, says: str) -> None:
    shape = check(to_html(text))

    assert [link["href"] for link in shape.all("a")] == [leads]
    assert shape.text.strip() == says


def test_no_link_within_a_link() -> None:
    html = to_html("[https://a.example ![x](https://b.example)](https://c.example)")

    depth = 0
    for part in html.split("<")[1:]:
        depth += part.startswith("a ") - part.startswith("/a>")
        assert depth in (0, 1)


def test_definitions_of_links_are_shown_not_hidden() -> None:
    assert "do as I say" in check(to_html("hello\n\n[x]: https://a.example 'do as I say'")).text


def test_what_is_too_deep_is_shown_whole_as_it_was_written() -> None:
    text = ">" * 10_000 + " the end"

    assert check(to_html(text)).text == text
    assert check(to_html(">" * (NESTING - 1) + " the end")).text.strip() == "the end"


@pytest.mark.parametrize(
    "text",
    [
        *(
            one * (LONGEST // len(one))
            for one in ("*a **a_ ", "[", "![", "a\n\n", "~", "`a", "<a:")
        ),
        *(one * (LONGEST // len(one)) for one in ("[a](b", "- a\n", "1. a\n2) b\n", "[a][", "&a;")),
        "|a" * 3_000 + "\n" + "|-" * 3_000 + "\n" + "|a\n" * 1_000,
        "[" * 5_000 + "](https://a)" * 1_200,
        "![" * 4_000 + "](https://a)" * 900,
        "\n".join("  " * depth + "- a" for depth in range(130)),
        " ".join("`" * length for length in range(190)),
        "<b>*x* [y](z)" * 80_000,
        "a\n\n> " * 200_000,
    ],
    ids=lambda text: repr(text[:9]),
)
def test_hostile_texts_cost_little_time_and_memory(text: str) -> None:
    began = time.process_time()
    html = to_html(text)
    took = time.process_time() - began
    tracemalloc.start()
    try:
        to_html(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert took < 2  # a twentieth of it, on a machine that has nothing else to do
    assert most < 40_000_000
    assert len(html) < 16 * len(text)


def test_a_long_text_is_cut_in_a_list_and_says_so() -> None:
    short = markdown("*x* " * 1_000)

    assert short.endswith('<p class="soft"> […2,000 characters more]</p>')
    assert short.count("<em>") == 500
    assert markdown("*x* " * 1_000, None).count("<em>") == 1_000
    check(short)


def test_what_stands_between_backticks_is_code_and_nothing_else_is() -> None:
    assert codes("`nellie run` & <b>`<i>`") == (
        "<code>nellie run</code> &amp; &lt;b&gt;<code>&lt;i&gt;</code>"
    )
