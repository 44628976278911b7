"""The main text of web pages, also of those that mean harm."""

import pytest

from bot.text.main_text import LONGEST, read_main_text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>The crane</p><p>is red.</p>", "The crane\nis red."),
        ("<nav>Menu</nav><p>The crane</p><footer>(c)</footer>", "The crane"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("a<script>b</script>c<style>d</style>e", "ace"),
        ("<p hidden>no</p><p style='display:none'>no</p><p>yes</p>", "yes"),
        ("&lt;b&gt; &amp; &#65;", "<b> & A"),
        ("2 < 3 and 4 > 1", "2 < 3 and 4 > 1"),
        ("a<!-- b <p> -->c", "ac"),
        ("a<!-- b", "a"),
        ('<a title="x > y">link</a>', "link"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
    ],
)
def test_what_people_see_is_read(page: str, text: str) -> None:
    assert read_main_text(page).text == text


def test_the_middle_of_a_page_is_enough_where_it_is_long() -> None:
    page = f"<title>Cranes &amp; more</title><div>Buy now!</div><main>{'red ' * 100}</main>"

    title, text = read_main_text(page)

    assert title == "Cranes & more"
    assert "Buy now" not in text
    assert "Buy now" in read_main_text(page.replace("red " * 100, "red")).text


@pytest.mark.parametrize(
    "piece", ["<!--", "<", "</", "<a", '<a "', "<a '", "<script>", "<svg><", "<p style='", "&#"]
)
def test_a_page_of_beginnings_takes_no_longer_than_its_length(piece: str) -> None:
    read_main_text((piece * LONGEST)[:LONGEST])
